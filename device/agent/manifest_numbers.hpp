// SPDX-License-Identifier: Apache-2.0
// The sequence numbers of manifests by the place where they are kept: a root's manifest component id, the component of
// a dependency. They rise when the update that brought them is confirmed, never before. Knows no manifest.
#pragma once

#include <array>

#include "core/base/fixed_list.hpp"
#include "device/agent/records.hpp"
#include "device/boot/stored_envelope.hpp"

namespace tailor::agent {

class ManifestNumbers {
 public:
  explicit ManifestNumbers(storage::RecordStore& store) noexcept : store_(store) {}

  /// The highest number that was confirmed at this place; 0 when none was.
  /// @param id  encoded component identifier
  [[nodiscard]] Result<uint64_t> confirmed(ByteView id) const noexcept;

  /// An update begins: what an earlier one has staged is forgotten.
  [[nodiscard]] Status begin() noexcept;
  /// Notes the number of a manifest that was put in place. Noting it twice has no further effect.
  /// @returns kStorageFull: there is no room to confirm it; flash errors
  [[nodiscard]] Status stage(ByteView id, uint64_t number) noexcept;
  /// Lets the numbers rise to what was staged, all at once. Doing it twice has no further effect.
  [[nodiscard]] Status confirm() noexcept;

 private:
  using List = FixedList<boot::Counter, limits::kComponents>;
  [[nodiscard]] Result<List> load(storage::RecordId id) const noexcept;
  [[nodiscard]] static Status raise(List& list, const boot::Counter& counter) noexcept;
  /// The list as it is after what was staged has been confirmed.
  [[nodiscard]] Result<List> merged(const List& staged) const noexcept;

  static constexpr size_t kRecordBytes = 4 + 16 * limits::kComponents;
  using Bytes = std::array<uint8_t, kRecordBytes>;
  [[nodiscard]] static ByteView encode(const List& list, Bytes& bytes) noexcept;

  storage::RecordStore& store_;
};

}  // namespace tailor::agent
