// SPDX-License-Identifier: Apache-2.0
// One update on the device, from the first byte of an envelope to the staged image and its outcome: drives the envelope
// reader, the manifest processor and the boot module, and moves the one update state machine. Persists each state it
// reaches; tells a listener. Knows no CoAP: bytes are handed in, and it says which payload it wants.
#pragma once

#include <optional>

#include "core/processor/dependencies.hpp"
#include "core/processor/processor.hpp"
#include "core/report/recorder.hpp"
#include "core/suit/envelope_reader.hpp"
#include "core/trust/trust_policy.hpp"
#include "core/update/profile.hpp"
#include "core/update/trusted_time.hpp"
#include "core/update/update_state.hpp"
#include "device/agent/dependency_component.hpp"
#include "device/agent/device_keys.hpp"
#include "device/agent/identity.hpp"
#include "device/agent/manifest_numbers.hpp"
#include "device/agent/options.hpp"
#include "device/agent/reporter.hpp"
#include "device/agent/slot_component.hpp"
#include "device/agent/staging_component.hpp"
#include "device/agent/trust_component.hpp"
#include "tailor/port/surroundings.h"

namespace tailor::agent {

/// How an envelope came to the device.
enum class Delivery : uint8_t {
  kPull = 0,    ///< the device asked, or was notified and then asked
  kPush = 1,    ///< an update server sent it
  kDirect = 2,  ///< an operator sent it; payloads come from the device's servers
};

/// No server in particular: any of the list.
inline constexpr uint8_t kAnyServer = 0xff;

/// Hears of each state that the update reaches; of one twice when power fails before it is persisted. Judges trust
/// stores before they count.
class UpdateListener : public TrustGuard {
 public:
  /// @param where  what failed, for people; empty when nothing did
  /// @param keep   where the report of it may wait
  virtual void on_update_state(std::string_view where, Keep keep) noexcept = 0;
  /// Another trust store is in force.
  /// @param authorities_kept  every CA of the old one is in the new one
  virtual void on_trust_changed(bool authorities_kept) noexcept = 0;

 protected:
  ~UpdateListener() = default;
};

/// What manifests may name beside the image and the trust store.
struct ExtraComponents {
  ByteView dependency;                  ///< encoded identifier of where a dependency is kept; empty: nowhere
  ByteView staging;                     ///< of the component that keeps a payload as it came; empty: there is none
  boot::SlotWriter::Regions regions{};  ///< of the staging component, for nothing else
};

struct UpdaterSettings {
  ByteView image_component;  ///< encoded identifier of the component that the slots hold
  const ExtraComponents& extra;
  const tailor_surroundings_t* surroundings = nullptr;
  uint32_t block_bytes = 512;
  bool hold_always = false;  ///< every update waits for a trigger
};

class Updater final : private processor::Platform, private processor::PayloadSource, private suit::MemberSink {
 public:
  Updater(storage::RecordStore& store, boot::BootControl& boot, Identity& identity, const UpdaterSettings& settings,
          UpdateListener& listener) noexcept;
  Updater(const Updater&) = delete;
  Updater& operator=(const Updater&) = delete;

  /// Takes up the state after a start, from its record and from what the boot program did meanwhile.
  [[nodiscard]] Status restore() noexcept;

  // --- envelope ------------------------------------------------------------------------------------------------------

  /// An envelope begins to arrive. Nothing changes until its first bytes tell which manifest it has.
  /// @param server  index of the server that delivered it, or kAnyServer
  /// @param hold    the deployment demands a trigger
  void begin_envelope(Delivery delivery, uint8_t server, bool hold) noexcept;
  /// Takes the envelope's next bytes.
  /// @returns why the update was refused (the state says so already); kUpdateInProgress, with nothing changed, while
  ///          another update is under way; kOk also for an envelope that is passed over because its manifest is the one
  ///          under way or the installed one
  [[nodiscard]] Status feed_envelope(ByteView bytes) noexcept;
  /// The envelope is complete. Errors as feed_envelope().
  [[nodiscard]] Status end_envelope() noexcept;
  /// The envelope will not be completed (the transfer broke): the update is dropped without a verdict.
  void drop_envelope() noexcept;

  // --- payload -------------------------------------------------------------------------------------------------------

  /// The payload that is needed now: its reference as in the manifest; empty when none is.
  [[nodiscard]] std::string_view wanted() const noexcept { return wanted_; }
  /// Where in it to go on.
  [[nodiscard]] uint32_t wanted_offset() const noexcept { return wanted_offset_; }
  /// Takes payload bytes; what lies before wanted_offset() is passed over.
  /// @returns kBlockSequence for a gap; why the update was refused
  [[nodiscard]] Status take_payload(uint32_t offset, ByteView bytes, bool last) noexcept;
  /// The payload cannot be had, finally.
  void payload_failed(Error error) noexcept;

  // --- after staging -------------------------------------------------------------------------------------------------

