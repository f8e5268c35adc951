// SPDX-License-Identifier: Apache-2.0
// The use cases of devices: registration, the update they get, their reports.
#include "hosted/uuid_make.hpp"
#include "services/update/application/event_detail.hpp"
#include "services/update/application/updates.hpp"
#include "services/update/domain/suit_report_check.hpp"
#include "services/update/store/device_store.hpp"
#include "services/update/store/log_store.hpp"

namespace tailor::update_server {
namespace {

using store::Session;

/// Images whose owner is remembered; each entry is about 100 bytes.
constexpr size_t kShownImages = 4096;

}  // namespace

Updates::Updates(store::Database& database, BlobFolder& images, BlobFolder& envelopes, const SignerAnchors& signers,
                 const UtcClock& clock, UpdatesConfig config)
    : database_(database),
      images_(images),
      envelopes_(envelopes),
      signers_(signers),
      clock_(clock),
      config_(std::move(config)) {}

Outcome<Device> Updates::known_device(Session& session, const std::string& tenant, const Uuid& id) {
  TAILOR_TRY_ASSIGN(std::optional<Device> device, DeviceStore(session, tenant).find(id));
  if (!device) return fail(Error::kNotFound, "device " + uuid_text(id) + " is not registered");
  if (device->life_cycle == LifeCycle::kRetired) return fail(Error::kDeviceRetired, uuid_text(id));
  return std::move(*device);
}

Outcome<void> Updates::settle(Session& session, const Device& device, const std::vector<Candidate>& candidates,
                              const Choice& choice) {
  for (const Choice::Settled& settled : choice.settled) {
    Target target = candidates[settled.candidate].target;
    target.progress = settled.progress;
    target.detail = settled.progress.reason ? "server's pre-check" : "installed already";
    target.updated_at_ms = now_ms();
    TAILOR_TRY(DeploymentStore(session, device.tenant).set_progress(target));
    const std::string detail =
        detail_json(target.progress, target.detail, digest_text(candidates[settled.candidate].deployment.manifest),
                    uuid_text(target.deployment));
    TAILOR_TRY(LogStore(session, device.tenant)
                   .add_event({0, now_ms(), "target.settled", uuid_text(device.id), "server", detail}));
  }
  return kOk;
}

Outcome<void> Updates::register_device(const std::string& tenant, const Uuid& id,
                                       const update::Registration& registration) {
  if (registration.device != id) return fail(Error::kDeviceMismatch, "registration of another device");
  const Device device = device_from(registration, tenant, now_ms());
  const Outcome<void> done = store::write(database_, [&](Session& session) -> Outcome<void> {
    DeviceStore devices(session, tenant);
    DeploymentStore deployments(session, tenant);
    TAILOR_TRY_ASSIGN(const std::optional<Device> before, devices.find(id));
    if (before && before->life_cycle == LifeCycle::kRetired) return fail(Error::kDeviceRetired, uuid_text(id));
    TAILOR_TRY(devices.put(device));
    TAILOR_TRY_ASSIGN(const std::vector<Deployment> filtered, deployments.filtered(now_ms()));
    for (const Deployment& deployment : filtered) {
      TAILOR_TRY_ASSIGN(const FilterNode filter, parse_filter(deployment.filter));
      if (matches(filter, device)) TAILOR_TRY(deployments.add_target(deployment.id, id, now_ms()));
    }
    TAILOR_TRY_ASSIGN(const std::vector<Candidate> candidates, deployments.candidates(id));
    TAILOR_TRY(settle(session, device, candidates, choose(device, candidates, Way::kAsked, now_ms())));
    const Component* main = device.main_component();
    return LogStore(session, tenant)
        .add_event({0, now_ms(), before ? "device.reregistered" : "device.registered", uuid_text(id),
                    device_actor(uuid_text(id)),
                    detail_json({{"version", main != nullptr ? main->version : std::string()},
                                 {"life_cycle", std::string(update::name_of(device.life_cycle))},
                                 {"state", std::string(update::name_of(device.update.state))}})});
  });
  TAILOR_TRY(done);
  changed(tenant, id);
  return kOk;
}

Outcome<void> Updates::deregister(const std::string& tenant, const Uuid& id) {
  return store::write(database_, [&](Session& session) -> Outcome<void> {
    TAILOR_TRY(known_device(session, tenant, id));
    TAILOR_TRY(DeviceStore(session, tenant).remove(id));
    return LogStore(session, tenant)
        .add_event({0, now_ms(), "device.deregistered", uuid_text(id), device_actor(uuid_text(id)), ""});
  });
}

Outcome<std::optional<Offer>> Updates::offer(const std::string& tenant, const Uuid& id, Way way) {
  struct Chosen {
    Candidate candidate;
    Digest envelope{};
  };
  bool writes = false;
  const auto decide = [&](Session& session, bool may_write) -> Outcome<std::optional<Chosen>> {
    DeploymentStore deployments(session, tenant);
    TAILOR_TRY_ASSIGN(const Device device, known_device(session, tenant, id));
    TAILOR_TRY_ASSIGN(const std::vector<Candidate> candidates, deployments.candidates(id));
    const Choice choice = choose(device, candidates, way, now_ms());
    const bool first = choice.chosen && candidates[*choice.chosen].target.progress.state == UpdateState::kIdle;
    writes = first || !choice.settled.empty();
    if (writes && !may_write) return std::optional<Chosen>();
    if (writes) TAILOR_TRY(settle(session, device, candidates, choice));
    if (!choice.chosen) return std::optional<Chosen>();
    Candidate candidate = candidates[*choice.chosen];
    if (first) {
      candidate.target.progress.state = UpdateState::kOffered;
      candidate.target.updated_at_ms = now_ms();
      TAILOR_TRY(deployments.set_progress(candidate.target));
    }
    TAILOR_TRY_ASSIGN(const auto kept, ArtifactStore(session, tenant).find_manifest(candidate.deployment.manifest));
    if (!kept) return fail(Error::kInternal, "deployment without manifest");
    return std::optional<Chosen>(Chosen{std::move(candidate), kept->envelope_digest});
  };
  // Most polls change nothing, and a reader waits for nobody.
  auto decided = store::read(database_, [&](Session& session) { return decide(session, false); });
  if (!decided.ok()) return decided.error();
  std::optional<Chosen> chosen = std::move(*decided);
  if (writes) {
    auto again = store::write(database_, [&](Session& session) { return decide(session, true); });
    if (!again.ok()) return again.error();
    chosen = std::move(*again);
  }
  if (!chosen) return std::optional<Offer>();
  TAILOR_TRY_ASSIGN(std::shared_ptr<const Blob> envelope, envelopes_.get(chosen->envelope));
  return std::optional<Offer>(Offer{chosen->candidate.deployment.id, std::move(chosen->candidate.manifest),
                                    chosen->candidate.target.progress, is_held(chosen->candidate.deployment),
                                    chosen->envelope, std::move(envelope)});
}

Outcome<void> Updates::take_report(const std::string& tenant, const Uuid& id, const update::Report& report,
                                   const crypto::P256PublicKey* key) {
  if (report.device != id) return fail(Error::kDeviceMismatch, "report of another device");
  const Outcome<void> done = store::write(database_, [&](Session& session) -> Outcome<void> {
    DeploymentStore deployments(session, tenant);
    LogStore log(session, tenant);
    TAILOR_TRY(known_device(session, tenant, id));
    KeptReport kept = report_from(report, now_ms());
    kept.seal_failure = check_seal(report, key, config_.report_secret.reveal());
    std::optional<Target> target;
    if (kept.manifest) {
      TAILOR_TRY_ASSIGN(std::optional<Target> found, deployments.target_of_manifest(id, *kept.manifest));
      target = std::move(found);
    }
    if (target) kept.deployment = target->deployment;
    TAILOR_TRY_ASSIGN(const LogStore::Arrival arrival, log.add_report(kept));
    if (arrival == LogStore::Arrival::kSeen) return kOk;
    TAILOR_TRY_ASSIGN(const bool late, log.has_later_report(id, kept.number));
    TAILOR_TRY(keep_capability(session, tenant, kept));
    const std::optional<Progressed> progress = late ? std::nullopt : std::optional(kept.progress);
    TAILOR_TRY(DeviceStore(session, tenant).heard(id, now_ms(), progress));
    if (target && !late && moves(target->progress, kept.progress)) {
      target->progress = kept.progress;
      target->detail = kept.where;
      target->updated_at_ms = now_ms();
      TAILOR_TRY(deployments.set_progress(*target));
    }
    return log.add_event({0, now_ms(), "device.report", uuid_text(id), device_actor(uuid_text(id)),
                          detail_json(kept.progress, kept.where, kept.manifest ? digest_text(*kept.manifest) : "",
                                      target ? uuid_text(target->deployment) : "")});
  });
  TAILOR_TRY(done);
  // An update that has ended makes room for the next one; one that waits may have been triggered in the meantime.
  if (update::is_outcome(report.update.state()) || report.update.awaited()) changed(tenant, id);
  return kOk;
}

Outcome<void> Updates::note_refusal(const std::string& tenant, const Uuid& id, const Uuid& deployment, Error reason,
                                    const std::string& detail) {
  return store::write(database_, [&](Session& session) -> Outcome<void> {
    DeploymentStore deployments(session, tenant);
    TAILOR_TRY_ASSIGN(const std::vector<Target> targets, deployments.targets_of(id));
    for (Target target : targets) {
      if (target.deployment != deployment || update::is_outcome(target.progress.state)) continue;
      target.progress = {UpdateState::kRefused, reason};
      target.detail = detail;
      target.updated_at_ms = now_ms();
      TAILOR_TRY(deployments.set_progress(target));
      TAILOR_TRY(LogStore(session, tenant)
                     .add_event({0, now_ms(), "target.refused", uuid_text(id), device_actor(uuid_text(id)),
                                 detail_json(target.progress, detail, "", uuid_text(deployment))}));
    }
    return kOk;
  });
}

Outcome<std::shared_ptr<const Blob>> Updates::image(const std::optional<std::string>& tenant, const Digest& digest) {
  if (tenant) {
    const std::pair<std::string, Digest> key(*tenant, digest);
    bool known = false;
    {
      const std::lock_guard lock(shown_mutex_);
      known = shown_.contains(key);
    }
    if (!known) {
      TAILOR_TRY_ASSIGN(const std::optional<Image> image, store::read(database_, [&](Session& session) {
                          return ArtifactStore(session, *tenant).find_image(digest);
                        }));
      if (!image) return fail(Error::kNotFound, "image " + digest_text(digest));
      const std::lock_guard lock(shown_mutex_);
      if (shown_.size() >= kShownImages) shown_.clear();
      shown_[key] = true;
    }
  }
  return images_.get(digest);
}

void Updates::saw(const std::string& tenant, const Uuid& device) {
  const std::lock_guard lock(seen_mutex_);
  seen_[{tenant, device}] = now_ms();
}

Outcome<void> Updates::flush_seen() {
  std::map<std::pair<std::string, Uuid>, int64_t> seen;
  {
    const std::lock_guard lock(seen_mutex_);
    seen.swap(seen_);
  }
  if (seen.empty()) return kOk;
  return store::write(database_, [&](Session& session) -> Outcome<void> {
    for (const auto& [who, at_ms] : seen) {
      TAILOR_TRY(DeviceStore(session, who.first).heard(who.second, at_ms, std::nullopt));
    }
    return kOk;
  });
}

}  // namespace tailor::update_server
