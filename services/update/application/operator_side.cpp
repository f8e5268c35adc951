// SPDX-License-Identifier: Apache-2.0
// The use cases of operators around artifacts and devices; deployments stand in deployments.cpp.
#include "hosted/uuid_make.hpp"
#include "services/update/application/event_detail.hpp"
#include "services/update/application/updates.hpp"
#include "services/update/domain/suit_report_check.hpp"
#include "services/update/store/device_store.hpp"
#include "services/update/store/log_store.hpp"

namespace tailor::update_server {

using store::Session;

Outcome<Uploaded<Image>> Updates::add_image(const Actor& actor, const std::filesystem::path& file,
                                            const std::optional<Digest>& expected) {
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(file, error);
  if (error) return fail(Error::kFileFailed, file.string() + ": " + error.message());
  TAILOR_TRY_ASSIGN(const Digest digest, images_.adopt(file, expected));
  return store::write(database_, [&](Session& session) -> Outcome<Uploaded<Image>> {
    ArtifactStore artifacts(session, actor.tenant);
    TAILOR_TRY_ASSIGN(const std::optional<Image> before, artifacts.find_image(digest));
    if (before) return Uploaded<Image>{*before, false};
    const Image image{digest, size, actor.name, now_ms()};
    TAILOR_TRY(artifacts.put_image(image));
    TAILOR_TRY(LogStore(session, actor.tenant)
                   .add_event({0, now_ms(), "image.uploaded", digest_text(digest), actor.name,
                               detail_json({{"size_bytes", std::to_string(size)}})}));
    return Uploaded<Image>{image, true};
  });
}

Outcome<Uploaded<Manifest>> Updates::add_manifest(const Actor& actor, ByteView envelope) {
  if (envelope.size() > config_.max_envelope_bytes) {
    return fail(Error::kBodyTooLarge, "envelopes may have " + std::to_string(config_.max_envelope_bytes) + " bytes");
  }
  TAILOR_TRY_ASSIGN(ManifestFacts facts, read_envelope(envelope, signers_));
  TAILOR_TRY_ASSIGN(const Digest file, envelopes_.put(envelope));
  KeptManifest kept{{std::move(facts), envelope.size(), actor.name, now_ms()}, file};
  return store::write(database_, [&](Session& session) -> Outcome<Uploaded<Manifest>> {
    ArtifactStore artifacts(session, actor.tenant);
    TAILOR_TRY_ASSIGN(const auto before, artifacts.find_manifest(kept.manifest.facts.digest));
    if (before && before->envelope_digest == file) return Uploaded<Manifest>{before->manifest, false};
    TAILOR_TRY(artifacts.put_manifest(kept));
    TAILOR_TRY(
        LogStore(session, actor.tenant)
            .add_event({0, now_ms(), before ? "manifest.replaced" : "manifest.uploaded",
                        digest_text(kept.manifest.facts.digest), actor.name,
                        detail_json({{"sequence_number", std::to_string(kept.manifest.facts.sequence_number)}})}));
    return Uploaded<Manifest>{kept.manifest, !before};
  });
}

Outcome<std::vector<Image>> Updates::list_images(const std::string& tenant, const std::optional<Digest>& after,
                                                 size_t limit) {
  return store::read(database_,
                     [&](Session& session) { return ArtifactStore(session, tenant).list_images(after, limit); });
}

Outcome<std::vector<Manifest>> Updates::list_manifests(const std::string& tenant, const std::optional<Digest>& after,
                                                       size_t limit) {
  TAILOR_TRY_ASSIGN(const std::vector<KeptManifest> kept, store::read(database_, [&](Session& session) {
                      return ArtifactStore(session, tenant).list_manifests(after, limit);
                    }));
  std::vector<Manifest> manifests;
  for (const KeptManifest& item : kept) manifests.push_back(item.manifest);
  return manifests;
}

Outcome<Manifest> Updates::find_manifest(const std::string& tenant, const Digest& digest) {
  TAILOR_TRY_ASSIGN(const std::optional<KeptManifest> kept, store::read(database_, [&](Session& session) {
                      return ArtifactStore(session, tenant).find_manifest(digest);
                    }));
  if (!kept) return fail(Error::kNotFound, "manifest " + digest_text(digest));
  return kept->manifest;
}

Outcome<std::shared_ptr<const Blob>> Updates::envelope_of(const std::string& tenant, const Digest& digest) {
  TAILOR_TRY_ASSIGN(const std::optional<KeptManifest> kept, store::read(database_, [&](Session& session) {
                      return ArtifactStore(session, tenant).find_manifest(digest);
                    }));
  if (!kept) return fail(Error::kNotFound, "manifest " + digest_text(digest));
  return envelopes_.get(kept->envelope_digest);
}

Outcome<std::vector<Device>> Updates::list_devices(const std::string& tenant, const std::string& filter,
                                                   const std::optional<Uuid>& after, size_t limit) {
  std::optional<FilterNode> parsed;
  if (!filter.empty()) {
    TAILOR_TRY_ASSIGN(FilterNode node, parse_filter(filter));
    parsed = std::move(node);
  }
  return store::read(database_, [&](Session& session) {
    return DeviceStore(session, tenant).list(parsed ? &*parsed : nullptr, after, limit);
  });
}

Outcome<DeviceView> Updates::find_device(const std::string& tenant, const Uuid& id) {
  return store::read(database_, [&](Session& session) -> Outcome<DeviceView> {
    TAILOR_TRY_ASSIGN(std::optional<Device> device, DeviceStore(session, tenant).find(id));
    if (!device) return fail(Error::kNotFound, "device " + uuid_text(id));
    TAILOR_TRY_ASSIGN(std::vector<Target> targets, DeploymentStore(session, tenant).targets_of(id));
    return DeviceView{std::move(*device), std::move(targets)};
  });
}

Outcome<std::vector<KeptReport>> Updates::list_reports(const std::string& tenant, const Uuid& device,
                                                       const std::optional<uint64_t>& before, size_t limit) {
  return store::read(database_, [&](Session& session) -> Outcome<std::vector<KeptReport>> {
    LogStore log(session, tenant);
    TAILOR_TRY_ASSIGN(std::vector<KeptReport> reports, log.reports(device, before, limit));
    for (KeptReport& report : reports) {
      OpenedReport opened = open_suit_report(report.suit_report, device, config_.report_secret.reveal());
      report.opened = std::move(opened.bytes);
      report.is_encrypted = opened.is_encrypted;
    }
    if (!reports.empty() || before) return reports;
    TAILOR_TRY_ASSIGN(const std::optional<Device> known, DeviceStore(session, tenant).find(device));
    if (!known) return fail(Error::kNotFound, "device " + uuid_text(device));
    return reports;
  });
}

Outcome<void> Updates::retire_device(const Actor& actor, const Uuid& id) {
  return store::write(database_, [&](Session& session) -> Outcome<void> {
    TAILOR_TRY(DeviceStore(session, actor.tenant).set_life_cycle(id, LifeCycle::kRetired));
    return LogStore(session, actor.tenant).add_event({0, now_ms(), "device.retired", uuid_text(id), actor.name, ""});
  });
}

Outcome<void> Updates::remove_device(const Actor& actor, const Uuid& id) {
  return store::write(database_, [&](Session& session) -> Outcome<void> {
    TAILOR_TRY(DeviceStore(session, actor.tenant).remove(id));
    TAILOR_TRY(LogStore(session, actor.tenant).forget_reports(id));
    return LogStore(session, actor.tenant).add_event({0, now_ms(), "device.removed", uuid_text(id), actor.name, ""});
  });
}

Outcome<void> Updates::forget_answers() {
  return store::write(
      database_, [&](Session& session) { return LogStore(session, "").forget_answers(now_ms() - kAnswersKeptMs); });
}

Outcome<std::vector<Event>> Updates::list_events(const std::string& tenant, int64_t after, size_t limit) {
  return store::read(database_, [&](Session& session) { return LogStore(session, tenant).events(after, limit); });
}

Outcome<std::vector<std::pair<std::string, int64_t>>> Updates::count_states(const std::string& tenant) {
  return store::read(database_, [&](Session& session) { return DeviceStore(session, tenant).count_states(); });
}

}  // namespace tailor::update_server
