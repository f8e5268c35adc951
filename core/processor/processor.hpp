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
/// and the shared sequence holds (vendor, class). Refers to the AuthenticManifest, which must stay.
class ApplicableManifest {
 public:
  [[nodiscard]] const suit::AuthenticManifest& authentic() const noexcept { return *authentic_; }

 private:
  friend class Processor;
  explicit ApplicableManifest(const suit::AuthenticManifest& authentic) noexcept : authentic_(&authentic) {}
  const suit::AuthenticManifest* authentic_;
};

/// Proof that the validate sequence of an applicable manifest held after the update, or at boot. What may boot needs
/// one.
class StagedUpdate {
 public:
  [[nodiscard]] const suit::AuthenticManifest& authentic() const noexcept { return *authentic_; }

 private:
  friend class Processor;
  explicit StagedUpdate(const suit::AuthenticManifest& authentic) noexcept : authentic_(&authentic) {}
  const suit::AuthenticManifest* authentic_;
};

/// Which sections run, in this order (manifest 6.6); the shared sequence runs before each.
enum class Procedure : uint8_t {
  kUpdate,    ///< payload fetch, install, validate
  kValidate,  ///< validate
  kInvoke,    ///< validate, load, invoke
};

/// Where a failure happened, as a report names it.
struct Position {
  int64_t section = 0;  ///< manifest_key; 0 for the shared sequence
  uint16_t offset = 0;  ///< bytes into the section's sequence
  uint8_t component = 0;
};

/// One at a time: check, start, step until kDone or an error.
class Processor {
 public:
  /// @param seams     outlive the processor
  /// @param commands  what this build supports: kUpdateCommands, kBootCommands
  explicit Processor(const Seams& seams, CommandTable commands = kUpdateCommands) noexcept
      : machine_(seams), commands_(commands) {}

  /// Decides whether the manifest applies to this device (manifest 6.1, 6.2). Nothing is written.
  ///
  /// @param manifest  stays where it is as long as the result and the processor are used
  /// @returns kSequenceNumberTooLow: lower than that of a component (equal is allowed); - kComponentUnknown;
  ///          - kVendorMismatch, kClassMismatch and whatever else the shared sequence gives
  [[nodiscard]] Result<ApplicableManifest> check(const suit::AuthenticManifest& manifest) noexcept;

  /// Begins a procedure from its start.
  /// @returns kSequenceMissing: an update without install or payload fetch, or without validate; an invocation without
  ///          invoke
  [[nodiscard]] Status start(const ApplicableManifest& manifest, Procedure procedure) noexcept;

  /// Runs until the procedure ends, fails, or cannot go on.
  ///
  /// @returns kDone; - kWait: a payload is on its way, call again when there is more; - kNeedInput: a severed member of
  ///          the envelope has not come yet; - the first error, which is final until the next start()
  [[nodiscard]] Result<Progress> step() noexcept;

  /// The update, after kUpdate, kValidate or kInvoke ended with kDone.
  /// @returns kStateConflict before
  [[nodiscard]] Result<StagedUpdate> staged() const noexcept;

  /// Where the processor stands, or what failed.
  [[nodiscard]] Position position() const noexcept;
  /// URI that the processor waits for; empty when it does not.
  [[nodiscard]] std::string_view awaited_uri() const noexcept { return machine_.awaited_uri; }

 private:
  enum class State : uint8_t { kIdle, kRunning, kDone };

  Result<Progress> run() noexcept;
  /// @returns true when the command has to wait
  Result<bool> run_command() noexcept;
  Status enter_section(ByteView sequence) noexcept;
  Status advance() noexcept;
  void leave(bool held) noexcept;

  Machine machine_;
  CommandTable commands_;
  const suit::AuthenticManifest* manifest_ = nullptr;
  const int8_t* section_ = nullptr;          ///< the next one to run
  const uint8_t* sequence_start_ = nullptr;  ///< of the outermost sequence that runs
  int8_t running_ = 0;                       ///< section that runs; 0 for the shared sequence
  bool in_shared_ = false;
  State state_ = State::kIdle;
  Status failure_ = kOk;
};

}  // namespace tailor::processor
