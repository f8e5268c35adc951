// SPDX-License-Identifier: Apache-2.0
// The manifest processor (manifest 6): runs the command sequences of an authentic manifest against a platform, as a
// state machine that may be left while a payload is on its way. The commands stand in files of their own; a table names
// those that this build has.
#pragma once

#include <optional>

#include "core/processor/machine.hpp"

namespace tailor::processor {

class Processor;

/// A manifest that is authentic and applies to this device: not older than what is installed, every component exists,
/// everything in it is supported, and the shared sequence holds (vendor, class). Refers to the AuthenticManifest, which
/// must stay.
class ApplicableManifest {
 public:
  [[nodiscard]] const suit::AuthenticManifest& authentic() const noexcept { return *authentic_; }

 private:
  friend class Processor;
  explicit ApplicableManifest(const suit::AuthenticManifest& authentic) noexcept
      : authentic_(&authentic), looked_through_(authentic.region().size()) {}
  const suit::AuthenticManifest* authentic_;
  size_t looked_through_;  ///< bytes of its region that were there when it was checked
};

/// Proof that an applicable manifest was run to the end, with its validate sequence if it has one, as an update or at
/// boot. What may boot needs one.
class StagedUpdate {
 public:
  [[nodiscard]] const suit::AuthenticManifest& authentic() const noexcept { return *authentic_; }

 private:
  friend class Processor;
  explicit StagedUpdate(const suit::AuthenticManifest& authentic) noexcept : authentic_(&authentic) {}
  const suit::AuthenticManifest* authentic_;
};

/// Which sections run, in this order; the shared sequence runs before each. Sections that a manifest lacks are passed
/// over.
enum class Procedure : uint8_t {
  kUpdate,        ///< dependency resolution, payload fetch, candidate verification, install, validate
  kValidate,      ///< validate
  kInvoke,        ///< validate, load, invoke
  kStaging,       ///< dependency resolution, payload fetch (trust-domains 7)
  kInstallation,  ///< candidate verification, install, validate, where another domain did the staging
  kUninstall,     ///< uninstall
};

/// Where a failure happened, as a report names it.
struct Position {
  int64_t section = 0;  ///< manifest_key; 0 for the shared sequence
  uint16_t offset = 0;  ///< bytes into the section's sequence
  uint8_t component = 0;
  uint8_t manifest_depth = 0;                                ///< 0: the root
  std::array<uint8_t, limits::kDependencyDepth> manifest{};  ///< component indices on the way from the root
};

/// One at a time: check, start, step until kDone or an error.
class Processor {
 public:
  /// @param seams     what they refer to outlives the processor
  /// @param commands  what this build supports: kUpdateCommands, kBootCommands
  explicit Processor(const Seams& seams, const CommandTable& commands = kUpdateCommands) noexcept;

  /// Decides whether the manifest applies to this device (manifest 6.1, 6.2). Nothing is written.
  ///
  /// @param manifest  stays where it is as long as the result and the processor are used
  /// @returns kSequenceNumberTooLow: lower than that of a component, or of the manifest component id (equal is
  /// allowed);
  ///          - kComponentUnknown; - kTooManyDependencies: dependencies, and nowhere to hold them; - what
  ///          scan_manifest() gives: what is not supported is found here, wherever it stands; - kVendorMismatch,
  ///          kClassMismatch and whatever else the shared sequence gives
  [[nodiscard]] Result<ApplicableManifest> check(const suit::AuthenticManifest& manifest) noexcept;

  /// Begins a procedure from its start.
  /// @returns kSequenceMissing: the manifest has none of the sections that the procedure is for: an update needs more
  ///          than validate, an invocation needs invoke
  [[nodiscard]] Status start(const ApplicableManifest& manifest, Procedure procedure) noexcept;

  /// Runs until the procedure ends, fails, or cannot go on.
  ///
  /// @returns kDone; - kWait: a payload is on its way (awaited_uri()), or an event, the user or a custom command is
  ///          waited for: call again when there may be more; - kNeedInput: a severed member of the envelope has not
  ///          come yet; - the first error, which is final until the next start()
  [[nodiscard]] Result<Progress> step() noexcept;

  /// The update, after kUpdate, kInstallation, kValidate or kInvoke ended with kDone.
  /// @returns kStateConflict before, and after other procedures
  [[nodiscard]] Result<StagedUpdate> staged() const noexcept;

  /// Where the processor stands, or what failed.
  [[nodiscard]] Position position() const noexcept;
  /// URI that the processor waits for; empty when it does not.
  [[nodiscard]] std::string_view awaited_uri() const noexcept;
  /// suit::wait_event that the directive wait waits for, the last of several; 0 when it does not.
  [[nodiscard]] int64_t awaited_event() const noexcept { return machine_.awaited_event; }

 private:
  enum class State : uint8_t { kIdle, kRunning, kDone };
  enum class Stage : uint8_t { kBetween, kShared, kSection };  ///< what ends when no sequence is on the stack

  Result<Progress> run() noexcept;
  Status finish() noexcept;
  Step run_command() noexcept;
  [[nodiscard]] Status scan(ByteView sequence) const noexcept;
  Step run_row(const Command* command, int32_t label, cbor::Reader argument) noexcept;
  [[nodiscard]] Error failure_of(const Command* command) const noexcept;
#if TAILOR_SUIT_RECORDS
  void record(const Command* command, int32_t label, cbor::Reader argument, Step result, const Measurement& found,
              bool fatal) noexcept;
#endif
  Status advance(cbor::Reader& argument) noexcept;

  [[nodiscard]] const suit::AuthenticManifest& root() const noexcept {
    return *machine_.layer(0).manifest;
  }
  /// The manifest_key of the section that runs, or of the next one to run; 0 behind the last.
  [[nodiscard]] int32_t section() const noexcept;

  Machine machine_;
  Offset looked_through_ = 0;  ///< bytes of the root's region that were there when it was checked
  uint8_t section_ = 0;        ///< number of that section in the procedure
  Procedure procedure_ = Procedure::kUpdate;
  Stage stage_ = Stage::kBetween;
  State state_ = State::kIdle;
  Error failure_{};
};

}  // namespace tailor::processor