  /// Lets an update go on that waits for its trigger, or gives the consent that its manifest waits for.
  /// @returns kStateConflict unless an update waits for one of them
  [[nodiscard]] Status trigger() noexcept;
  /// The server does not hold this update any more. No effect unless it was the deployment alone that held it.
  [[nodiscard]] Status release(uint8_t server) noexcept;
  /// The server offers nothing any more: an update of its that waits is given up.
  [[nodiscard]] Status withdraw(uint8_t server) noexcept;
  /// Asks again whether what the manifest waits for has happened; to be called from time to time in awaiting-trigger.
  void look_again() noexcept;
  /// Tells what manifests may ask for: the time, and whether a server can be reached.
  void set_surroundings(update::TrustedTime time, bool network) noexcept {
    time_ = time;
    network_ = network;
  }
  /// Whether the staged image is to be installed: the owner reports what is to be reported, then calls install().
  [[nodiscard]] bool ready_to_install() const noexcept { return ready_; }
  /// Tells the boot program to try the image; the owner reboots afterwards. A trust store needs neither reboot nor
  /// trial: it is in force, and the update confirmed, when this returns.
  [[nodiscard]] Status install() noexcept;
  /// The new image has shown that it works.
  [[nodiscard]] Status confirm() noexcept;
  /// The new image has shown that it does not. The owner reboots afterwards.
  [[nodiscard]] Status give_up(Error reason) noexcept;
  /// Withdraws an update that is not installed yet, e.g. because its deployment was cancelled.
  [[nodiscard]] Status abandon() noexcept;

  // --- what is known -------------------------------------------------------------------------------------------------

  [[nodiscard]] const update::UpdateStatus& status() const noexcept { return status_; }
  [[nodiscard]] std::optional<crypto::Sha256Digest> manifest_digest() const noexcept {
    return has_digest_ ? std::optional(digest_) : std::nullopt;
  }
  [[nodiscard]] std::optional<uint64_t> sequence_number() const noexcept {
    return has_sequence_ ? std::optional(sequence_) : std::nullopt;
  }
  [[nodiscard]] Delivery delivery() const noexcept { return delivery_; }
  [[nodiscard]] uint8_t server() const noexcept { return server_; }
  [[nodiscard]] uint32_t received_bytes() const noexcept {
    if (staging_.is_open()) return staging_.received_bytes();
    return is_trust_ ? trust_store_.received_bytes() : slot_.received_bytes();
  }
  [[nodiscard]] uint32_t expected_bytes() const noexcept {
    if (staging_.is_open()) return staging_.expected_bytes();
    return is_trust_ ? trust_store_.expected_bytes() : slot_.expected_bytes();
  }
  /// Where the processor stood when the update was refused; absent when it had not begun.
  [[nodiscard]] const std::optional<processor::Position>& failed_at() const noexcept { return failed_at_; }
  /// The failure as the processor recorded it; absent when it did not.
  [[nodiscard]] const std::optional<report::Failure>& failure() const noexcept { return recorder_.failure(); }
  [[nodiscard]] const report::BoundedRecorder& records() const noexcept { return recorder_; }
  /// Of the manifest at hand; empty when it has none, or is not at hand.
  [[nodiscard]] std::string_view reference_uri() const noexcept { return reference_uri_; }
  /// Whether the envelope offered last named the manifest that is installed already.
  /// Whether it named the one that is under way.
  [[nodiscard]] bool is_at_hand_already() const noexcept { return pass_ == Pass::kSame; }
  [[nodiscard]] bool already_installed() const noexcept { return pass_ == Pass::kInstalled; }

 private:
  static constexpr size_t kPrefixBytes = 64;
  enum class Pass : uint8_t { kNo, kSame, kInstalled };  ///< the envelope is read to its end without effect

  // processor::Platform
  [[nodiscard]] const processor::Identity& identity() const noexcept override { return platform_identity_; }
  [[nodiscard]] processor::Component* find_component(ByteView id) noexcept override;
  [[nodiscard]] Result<uint64_t> sequence_number(ByteView id) noexcept override;
  [[nodiscard]] Result<uint64_t> manifest_sequence_number(ByteView id) noexcept override;
  [[nodiscard]] Status unlink(ByteView id, ByteView manifest) noexcept override;
  [[nodiscard]] Status staged(const processor::StagedManifest& manifest) noexcept override;
  [[nodiscard]] Status invoke(processor::Component& component, ByteView arguments) noexcept override;
  [[nodiscard]] processor::Time time() noexcept override;
  [[nodiscard]] Result<int32_t> local_time_offset_seconds() noexcept override;
  [[nodiscard]] Result<uint64_t> battery_mwh() noexcept override;
  [[nodiscard]] Result<processor::Answer> authorizes_update(int64_t priority) noexcept override;
  [[nodiscard]] Result<processor::Answer> has_happened(const processor::WaitEvent& event) noexcept override;
  // processor::PayloadSource
  [[nodiscard]] Result<Piece> read(std::string_view uri, uint32_t offset) noexcept override;
  // suit::MemberSink
  [[nodiscard]] Status begin(std::string_view uri, uint64_t size) noexcept override;
  [[nodiscard]] Result<size_t> write(ByteView bytes) noexcept override;
  [[nodiscard]] Status end() noexcept override;

