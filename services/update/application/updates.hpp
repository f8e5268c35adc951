// SPDX-License-Identifier: Apache-2.0
// What the update server does for devices and operators: each function is one use case and at most one transaction that
// writes, so that what it acknowledges is on the disk. Knows neither HTTP nor CoAP.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "hosted/secret.hpp"
#include "hosted/utc_clock.hpp"
#include "services/store/database.hpp"
#include "services/update/domain/dry_run.hpp"
#include "services/update/domain/manifest_reader.hpp"
#include "services/update/domain/selection.hpp"
#include "services/update/store/artifact_store.hpp"
#include "services/update/store/blob_folder.hpp"
#include "services/update/store/deployment_store.hpp"

namespace tailor::update_server {

/// Who asks, as the event log names them.
struct Actor {
  std::string tenant;
  std::string name;  ///< "operator:<uuid>", "device:<uuid>"
};

/// An update that a device is to get now.
struct Offer {
  Uuid deployment;
  ManifestFacts manifest;
  Progressed progress;  ///< how far the device is with it
  bool hold = false;    ///< it is to wait for the deployment's trigger, once it is staged
  Digest envelope_digest{};
  std::shared_ptr<const Blob> envelope;
};

/// A deployment with what it has come to.
struct DeploymentView {
  Deployment deployment;
  DeploymentState state = DeploymentState::kActive;
  StateCounts targets;
};

/// What the pre-check of a deployment found among the devices that it has now.
struct Precheck {
  struct Refusal {
    Uuid device;
    Objection objection;
  };
  size_t judged = 0;              ///< devices
  size_t refusing = 0;            ///< of them
  bool all = true;                ///< whether every device of the deployment was judged
  std::vector<Refusal> refusals;  ///< the first of them
};

/// A device with its part in deployments.
struct DeviceView {
  Device device;
  std::vector<Target> targets;
};

struct NewDeployment {
  Digest manifest{};
  std::string filter;         ///< either this
  std::vector<Uuid> devices;  ///< or these
  std::optional<DeliveryMode> mode;
  int64_t priority = 0;
  bool skip_precheck = false;
  bool hold = false;
  std::optional<int64_t> expires_at_ms;
  std::string idempotency_key;  ///< empty: none
  std::string fingerprint;      ///< of the request that the key belongs to
};

template <typename T>
struct Uploaded {
  T item;
  bool is_new = true;
};

struct UpdatesConfig {
  size_t max_envelope_bytes = 4U << 20U;
  size_t max_devices_named = 10'000;
  SecretBytes report_secret{};  ///< from which devices' report keys are derived; empty: reports are not encrypted
};

/// Thread-safe.
class Updates {
 public:
  /// Called after a change that may give devices something to do: a device, or all of the tenant. Must not block.
  using Changed = std::function<void(const std::string& tenant, const std::optional<Uuid>& device)>;

  /// The arguments outlive the object.
  Updates(store::Database& database, BlobFolder& images, BlobFolder& envelopes, const SignerAnchors& signers,
          const UtcClock& clock, UpdatesConfig config = {});

  void set_changed(Changed changed) { changed_ = std::move(changed); }

  // --- for devices; `device` is who the certificate says it is -------------------------------------------------------

  /// Keeps the profile and makes the device a target of the deployments whose filter it fits.
  /// @returns kDeviceMismatch when the registration is another device's; kDeviceRetired
  [[nodiscard]] Outcome<void> register_device(const std::string& tenant, const Uuid& device,
                                              const update::Registration& registration);
  /// Forgets the profile at the device's own wish. @returns kNotFound, kDeviceRetired
  [[nodiscard]] Outcome<void> deregister(const std::string& tenant, const Uuid& device);
  /// Chooses the device's update and notes that it was offered.
  /// @returns nothing when there is none; kNotFound: not registered; kDeviceRetired
  [[nodiscard]] Outcome<std::optional<Offer>> offer(const std::string& tenant, const Uuid& device, Way way);
  /// Keeps a report and moves profile and deployment on. A report that is there already is acknowledged again.
  /// @param key  of the certificate that the device showed, for the seal of a SUIT_Report; null: none
  /// @returns kDeviceMismatch, kNotFound: not registered, kDeviceRetired. A seal that does not hold loses no report: it
  ///          is kept with what was found.
  [[nodiscard]] Outcome<void> take_report(const std::string& tenant, const Uuid& device, const update::Report& report,
                                          const crypto::P256PublicKey* key);
  /// Keeps what a device answered to a push that it will not take, unless it has reported an outcome itself.
  [[nodiscard]] Outcome<void> note_refusal(const std::string& tenant, const Uuid& device, const Uuid& deployment,
                                           Error reason, const std::string& detail);
  /// @param tenant  nothing: an image of any tenant, for readers without identity
  /// @returns kNotFound
  [[nodiscard]] Outcome<std::shared_ptr<const Blob>> image(const std::optional<std::string>& tenant,
                                                           const Digest& digest);
  /// Remembers that a device was heard; flush_seen() writes it down. Polls write nothing else.
  void saw(const std::string& tenant, const Uuid& device);
  [[nodiscard]] Outcome<void> flush_seen();

  // --- for operators -------------------------------------------------------------------------------------------------

  /// Takes over a finished upload (a file of images().incoming()).
  [[nodiscard]] Outcome<Uploaded<Image>> add_image(const Actor& actor, const std::filesystem::path& file,
                                                   const std::optional<Digest>& expected);
  /// @returns what read_envelope() gives; kBodyTooLarge
  [[nodiscard]] Outcome<Uploaded<Manifest>> add_manifest(const Actor& actor, ByteView envelope);
  [[nodiscard]] Outcome<std::vector<Image>> list_images(const std::string& tenant, const std::optional<Digest>& after,
                                                        size_t limit);
  [[nodiscard]] Outcome<std::vector<Manifest>> list_manifests(const std::string& tenant,
                                                              const std::optional<Digest>& after, size_t limit);
  /// @returns kNotFound
  [[nodiscard]] Outcome<Manifest> find_manifest(const std::string& tenant, const Digest& digest);
  [[nodiscard]] Outcome<std::shared_ptr<const Blob>> envelope_of(const std::string& tenant, const Digest& digest);

