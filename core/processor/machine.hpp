// SPDX-License-Identifier: Apache-2.0
// What commands work on: parameters, the component that is selected, the stack of command sequences. The processor
// drives it; the files of command families change it; the table says which commands there are.
#pragma once

#include <array>

#include "core/processor/seams.hpp"
#include "core/suit/authentication.hpp"

namespace tailor::processor {

/// What a command says about itself.
enum class Step : uint8_t {
  kNext,     ///< done, for the present component
  kWait,     ///< not yet; the same command is run again
  kFails,    ///< a condition that does not hold
  kEntered,  ///< a sequence was put on the stack
};

/// Components that commands apply to (manifest 6.5): one, or those of an encoded list or `true`.
struct Selection {
  static constexpr uint8_t kNone = 0xFF;
  const uint8_t* list = nullptr;  ///< encoded argument of set-component-index; null: one component
  uint8_t index = kNone;          ///< without a list
};

/// A command sequence that is being run.
struct Frame {
  ByteView rest;          ///< from the present command on
  size_t items_left = 0;  ///< labels and arguments
  Selection outer;        ///< what was selected where the sequence was entered
  uint8_t iteration = 0;  ///< of the present command over the selected components
  uint8_t branch = 0;     ///< of the present command, if it is a try-each
  bool soft_failure = false;
};

class Machine {
 public:
  explicit Machine(const Seams& seams) noexcept : seams_(seams) {}

  /// Forgets everything and takes up a manifest.
  void reset(const suit::AuthenticManifest& manifest) noexcept;

  [[nodiscard]] const Seams& seams() const noexcept { return seams_; }
  [[nodiscard]] const suit::Manifest& manifest() const noexcept { return manifest_->manifest(); }

  // --- components ---
  /// Finds all components of the manifest on the platform.
  [[nodiscard]] Status find_components() noexcept;
  /// The component that the present command is run for.
  [[nodiscard]] Component& component() noexcept { return *components_[current_]; }
  [[nodiscard]] uint8_t current() const noexcept { return current_; }
  /// @returns kComponentIndexInvalid
  [[nodiscard]] Result<Component*> component_at(uint64_t index) noexcept;
  /// kOk when one of the manifest's signers may write the present component.
  [[nodiscard]] Status check_may_write() const noexcept;

  void select(const Selection& selection) noexcept { selection_ = selection; }
  [[nodiscard]] const Selection& selection() const noexcept { return selection_; }
  /// Makes the nth selected component the present one.
  /// @returns false when there are no more; kComponentIndexInvalid when none is selected
  [[nodiscard]] Result<bool> take_selected(size_t nth) noexcept;

  // --- parameters of the present component ---
  /// Keeps a parameter's value, which the reader stands at.
  /// @returns kParameterUnsupported, kCborWrongType, kValueOutOfRange
  [[nodiscard]] Status set_parameter(int64_t label, cbor::Reader& reader) noexcept;
  /// A reader that stands at the value, or at_end() when it is not set.
  [[nodiscard]] cbor::Reader parameter(int64_t label) const noexcept;
  /// Content of a byte string or text parameter; empty when it is not set.
  [[nodiscard]] ByteView string_parameter(int64_t label) const noexcept;

  // --- sequences ---
  /// Puts a sequence on the stack.
  /// @returns kCborTooDeep beyond limits::kSequenceDepth; kValueOutOfRange for an odd number of items
  [[nodiscard]] Status enter(ByteView sequence, bool soft_failure) noexcept;
  void leave() noexcept { --depth_; }
  [[nodiscard]] size_t depth() const noexcept { return depth_; }
  /// @pre depth() > 0
  [[nodiscard]] Frame& frame() noexcept { return frames_[depth_ - 1]; }
  [[nodiscard]] const Frame& outermost() const noexcept { return frames_[0]; }

  // --- content that a directive is writing ---
  /// Asks for the right, opens the present component unless that was done, and checks the size that is told.
  [[nodiscard]] Status open_content() noexcept;
  [[nodiscard]] uint32_t content_offset() const noexcept { return offset_; }
  [[nodiscard]] bool content_is_complete() const noexcept { return offset_ == expected_size_; }
  /// @returns kImageSizeMismatch beyond parameter image-size
  [[nodiscard]] Status append_content(ByteView bytes) noexcept;
  /// @returns kImageSizeMismatch short of parameter image-size
  [[nodiscard]] Status finish_content() noexcept;

  std::string_view awaited_uri;  ///< what a fetch waits for

 private:
  static constexpr size_t kParameterCount = 10;

  Seams seams_;
  const suit::AuthenticManifest* manifest_ = nullptr;
  std::array<Component*, limits::kComponents> components_{};
  /// Where values are, from the manifest's first byte; 0 for none. Pointers would take twice the room.
  std::array<std::array<uint16_t, kParameterCount>, limits::kComponents> parameters_{};
  std::array<Frame, limits::kSequenceDepth + 1> frames_{};
  Selection selection_;
  size_t depth_ = 0;
  uint32_t offset_ = 0;
  uint32_t expected_size_ = Expectation::kUnknownSize;
  uint8_t current_ = 0;
  bool open_ = false;
};

/// One row of a command table.
struct Command {
  using Function = Result<Step> (*)(Machine&, cbor::Reader& argument);
  enum Flags : uint8_t {
    kNone = 0,
    kHasPolicy = 1,   ///< the argument is a reporting policy
    kInShared = 2,    ///< allowed in the shared sequence
    kOncePerRun = 4,  ///< not repeated for each selected component
  };
  uint8_t label;
  uint8_t flags;
  Error failure;  ///< what it means when the condition does not hold
  Function run;
};
using CommandTable = std::span<const Command>;

/// Everything that updates need.
extern const CommandTable kUpdateCommands;
/// What a bootloader needs to check and start an installed image: nothing in it writes.
extern const CommandTable kBootCommands;

}  // namespace tailor::processor