  [[nodiscard]] Status classify(bool complete) noexcept;
  [[nodiscard]] Status consume(ByteView bytes) noexcept;
  [[nodiscard]] Status authorize() noexcept;
  [[nodiscard]] Status run() noexcept;
  [[nodiscard]] Status run_on(Progress progress) noexcept;
  [[nodiscard]] Result<processor::Answer> has_version(const processor::WaitEvent& event) noexcept;
  [[nodiscard]] Status wait_for_event() noexcept;
  [[nodiscard]] Status refuse(Error error, std::string_view where) noexcept;
  [[nodiscard]] Status move(update::UpdateEvent event, std::string_view where = {}) noexcept;
  [[nodiscard]] Status persist() noexcept;
  [[nodiscard]] Status load_record() noexcept;
  void keep_journal() noexcept;
  void load_journal() noexcept;
  void reset_transfer() noexcept;
  void forget_piece() noexcept {
    piece_ = {};
    piece_uri_ = {};
    piece_last_ = false;
  }
  [[nodiscard]] bool is_installed(const crypto::Sha256Digest& manifest) noexcept;
  [[nodiscard]] Status go_on_after_restart() noexcept;
  [[nodiscard]] Status check_rights(const suit::AuthenticManifest& manifest) noexcept;
  [[nodiscard]] Status prepare_components(const suit::AuthenticManifest& manifest) noexcept;
  [[nodiscard]] Status sort_components(const suit::Manifest& manifest) noexcept;
  [[nodiscard]] Status install_trust() noexcept;
  [[nodiscard]] Status confirm_trust() noexcept;
  [[nodiscard]] Status restore_trust() noexcept;

  storage::RecordStore& store_;
  boot::BootControl& boot_;
  Identity& device_;
  const UpdaterSettings settings_;
  UpdateListener& listener_;
  trust::TrustPolicy trust_;
  SlotComponent slot_;
  TrustComponent trust_store_;
  StagingComponent staging_;
  DependencyComponent dependency_;
  ManifestNumbers numbers_;
  DeviceKeys keys_;
#if TAILOR_AGENT_DEPENDENCIES
  std::array<uint8_t, limits::kManifestBytes> dependency_buffer_{};
  processor::Dependencies dependencies_;
#endif
  processor::Identity platform_identity_;
  report::BoundedRecorder recorder_;
  processor::Processor processor_;

  std::array<uint8_t, limits::kManifestBytes> buffer_{};
  std::optional<suit::EnvelopeReader> reader_;
  bool restoring_ = false;   ///< the envelope is the one that was kept in flash
  bool receiving_ = false;   ///< an envelope is arriving
  bool classified_ = false;  ///< and it is known what to do with it
  bool authorized_ = false;
  bool running_ = false;   ///< the processor has a procedure to go on with
  bool complete_ = false;  ///< the envelope has come to its end
  bool ready_ = false;
  Pass pass_ = Pass::kNo;
  Delivery next_delivery_ = Delivery::kPull;
  uint8_t next_server_ = kAnyServer;
  bool next_hold_ = false;
  std::array<uint8_t, kPrefixBytes> prefix_{};  ///< of the envelope: where its manifest's digest is claimed
  size_t prefix_length_ = 0;

  // The payload bytes at hand, while the processor runs over them.
  ByteView piece_;
  std::string_view piece_uri_;  ///< of the payload that they are from
  uint32_t piece_offset_ = 0;
  bool piece_last_ = false;
  std::string_view member_;  ///< the integrated payload that is streaming by
  uint32_t member_offset_ = 0;
  uint32_t member_size_ = 0;
  std::string_view wanted_;
  uint32_t wanted_offset_ = 0;

  update::UpdateStatus status_;
  Delivery delivery_ = Delivery::kPull;
  uint8_t server_ = kAnyServer;
  bool hold_ = false;
  bool is_trust_ = false;  ///< the update is one of the trust store
  bool has_digest_ = false;
  bool has_sequence_ = false;
  crypto::Sha256Digest digest_{};
  uint64_t sequence_ = 0;
  std::string_view reference_uri_;  ///< into buffer_
  std::optional<processor::Position> failed_at_;
  update::TrustedTime time_;
  bool network_ = true;
  bool consent_ = false;  ///< somebody has allowed what the manifest asks consent for
  Error failure_ = Error::kInternal;
};

/// Reads which manifest an envelope claims to carry, from its first bytes: a claim only, for reports about envelopes
/// that do not hold up, and to pass over what is known already.
/// @returns absent when they are no envelope's, or too few
[[nodiscard]] std::optional<crypto::Sha256Digest> claimed_manifest(ByteView first_bytes) noexcept;

}  // namespace tailor::agent