  /// @returns kUsageInvalid for a filter that does not parse
  [[nodiscard]] Outcome<std::vector<Device>> list_devices(const std::string& tenant, const std::string& filter,
                                                          const std::optional<Uuid>& after, size_t limit);
  [[nodiscard]] Outcome<DeviceView> find_device(const std::string& tenant, const Uuid& id);
  [[nodiscard]] Outcome<std::vector<KeptReport>> list_reports(const std::string& tenant, const Uuid& device,
                                                              const std::optional<uint64_t>& before, size_t limit);
  /// Ends the service of a device: it is offered nothing and may not register until it is removed. @returns kNotFound
  [[nodiscard]] Outcome<void> retire_device(const Actor& actor, const Uuid& id);
  /// Forgets a profile and its reports; the device may register anew. @returns kNotFound
  [[nodiscard]] Outcome<void> remove_device(const Actor& actor, const Uuid& id);

  /// @returns kNotFound: no such manifest or device; kImageMissing; kValueOutOfRange: expiry in the past;
  ///          kUsageInvalid: neither or both of filter and devices; kAlreadyExists: the key belongs to another request
  ///          a deployment that every device it has would refuse gets the reason of the first one, unless the pre-check
  ///          is skipped
  /// @param found  what the pre-check found, also of a deployment that is refused; may be null
  [[nodiscard]] Outcome<Uploaded<DeploymentView>> deploy(const Actor& actor, const NewDeployment& wanted,
                                                         Precheck* found = nullptr);
  /// The last capability report of a device.
  /// @returns kNotFound: no such device, or none has come
  [[nodiscard]] Outcome<KeptCapability> find_capability(const std::string& tenant, const Uuid& device);
  [[nodiscard]] Outcome<std::vector<DeploymentView>> list_deployments(const std::string& tenant,
                                                                      const std::optional<DeploymentCursor>& after,
                                                                      size_t limit);
  [[nodiscard]] Outcome<DeploymentView> find_deployment(const std::string& tenant, const Uuid& id);
  [[nodiscard]] Outcome<std::vector<Target>> list_targets(const std::string& tenant, const Uuid& deployment,
                                                          const std::optional<Uuid>& after, size_t limit);
  /// @returns kNotFound, kDeploymentEnded
  [[nodiscard]] Outcome<DeploymentView> give_order(const Actor& actor, const Uuid& deployment, Order order);

  /// Lets the devices of a deployment that holds go on, those that come later too. A second time nothing changes.
  /// @returns kNotFound, kDeploymentEnded; kStateConflict for a deployment that does not hold
  [[nodiscard]] Outcome<DeploymentView> trigger(const Actor& actor, const Uuid& deployment);

  [[nodiscard]] Outcome<std::vector<Event>> list_events(const std::string& tenant, int64_t after, size_t limit);
  [[nodiscard]] Outcome<std::vector<std::pair<std::string, int64_t>>> count_states(const std::string& tenant);

  /// How long a request with an Idempotency-Key may be repeated.
  static constexpr int64_t kAnswersKeptMs = int64_t{7} * 24 * 3600 * 1000;
  /// Forgets older ones, of all tenants; to be called from time to time.
  [[nodiscard]] Outcome<void> forget_answers();

  [[nodiscard]] BlobFolder& images() noexcept { return images_; }
  [[nodiscard]] const UpdatesConfig& config() const noexcept { return config_; }
  [[nodiscard]] int64_t now_ms() const { return to_unix_ms(clock_.now()); }

 private:
  /// Keeps a capability report that came inside a SUIT_Report whose seal holds.
  [[nodiscard]] Outcome<void> keep_capability(store::Session& session, const std::string& tenant,
                                              const KeptReport& report);
  [[nodiscard]] Outcome<Device> known_device(store::Session& session, const std::string& tenant, const Uuid& id);
  [[nodiscard]] Outcome<void> settle(store::Session& session, const Device& device,
                                     const std::vector<Candidate>& candidates, const Choice& choice);
  /// Runs the manifest dry against the devices that a deployment has now.
  [[nodiscard]] Outcome<Precheck> precheck(const std::string& tenant, const NewDeployment& wanted,
                                           const FilterNode* filter);
  /// What an earlier request with the same key made.
  [[nodiscard]] Outcome<std::optional<DeploymentView>> made_before(store::Session& session, const Actor& actor,
                                                                   const NewDeployment& wanted);
  [[nodiscard]] Outcome<DeploymentView> view(store::Session& session, const Deployment& deployment);
  [[nodiscard]] Outcome<Deployment> make_deployment(store::Session& session, const Actor& actor,
                                                    const NewDeployment& wanted, const FilterNode* filter);
  void changed(const std::string& tenant, const std::optional<Uuid>& device) const {
    if (changed_) changed_(tenant, device);
  }

  store::Database& database_;
  BlobFolder& images_;
  BlobFolder& envelopes_;
  const SignerAnchors& signers_;
  const UtcClock& clock_;
  UpdatesConfig config_;
  Changed changed_;

  std::mutex seen_mutex_;
  std::map<std::pair<std::string, Uuid>, int64_t> seen_;
  std::mutex shown_mutex_;
  std::map<std::pair<std::string, Digest>, bool> shown_;  ///< images known to belong to a tenant
};

}  // namespace tailor::update_server
