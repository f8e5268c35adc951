// SPDX-License-Identifier: Apache-2.0
// What commands work on: the components of all manifests of a tree, their parameters, what is selected, the stack of
// command sequences. The processor drives it; the files of command families change it; the table says which commands
// there are.
#pragma once

#include <array>
#include <utility>

#include "core/processor/layer.hpp"
#include "core/processor/options.hpp"
#include "core/processor/parameter_rows.hpp"
#include "core/processor/seams.hpp"

namespace tailor::suit {
class PayloadDecryptor;
}

namespace tailor::processor {

/// What a command says about itself: an error, or one of four. One number, so that it passes through in a register.
class Step {
 public:
  enum Kind : uint8_t {
    kNext = 0,       ///< done, for the present component
    kFails = 252,    ///< a condition that does not hold
    kWait = 253,     ///< not yet; the same command is run again
    kEntered = 254,  ///< a sequence was put on the stack; when it ends, the command is run again in its next phase
  };
  constexpr Step(Kind kind) noexcept : code_(kind) {}                            // NOLINT(google-explicit-constructor)
  constexpr Step(Error error) noexcept : code_(static_cast<unsigned>(error)) {}  // NOLINT(google-explicit-constructor)
  constexpr Step(Status status) noexcept : code_(0) {                            // NOLINT(google-explicit-constructor)
    if (!status.ok()) code_ = static_cast<unsigned>(status.error());
  }

  [[nodiscard]] constexpr bool is(Kind kind) const noexcept { return code_ == kind; }
  [[nodiscard]] constexpr bool is_error() const noexcept { return code_ != kNext && code_ < kFails; }
  /// @pre is_error()
  [[nodiscard]] constexpr Error error() const noexcept { return static_cast<Error>(code_); }

 private:
  unsigned code_;
};

/// A condition's answer.
[[nodiscard]] constexpr Step holds(bool condition) noexcept {
  return condition ? Step::kNext : Step::kFails;
}

/// A command sequence that is being run.
struct Frame {
  Offset rest;              ///< the present command, in the region of the layer
  uint16_t items_left;      ///< labels and arguments
  uint16_t selects_at;      ///< not 0: isolated; a component may be selected while that many items are left
  Selection outer;          ///< what was selected where the sequence was entered
  uint8_t iteration;        ///< of the present command over the selected components
  uint8_t phase;            ///< of the present command: how many sequences it has entered
  uint8_t layer : 4;        ///< whose manifest it stands in
  bool soft_failure : 1;    ///< of this sequence
  bool entered_failed : 1;  ///< the sequence that the present command entered ended with a condition that failed
  bool
      entered_for_one : 1;  ///< one component was selected then: what the sequence selected does not repeat the command
};

/// One row of a command table.
struct Command {
  using Function = Step (*)(Machine&, cbor::Reader& argument);
  /// What the argument has to be.
  enum class Argument : uint8_t { kPolicy, kIndex, kParameters, kSequences, kSequence, kMultiple, kCopies };
  enum Flags : uint8_t {
    kNone = 0,
    kInShared = 1,    ///< allowed in the shared sequence
    kOncePerRun = 2,  ///< not repeated for each selected component
  };
  uint8_t label;
  uint8_t flags;
  Argument argument;
  Error failure;  ///< what it means when the condition does not hold
  Function run;
};

/// What a build can do.
struct CommandTable {
  std::span<const Command> rows;
  std::span<const int8_t> sections;  ///< command sequences that may run, by manifest_key

  /// @returns null when it is not there
  [[nodiscard]] const Command* find(int64_t label) const noexcept;
  /// Whether a command sequence may run, by its manifest_key.
  [[nodiscard]] bool runs(int32_t section) const noexcept;
};

/// Everything that updates need.
extern const CommandTable kUpdateCommands;
/// What a bootloader needs to check and start an installed image: nothing in it writes.
extern const CommandTable kBootCommands;
#if TAILOR_SUIT_DEPENDENCIES
/// The same for images whose manifest has dependencies.
extern const CommandTable kBootDependencyCommands;
#endif
/// Whether this build knows a parameter of a component.
[[nodiscard]] bool supports_parameter(int64_t label) noexcept;

/// What a condition found: the value that its parameter would have had to have, encoded.
struct Measurement {
  int8_t parameter = 0;  ///< suit::parameter; 0: nothing
  uint8_t size = 0;
  std::array<uint8_t, crypto::kMaxHashBytes + 2 * cbor::kMaxHeadBytes> value;
};

class Machine {
 public:
  Machine(const Seams& seams, const CommandTable& commands) noexcept : seams_(seams), commands_(commands) {}

