// SPDX-License-Identifier: Apache-2.0
// What the processor asks of its surroundings: payload bytes, the device and its components, the rights of signers, and
// where records go. A device, the author's dry run and the server's pre-check each bring their own. What is optional
// has a default that refuses, so that a platform says nothing that it does not know.
#pragma once

#include <string_view>

#include "core/base/uuid.hpp"
#include "core/cose/verification_key.hpp"
#include "core/processor/component.hpp"
#include "core/suit/decryption_keys.hpp"
#include "core/suit/leniency.hpp"

namespace tailor::processor {

class ApplicableManifest;
class Dependencies;
class Machine;

/// Brings payload bytes; the processor knows no transport.
class PayloadSource {
 public:
  struct Piece {
    ByteView bytes;    ///< valid until the next call; empty and not end: nothing yet, ask again later
    bool end = false;  ///< nothing follows `bytes`
  };
  /// Hears of parameter fetch-arguments before the first read of a payload.
  /// @returns kParameterUnsupported: unless it knows what they mean
  [[nodiscard]] virtual Status use_arguments([[maybe_unused]] std::string_view uri,
                                             [[maybe_unused]] ByteView arguments) noexcept {
    return Error::kParameterUnsupported;
  }
  /// Gives the next bytes of the payload, from `offset` on. Offsets ascend without gaps, and may start above 0 when an
  /// interrupted transfer goes on.
  ///
  /// @param uri  as in the manifest: absolute, relative to the server that delivered it, or "#name"
  /// @returns kPayloadUnavailable: not to be had from there; or an error of the transport
  [[nodiscard]] virtual Result<Piece> read(std::string_view uri, uint32_t offset) noexcept = 0;

 protected:
  ~PayloadSource() = default;
};

/// Who the device is (manifest 8.4.8.1).
struct Identity {
  Uuid vendor;
  Uuid device_class;
  Uuid device;
  /// The vendor's Private Enterprise Number as the content of a relative OID (RFC 9090), for vendor identifiers with
  /// tag 112; empty: none.
  ByteView vendor_pen = {};
};

/// UTC, and how far it can be believed; update::TrustedTime in the words of this layer.
struct Time {
  enum class Kind : uint8_t { kUnknown, kAtLeast, kSynced };
  Kind kind = Kind::kUnknown;
  uint64_t seconds = 0;  ///< since 1970
};

/// What the user, the application or the surroundings say.
enum class Answer : uint8_t {
  kNo,     ///< never
  kYes,    ///< now
  kLater,  ///< not yet: the processor waits, and asks again at the next step
};

/// A wait event that the processor cannot decide by itself (update-management 5.5).
struct WaitEvent {
  int64_t event = 0;      ///< suit::wait_event: authorization, power, network or other device's version
  int64_t value = 0;      ///< priority, power state, network state
  ByteView other_device;  ///< its identifier, as the deployment defines it
  ByteView versions;      ///< encoded array of [comparison, version] that all have to match: version_matches()
};

/// What an update has put in place, manifest by manifest.
struct StagedManifest {
  /// Where the manifest itself is kept, encoded: the root's manifest component id (empty when it names none), or the
  /// identifier of the dependency.
  ByteView id;
  ByteView digest;  ///< names the manifest
  uint64_t sequence_number = 0;
  ByteView set_version;                    ///< encoded array; empty when absent
  std::span<const ByteView> components{};  ///< encoded identifiers, dependencies among them
};

/// The device, or what stands for one.
class Platform {
 public:
  [[nodiscard]] virtual const Identity& identity() const noexcept = 0;
  /// @param id  encoded component identifier
  /// @returns null when there is no such component; otherwise it stays where it is while the processor runs
  [[nodiscard]] virtual Component* find_component(ByteView id) noexcept = 0;
  /// Sequence number of the newest manifest that was confirmed for this component; 0 when none was.
  [[nodiscard]] virtual Result<uint64_t> sequence_number(ByteView id) noexcept = 0;
  /// Sequence number of the newest manifest that was confirmed at the place where manifests are kept: a manifest
  /// component id, or the identifier of a dependency. 0 when none was, or when the platform keeps count by
  /// sequence_number() alone.
  [[nodiscard]] virtual Result<uint64_t> manifest_sequence_number([[maybe_unused]] ByteView id) noexcept {
    return uint64_t{0};
  }
  /// Hears of a manifest that is about to be processed, before anything is written.
  /// @returns any error, to refuse it: not now, not authorized, ...
  [[nodiscard]] virtual Status accept([[maybe_unused]] const ApplicableManifest& manifest) noexcept { return kOk; }
  /// Transfers execution to the component, or arranges that it happens.
  /// @param arguments  parameter invoke-args; empty when unset
  /// @returns kInvokeFailed
  [[nodiscard]] virtual Status invoke(Component& component, ByteView arguments) noexcept = 0;

  // --- update management -------------------------------------------------------------------------------------------

  /// What is known of the time. Unknown: use-before does not hold (kTimeUnknown), and waits for a time go on.
  [[nodiscard]] virtual Time time() noexcept { return {}; }
  /// What local civil time is ahead of UTC, now.
  /// @returns kParameterUnsupported without a configured time zone (update-management 5.5)
  [[nodiscard]] virtual Result<int32_t> local_time_offset_seconds() noexcept { return Error::kParameterUnsupported; }
  /// Energy left in the battery, in mWh.
  [[nodiscard]] virtual Result<uint64_t> battery_mwh() noexcept { return Error::kCommandUnsupported; }
  /// Whether the user or the application allows the update.
  /// @param priority  parameter update-priority: smaller is more urgent; 0 when unset
  [[nodiscard]] virtual Result<Answer> authorizes_update([[maybe_unused]] int64_t priority) noexcept {
    return Error::kCommandUnsupported;
  }
  /// Whether an event has happened; the processor asks at each step until it has. kNo ends the update.
  [[nodiscard]] virtual Result<Answer> has_happened([[maybe_unused]] const WaitEvent& event) noexcept {
    return Error::kParameterUnsupported;
  }
  /// The installed version of a component, as numbers (update-management 5.4).
  /// @returns a view that is valid until the next call
  [[nodiscard]] virtual Result<std::span<const int64_t>> installed_version([[maybe_unused]] ByteView id) noexcept {
    return Error::kCommandUnsupported;
  }

