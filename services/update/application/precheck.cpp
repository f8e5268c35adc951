// SPDX-License-Identifier: Apache-2.0
// What devices would say to a deployment, before it is made; and what they have said that they can do.
#include "core/report/suit_report.hpp"
#include "hosted/uuid_make.hpp"
#include "services/update/application/updates.hpp"
#include "services/update/domain/suit_report_check.hpp"
#include "services/update/store/device_store.hpp"

namespace tailor::update_server {
namespace {

using store::Session;

/// Devices that are looked at. A fleet is larger, but its devices are of few kinds.
constexpr size_t kDevices = 500;
/// Kinds of devices that a manifest is run for; each costs about a millisecond.
constexpr size_t kKinds = 64;
constexpr size_t kShownRefusals = 20;

struct Judged {
  Device device;
  std::optional<KeptCapability> capability;
};

/// The devices of a deployment with what they can do, up to kDevices; retired ones have no part.
Outcome<std::vector<Judged>> devices_of(Session& session, const std::string& tenant, const NewDeployment& wanted,
                                        const FilterNode* filter, bool& all) {
  DeviceStore store(session, tenant);
  std::vector<Device> devices;
  if (filter != nullptr) {
    TAILOR_TRY_ASSIGN(devices, store.list(filter, std::nullopt, kDevices + 1));
  } else {
    for (const Uuid& id : wanted.devices) {
      if (devices.size() > kDevices) break;
      TAILOR_TRY_ASSIGN(std::optional<Device> device, store.find(id));
      if (!device) return fail(Error::kNotFound, "device " + uuid_text(id));
      devices.push_back(std::move(*device));
    }
  }
  all = devices.size() <= kDevices;
  if (!all) devices.resize(kDevices);
  std::vector<Judged> out;
  for (Device& device : devices) {
    if (device.life_cycle == LifeCycle::kRetired) continue;
    TAILOR_TRY_ASSIGN(auto capability, store.find_capability(device.id));
    out.push_back({std::move(device), std::move(capability)});
  }
  return out;
}

}  // namespace

Outcome<Precheck> Updates::precheck(const std::string& tenant, const NewDeployment& wanted, const FilterNode* filter) {
  Precheck found;
  Digest envelope_digest{};
  std::vector<Judged> devices;
  TAILOR_TRY(store::read(database_, [&](Session& session) -> Outcome<void> {
    TAILOR_TRY_ASSIGN(const auto manifest, ArtifactStore(session, tenant).find_manifest(wanted.manifest));
    if (!manifest) return fail(Error::kNotFound, "manifest " + digest_text(wanted.manifest));
    envelope_digest = manifest->envelope_digest;
    TAILOR_TRY_ASSIGN(devices, devices_of(session, tenant, wanted, filter, found.all));
    return kOk;
  }));
  if (devices.empty()) return found;
  TAILOR_TRY_ASSIGN(const auto envelope, envelopes_.get(envelope_digest));
  const Outcome<DryRun> run = DryRun::prepare(envelope->bytes(), now_ms());
  if (!run.ok()) {  // what the server cannot judge is left to the devices
    found.all = false;
    return found;
  }
  std::map<std::string, std::optional<Objection>> kinds;
  for (const Judged& judged : devices) {
    std::string kind = run->kind_of(judged.device);
    std::optional<Capability> capability;
    if (judged.capability) {
      kind += to_hex(judged.capability->encoded);
      if (auto read = capability_from(judged.capability->encoded); read.ok()) capability = std::move(read).value();
    }
    auto known = kinds.find(kind);
    if (known == kinds.end()) {
      if (kinds.size() == kKinds) {
        found.all = false;
        continue;
      }
      known = kinds.emplace(std::move(kind), run->run(judged.device, capability ? &*capability : nullptr)).first;
    }
    ++found.judged;
    if (!known->second) continue;
    ++found.refusing;
    if (found.refusals.size() < kShownRefusals) found.refusals.push_back({judged.device.id, *known->second});
  }
  return found;
}

Outcome<void> Updates::keep_capability(Session& session, const std::string& tenant, const KeptReport& report) {
  if (report.suit_report.empty() || report.seal_failure) return kOk;
  const OpenedReport opened = open_suit_report(report.suit_report, report.device, config_.report_secret.reveal());
  const auto told = report::decode_suit_report(opened.bytes);
  if (!told.ok() || told->capabilities.empty()) return kOk;
  return DeviceStore(session, tenant)
      .put_capability(report.device, {{told->capabilities.begin(), told->capabilities.end()}, "report", now_ms()});
}

Outcome<KeptCapability> Updates::find_capability(const std::string& tenant, const Uuid& device) {
  return store::read(database_, [&](Session& session) -> Outcome<KeptCapability> {
    DeviceStore store(session, tenant);
    TAILOR_TRY_ASSIGN(auto kept, store.find_capability(device));
    if (kept) return std::move(*kept);
    TAILOR_TRY_ASSIGN(const std::optional<Device> known, store.find(device));
    return fail(Error::kNotFound, known ? "device " + uuid_text(device) + " has sent no capability report"
                                        : "device " + uuid_text(device));
  });
}

}  // namespace tailor::update_server