  /// Forgets everything and takes up a manifest: finds its components and compares its sequence number.
  [[nodiscard]] Status reset(const suit::AuthenticManifest& manifest) noexcept;

  [[nodiscard]] const Seams& seams() const noexcept { return seams_; }
  [[nodiscard]] const CommandTable& commands() const noexcept { return commands_; }
  /// @returns null when the device has no such command of its own
  [[nodiscard]] const CustomCommand* find_custom(int32_t label) const noexcept;
  [[nodiscard]] Step run_custom(const CustomCommand& command, cbor::Reader& argument) noexcept;

  // --- layers: the manifest that runs, the root and its dependencies ---
  [[nodiscard]] Layer& layer(size_t number) noexcept;
  [[nodiscard]] const Layer& layer(size_t number) const noexcept;
  [[nodiscard]] uint8_t layer_number() const noexcept { return layer_; }
  [[nodiscard]] Layer& layer() noexcept { return layer(layer_); }
  [[nodiscard]] const Layer& layer() const noexcept { return layer(layer_); }
  [[nodiscard]] const suit::Manifest& manifest() const noexcept { return layer().manifest->manifest(); }
  [[nodiscard]] size_t layer_count() const noexcept;
  /// Makes another layer the one that runs, and says which one did.
  uint8_t swap_layer(uint8_t number) noexcept { return std::exchange(layer_, number); }
  /// Finds or loads the dependency that the present component is, and gives its number.
  /// @returns kDependencyNotListed; - kTooManyDependencies; - kManifestTooLarge: no room to hold it; - what
  ///          EnvelopeReader, reset() and scan() give
  [[nodiscard]] Status load_dependency(uint8_t& number) noexcept;
  /// Forgets what was found out about a dependency, because its component is written.
  void drop_dependency(uint8_t node) noexcept;

  // --- components ---
  /// The component that the present command is run for.
  [[nodiscard]] Component& component() noexcept { return *nodes_[node_].component; }
  [[nodiscard]] ByteView id() const noexcept { return id_of(node_); }
  [[nodiscard]] uint8_t node() const noexcept { return node_; }
  /// Its index in the manifest that runs.
  [[nodiscard]] uint8_t index() const noexcept { return index_; }
  [[nodiscard]] bool is_dependency() const noexcept { return layer().is_dependency(index_); }
  /// Whether the manifest that runs has a component with this index.
  /// @returns kComponentIndexInvalid
  [[nodiscard]] Status check_index(uint64_t index) const noexcept;
  /// Makes a component the present one.
  [[nodiscard]] Status set_current(uint32_t index) noexcept;
  [[nodiscard]] Component& component_of(uint8_t node) noexcept { return *nodes_[node].component; }
  [[nodiscard]] ByteView id_of(uint8_t node) const noexcept { return {nodes_[node].id, id_sizes_[node]}; }

  void select(const Selection& selection) noexcept { selection_ = selection; }
  [[nodiscard]] const Selection& selection() const noexcept { return selection_; }
  /// Makes the nth selected component the present one.
  /// @param there  false when there are no more
  /// @returns kComponentIndexInvalid when none is selected
  [[nodiscard]] Status take_selected(size_t nth, bool& there) noexcept;

  /// kOk when those who signed the manifest that runs may do this to a component.
  [[nodiscard]] Status check_permitted(uint8_t node, Action::Kind kind, int32_t label) const noexcept;
  /// kOk when a component may be changed: by right, and because no manifest outside this tree refers to it.
  [[nodiscard]] Status check_may_change(uint8_t node, int32_t label) noexcept;

