// SPDX-License-Identifier: Apache-2.0
// Brings the image of slot B to slot A, where it runs: copies it, or exchanges the two. The boot program's, and only in
// builds with such an install mode. Each step is written down before the next one touches anything, so that a cut
// anywhere repeats one step. Knows no manifest.
#pragma once

#include "device/boot/journal.hpp"
#include "device/boot/layout.hpp"

namespace tailor::boot {

class Mover {
 public:
  Mover(const Layout& layout, Journal& journal) noexcept : layout_(layout), journal_(journal) {}

  /// Starts the move that the layout's mode asks for.
  /// @pre   no move is under way, and the image in slot B is the one that shall run
  /// @returns a flash error with state.move == kNone: nothing was touched; otherwise as finish()
  [[nodiscard]] Status start(State& state) const noexcept;

  /// Does the steps that are left of state.move, and makes the state what it is for afterwards:
  /// a swap changes the active slot; a copy makes slot A the active one, and confirms an image that was to be
  /// installed. Where a sector takes nothing any more, the image that is to run is looked after first: a swap to
  /// install is undone and ends as an update that was reverted, as does a copy that had not begun; a swap back gives up
  /// the refused image; a copy whose image is there leaves the envelope where it is.
  /// @returns a flash error: nothing may be started before finish() succeeds at a later boot; kRecordMalformed for a
  ///          move that the layout does not allow
  /// @cost    one journal record and one erase a step; two steps for each sector of the longer image to swap, one to
  /// copy
  [[nodiscard]] Status finish(State& state) const noexcept;

 private:
  /// Erase `to`, and copy that many bytes to it. Nothing that a step needs is in `to`, however often it is done.
  struct Step {
    FlashRegion to;
    FlashRegion from;
    uint32_t bytes;
  };
  [[nodiscard]] uint32_t image_sectors(const State& state) const noexcept;
  [[nodiscard]] uint32_t steps(const State& state) const noexcept;
  [[nodiscard]] Step step(const State& state) const noexcept;
  [[nodiscard]] Status give_up(State& state, Error reason) const noexcept;
  [[nodiscard]] Status walk(State& state) const noexcept;

  const Layout& layout_;
  Journal& journal_;
};

}  // namespace tailor::boot
