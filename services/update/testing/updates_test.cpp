// SPDX-License-Identifier: Apache-2.0
// See updates_test.hpp.
#include "services/update/testing/updates_test.hpp"

#include "hosted/file.hpp"
#include "services/update/store/schema.hpp"

namespace tailor::update_server::testing {

Backend::Backend(store::Database& database, const std::filesystem::path& folder, const UtcClock& clock,
                 UpdatesConfig config)
    : images(need(BlobFolder::open(folder / "images"))),
      envelopes(need(BlobFolder::open(folder / "envelopes"))),
      updates(database, *images, *envelopes, signers, clock, std::move(config)) {}

Bytes registration_message(const Device& device) {
  update::Registration registration;
  registration.device = device.id;
  registration.vendor = device.vendor;
  registration.device_class = device.device_class;
  registration.life_cycle = device.life_cycle;
  registration.modes = device.modes;
  registration.preferred_mode = device.preferred_mode;
  registration.block_bytes = device.block_bytes;
  registration.trust_store_version = device.trust_store_version;
  registration.update = update::UpdateStatus::make(device.update.state, device.update.reason,
                                                   device.update.awaited.value_or(update::Awaited::kTrigger))
                            .value();
  for (const Component& component : device.components) {
    update::InstalledComponent installed;
    for (const Bytes& part : component.id) {
      if (!installed.id.push_back(part, Error::kInternal).ok()) throw std::runtime_error("component id");
    }
    installed.sequence_number = component.sequence_number;
    installed.digest = component.digest;
    installed.size_bytes = component.size_bytes;
    installed.version = component.version;
    if (!registration.components.push_back(installed, Error::kInternal).ok()) throw std::runtime_error("components");
  }
  Bytes room(1024);
  const ByteView bytes = update::encode(registration, room).value();
  return {bytes.begin(), bytes.end()};
}

Bytes report_message(const Device& device, uint64_t number, const Digest& manifest, UpdateState state,
                     std::optional<Error> reason) {
  update::Report report;
  report.number = number;
  report.device = device.id;
  report.manifest_digest = manifest;
  report.sequence_number = 2;
  report.update = update::UpdateStatus::make(state, reason).value();
  report.where = reason ? "somewhere" : "";
  report.boot.slots = 2;
  report.time = update::TrustedTime::synced(1'790'000'000);
  Bytes room(512);
  const ByteView bytes = update::encode(report, room).value();
  return {bytes.begin(), bytes.end()};
}

Outcome<void> Backend::registers(const Device& device) {
  const Bytes message = registration_message(device);
  return updates.register_device(device.tenant, device.id, update::decode_registration(message).value());
}

Outcome<void> Backend::reports(const Device& device, uint64_t number, const Digest& manifest, UpdateState state,
                               std::optional<Error> reason) {
  const Bytes message = report_message(device, number, manifest, state, reason);
  return updates.take_report(device.tenant, device.id, update::decode_report(message).value(), nullptr);
}

Outcome<Uploaded<Image>> Backend::uploads_image(ByteView image, const std::optional<Digest>& expected) {
  const std::filesystem::path file = images->incoming() / "upload";
  TAILOR_TRY(write_file(file, image));
  return updates.add_image(kOperator, file, expected);
}

Outcome<Uploaded<Manifest>> Backend::uploads(const EnvelopeSpec& spec) {
  return updates.add_manifest(kOperator, envelope(spec));
}

Outcome<Uploaded<DeploymentView>> Backend::deploys(const EnvelopeSpec& spec, NewDeployment wanted) {
  TAILOR_TRY(uploads_image(spec.image));
  TAILOR_TRY_ASSIGN(const Uploaded<Manifest> manifest, uploads(spec));
  wanted.manifest = manifest.item.facts.digest;
  return updates.deploy(kOperator, wanted);
}

UpdateState Backend::state_in(const Uuid& deployment, const Device& device) {
  for (const Target& target : need(updates.list_targets(kTenant, deployment, std::nullopt, 100))) {
    if (target.device == device.id) return target.progress.state;
  }
  throw std::runtime_error("not a target");
}

void UpdatesTest::SetUp() {
  StoreTest::SetUp();
  if (IsSkipped()) return;
  database_ = open();
  need(store::migrate(*database_, kServiceName, schema()));
  backend_ = std::make_unique<Backend>(*database_, file("data"), clock_);
}

}  // namespace tailor::update_server::testing