  // --- parameters of the present component ---
  /// Keeps a parameter's value, which the reader stands at and which was checked; the failure is the reader's.
  /// @param keep  a value that is there already stays (set-parameters)
  void set_parameter(int32_t label, cbor::Reader& reader, bool keep) noexcept;
  /// Checks a parameter without keeping it: kParameterUnsupported, kCborWrongType, kValueOutOfRange.
  void check_parameter(int32_t label, cbor::Reader& reader) const noexcept;
  [[nodiscard]] bool knows_parameter(int32_t label) const noexcept { return row_of(label) != kNoRow; }
  /// Copies a parameter of another component; unset stays unset.
  [[nodiscard]] Status copy_parameter(int32_t label, uint8_t from_node) noexcept;
  /// The encoded value and what stands behind it; empty when it is not set.
  [[nodiscard]] ByteView parameter(ParameterRow row) const noexcept;
  [[nodiscard]] bool has(ParameterRow row) const noexcept { return !parameter(row).empty(); }
  /// Content of a byte string or text parameter; empty when it is not set.
  [[nodiscard]] ByteView string_parameter(ParameterRow row) const noexcept;
  /// An unsigned parameter.
  /// @returns whether it is set
  [[nodiscard]] bool number_parameter(ParameterRow row, uint64_t& value) const noexcept;
  /// Parameter image-digest.
  /// @returns whether it is set
  [[nodiscard]] bool digest_parameter(suit::Digest& digest) const noexcept;
  /// The component that parameter source-component names.
  /// @returns kParameterMissing; - kComponentIndexInvalid: also when it is the present one
  [[nodiscard]] Status source_parameter(uint8_t& node) const noexcept;

  // --- sequences ---
  /// Puts a sequence of the same manifest on the stack, for the present component.
  /// @returns kCborTooDeep
  [[nodiscard]] Status enter(ByteView sequence, bool soft_failure) noexcept;
  /// Puts a whole sequence of a layer on the stack.
  [[nodiscard]] Status enter_section(uint8_t layer, int32_t section, ByteView sequence) noexcept;
  /// Where a place in the manifest that runs is.
  [[nodiscard]] Offset offset_of(const uint8_t* place) const noexcept {
    return static_cast<Offset>(layer().manifest->offset_of(place));
  }
  /// The manifest that runs from an offset on.
  [[nodiscard]] ByteView bytes_from(Offset offset) const noexcept { return layer().manifest->bytes_from(offset); }
  /// Takes the innermost sequence off the stack.
  void leave(bool failed) noexcept;
  [[nodiscard]] size_t depth() const noexcept { return depth_; }
  /// @pre depth() > 0
  [[nodiscard]] Frame& frame() noexcept { return frames_[depth_ - 1]; }
  [[nodiscard]] const Frame& frame() const noexcept { return frames_[depth_ - 1]; }
  /// At the end of a section: every dependency of the layer that was checked has had the same section processed.
  /// @returns kDependencyNotProcessed
  [[nodiscard]] Status finish_section(uint8_t layer, int32_t section) noexcept;

  // --- content that a directive is writing ---
  /// Asks for the right, opens the present component unless that was done, and checks the size that is told.
  [[nodiscard]] Status open_content(int32_t label) noexcept;
  [[nodiscard]] bool content_is_open() const noexcept { return open_; }
  [[nodiscard]] uint32_t content_offset() const noexcept { return offset_; }
  [[nodiscard]] bool content_is_complete() const noexcept { return offset_ == expected_size_; }
  /// @returns kImageSizeMismatch beyond parameter image-size
  [[nodiscard]] Status append_content(ByteView bytes) noexcept;
  /// Where content comes from: a component, or memory when there is none.
  struct ContentSource {
    Component* component = nullptr;
    const uint8_t* bytes = nullptr;
    uint32_t offset = 0;  ///< in the component
    uint32_t size = UINT32_MAX;
  };
  /// Fills the present component from a source that is all there; with parameter encryption-info, decrypting.
  /// @returns kParameterMissing: AES-CTR without any image digest; - what PayloadDecryptor gives
  [[nodiscard]] Status take_content(int32_t label, const ContentSource& source) noexcept;
  /// @returns kImageSizeMismatch short of parameter image-size
  [[nodiscard]] Status finish_content() noexcept;