  // --- trust domains -----------------------------------------------------------------------------------------------
  // A platform that counts references keeps, over restarts, which manifests (by digest) refer to which component. One
  // that does not answers as the defaults do: every component may be replaced.

  /// Counts the manifests that refer to a component, but for some.
  /// @param manifests  digests of those that ask: an update that is done again after an interruption is no conflict
  [[nodiscard]] virtual Result<uint32_t> references_of_others(
      [[maybe_unused]] ByteView id, [[maybe_unused]] std::span<const ByteView> manifests) noexcept {
    return uint32_t{0};
  }
  /// Takes away the reference of one manifest, once: doing it again has no effect.
  /// @param manifest  digest of the manifest that lets go
  [[nodiscard]] virtual Status unlink([[maybe_unused]] ByteView id, [[maybe_unused]] ByteView manifest) noexcept {
    return Error::kCommandUnsupported;
  }
  /// Hears what an update has put in place, dependencies first, before step() says that it is done; where references
  /// are counted, this adds them, all at once and durably. Hearing it twice has no further effect.
  [[nodiscard]] virtual Status staged([[maybe_unused]] const StagedManifest& manifest) noexcept { return kOk; }

 protected:
  ~Platform() = default;
};

/// What a signer needs a right for (manifest 9).
struct Action {
  enum class Kind : uint8_t {
    kWrite,      ///< replacing or removing the component's content; label: of the command
    kRead,       ///< taking the component's content as a source of another's; label: of the command
    kCommand,    ///< running a command on the component
    kParameter,  ///< setting a parameter of the component
  };
  Kind kind = Kind::kWrite;
  int64_t label = 0;  ///< suit::command or suit::parameter
};

/// The rights of signers over components, commands and parameters (manifest 9). Denies unless something is allowed.
class Authorization {
 public:
  /// Says whether those who signed a manifest together may do this.
  ///
  /// @param signers  the keys whose signatures held over the manifest that asks; at least one
  /// @param id       encoded component identifier
  /// @returns kSignerNotPermitted
  [[nodiscard]] virtual Status permits([[maybe_unused]] std::span<const cose::VerificationKey* const> signers,
                                       [[maybe_unused]] ByteView id, [[maybe_unused]] Action action) const noexcept {
    return Error::kSignerNotPermitted;
  }

 protected:
  ~Authorization() = default;
};

/// A command that was run, as a SUIT_Record names it (report 3). Views are valid during the call.
struct Record {
  std::span<const uint8_t> manifest;  ///< component indices from the root to the manifest; empty: the root
  int8_t section = 0;                 ///< manifest_key; 0 for the shared sequence
  uint8_t component = 0;              ///< index in that manifest
  uint8_t policy = 0;                 ///< bits of suit::reporting
  bool final = false;                 ///< the failure that ended the procedure, recorded whatever the policy says
  uint32_t offset = 0;                ///< bytes into the section's sequence
  int64_t command = 0;
  Status result = kOk;
  ByteView component_id;    ///< encoded; empty when no component was selected
  int64_t property = 0;     ///< suit::parameter that was measured; 0 for none
  ByteView measured_value;  ///< what it was found to be, encoded as the parameter's value is
};

/// Takes records. They are hints (manifest 8.4.7): what cannot be kept is the recorder's to count.
class Recorder {
 public:
  /// Is called for each command whose policy asks for it, and for the failure that ends a procedure.
  virtual void record(const Record& record) noexcept = 0;

 protected:
  ~Recorder() = default;
};

/// Parameters of the component that a custom command is run for.
class Parameters {
 public:
  /// The encoded value; empty when it is not set.
  [[nodiscard]] ByteView value(int64_t label) const noexcept;

 private:
  friend class Machine;
  explicit Parameters(const Machine& machine) noexcept : machine_(machine) {}
  const Machine& machine_;
};

/// A command of the device's own (manifest 8.4.11).
struct CustomCommand {
  int64_t label = 0;  ///< below -256; -256 to -1 are never run
  void* context = nullptr;
  /// @param argument  encoded: a string, an integer or nil
  /// @returns kNo: a condition that does not hold; an error ends the procedure
  Result<Answer> (*run)(void* context, Component& component, ByteView argument, const Parameters& parameters) = nullptr;
};

/// What a device adds; never available in the shared sequence.
struct CustomCommands {
  std::span<const CustomCommand> commands = {};
  std::span<const int64_t> parameters = {};  ///< labels below -256
};

/// What a processor is given; everything outlives it. What is null is not supported: a manifest that needs it is
/// refused.
struct Seams {
  Platform& platform;
  PayloadSource& payloads;
  const Authorization& authorization;
  Recorder* recorder = nullptr;
  Dependencies* dependencies = nullptr;        ///< where dependencies are held
  const CustomCommands* custom = nullptr;      ///< what this device adds to the commands
  suit::Leniency leniency = suit::kStrict;     ///< missing-dependency-integrity, index-beyond-components
  const suit::DecryptionKeys* keys = nullptr;  ///< with which encrypted payloads are opened
};

}  // namespace tailor::processor