  /// Strict order (manifest 6.7): commands are always run in order; what is left of the parameter is the rule that a
  /// component may not be target and source where order is free.
  void set_strict_order(bool strict) noexcept;
  [[nodiscard]] bool strict_order() const noexcept { return strict_order_; }
  /// Isolates the sequence that was just entered where order is free: in it order is strict, and at most its first
  /// command selects a component (manifest 6.7).
  void isolate(bool selects) noexcept;
  /// @returns kCommandNotAllowed in an isolated sequence, but for its first command
  [[nodiscard]] Status may_select() const noexcept;
  /// @returns kCommandNotAllowed
  [[nodiscard]] Status note_access(unsigned targets, unsigned sources) noexcept;

  /// Forgets what the command before has found.
  /// @param found  takes what a condition finds; null: nobody records it
  void begin_command([[maybe_unused]] Measurement* found) noexcept {
    failure = Error{};
#if TAILOR_SUIT_RECORDS
    found_ = found;
#endif
  }
  // What a condition found, for a record of it.
#if TAILOR_SUIT_RECORDS
  void measured(int8_t parameter, ByteView content) noexcept;
  void measured(int8_t parameter, uint64_t number) noexcept;
  void measured(int8_t parameter, const suit::Digest& digest) noexcept;
#else
  void measured(int8_t, ByteView) noexcept {}
  void measured(int8_t, uint64_t) noexcept {}
  void measured(int8_t, const suit::Digest&) noexcept {}
#endif

  uint64_t wait_began = 0;      ///< when the wait directive that is being run began; 0: none is, or time is not known
  bool awaits_payload = false;  ///< a fetch waits for parameter uri of the present component
  int8_t awaited_event = 0;     ///< suit::wait_event that a wait waits for
  Error failure{};              ///< why a condition did not hold, when it knows better than its row of the table
  bool only_checks = false;     ///< the manifest is being judged, and nothing may wait

 private:
  friend class Parameters;
  friend class Processor;
  static constexpr size_t kFrames =
      limits::kSequenceDepth + 1 + (TAILOR_SUIT_DEPENDENCIES ? 2 * limits::kDependencyDepth : 0);
  static constexpr size_t kNodes = TAILOR_SUIT_DEPENDENCIES ? limits::kTreeComponents : limits::kComponents;

  /// A component of the tree, whichever manifests name it.
  struct Node {
    const uint8_t* id;
    Component* component;
  };
  /// A parameter that is set: where its value is. Pointers would take twice the room.
  struct Value {
    uint16_t offset;  ///< into the region of the layer
    uint8_t place;    ///< node, and the layer in the upper half
    uint8_t row;      ///< of the table of parameters
  };

  [[nodiscard]] Status take_up(uint8_t number, const suit::AuthenticManifest& manifest) noexcept;
  [[nodiscard]] Status add_node(ByteView id, uint8_t& node) noexcept;
  [[nodiscard]] const Value* find_value(uint8_t node, uint8_t row) const noexcept;
  /// @returns kNoRow when the parameter is not known
  [[nodiscard]] uint8_t row_of(int32_t label) const noexcept;
  [[nodiscard]] Status push(ByteView sequence) noexcept;
  [[nodiscard]] Status keep(const Value& value) noexcept;
  [[nodiscard]] Status start_decryption(suit::PayloadDecryptor& decryptor, bool detached) noexcept;

  Seams seams_;
  const CommandTable& commands_;
  Layer root_;
  std::array<Node, kNodes> nodes_;
  std::array<Value, limits::kParameters> values_;
  std::array<Frame, kFrames> frames_;
  std::array<uint8_t, kNodes> id_sizes_;  ///< of the nodes
  Selection selection_{0, Selection::kNone};
  uint32_t offset_ = 0;
  uint32_t expected_size_ = Expectation::kUnknownSize;
  uint16_t targets_ = 0;  ///< nodes written and read since strict order was turned off
  uint16_t sources_ = 0;
  uint8_t node_count_ = 0;
  uint8_t value_count_ = 0;
  uint8_t depth_ = 0;
  uint8_t layer_ = 0;
  uint8_t node_ = 0;
  uint8_t index_ = 0;
  bool open_ = false;
  bool strict_order_ = true;
#if TAILOR_SUIT_RECORDS
  Measurement* found_ = nullptr;
#endif
};

}  // namespace tailor::processor
