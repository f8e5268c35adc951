// SPDX-License-Identifier: Apache-2.0
#include "tests/device/sim_device.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <sstream>

namespace tailor::sim {
namespace {

constexpr uint32_t kSector = 4096;

/// The network's addresses are numbers; here they stand in the port.
tailor_endpoint_t endpoint_of(size_t address) {
  tailor_endpoint_t endpoint{};
  endpoint.address[15] = 1;
  endpoint.port = static_cast<uint16_t>(address + 1);
  return endpoint;
}

}  // namespace

Bytes image_of(const std::string& name, const std::string& behaviour, size_t bytes) {
  const std::string head = name + " " + behaviour + " ";
  Bytes image(head.begin(), head.end());
  uint32_t state = static_cast<uint32_t>(name.size() + bytes);
  while (image.size() < bytes) {
    state = state * 1664525U + 1013904223U;
    image.push_back(static_cast<uint8_t>(state >> 24U));
  }
  return image;
}

SimDevice::SimDevice(testing::LossyLink& link, const std::map<std::string, size_t>& hosts)
    : flash({64 * kSector, kSector, 8, 0xff}), link_(link), hosts_(hosts), address_(link.join(*this)) {
  layout_ = {
      region(0, 2), {region(48, 2), region(50, 2)}, {region(4, 12), region(16, 12)}, region(28, 2), region(30, 1)};
  datagram_.context = this;
  datagram_.send = [](void* context, const tailor_endpoint_t* to, const uint8_t* bytes, size_t length) {
    auto& self = *static_cast<SimDevice*>(context);
    if (!self.mute_) self.link_.send(self.address_, to->port - 1U, {bytes, length});
    return TAILOR_PORT_OK;
  };
  datagram_.resolve = [](void* context, const char* host, size_t length, uint16_t, tailor_endpoint_t* found) {
    auto& self = *static_cast<SimDevice*>(context);
    const auto at = self.hosts_.find(std::string(host, length));
    if (at == self.hosts_.end()) return TAILOR_PORT_FAILED;
    *found = endpoint_of(at->second);
    return TAILOR_PORT_OK;
  };
  time_.context = this;
  time_.wall_seconds = [](void* context, uint64_t* seconds) {
    auto& self = *static_cast<SimDevice*>(context);
    if (self.wall_seconds == 0) return TAILOR_PORT_WAIT;
    *seconds = self.wall_seconds + self.link_.now() / 1000;
    return TAILOR_PORT_OK;
  };
  log_.context = this;
  log_.write = [](void* context, tailor_log_level_t, const char* event, const char* text, size_t length) {
    if (std::getenv("TAILOR_TEST_LOG") == nullptr) return;
    auto& self = *static_cast<SimDevice*>(context);
    std::cerr << self.link_.now() << " " << event << " " << std::string(text, length) << "\n";
  };
  surroundings_.context = this;
  surroundings_.power = [](void* context, bool* present) {
    const auto& now = *static_cast<SimDevice*>(context)->surroundings;
    *present = now.power.value_or(false);
    return now.power.has_value() ? TAILOR_PORT_OK : TAILOR_PORT_WAIT;
  };
  surroundings_.battery_mwh = [](void* context, uint64_t* left) {
    *left = static_cast<SimDevice*>(context)->surroundings->battery_mwh;
    return TAILOR_PORT_OK;
  };
  surroundings_.local_offset_seconds = [](void* context, int32_t* offset) {
    *offset = static_cast<SimDevice*>(context)->surroundings->local_offset_s;
    return TAILOR_PORT_OK;
  };
  surroundings_.other_version = [](void* context, const uint8_t* id, size_t length, int64_t* parts, size_t* count) {
    const auto& version = static_cast<SimDevice*>(context)->surroundings->gateway;
    if (as_text({id, length}) != "gw" || version.empty()) return TAILOR_PORT_WAIT;
    *count = version.size();
    std::copy(version.begin(), version.end(), parts);
    return TAILOR_PORT_OK;
  };
  settings.image_component = kImageComponent;
  settings.extra = {kDependencyComponent, kStagingComponent, {staging(), region(62, 1), region(63, 1)}};
  settings.poll_interval_ms = 5'000;
  settings.retry_max_ms = 20'000;
  settings.trial_timeout_ms = 120'000;
  settings.listen = true;
}

FlashRegion SimDevice::region(uint32_t sector, uint32_t count) {
  return {flash.port(), sector * kSector, count * kSector};
}

void SimDevice::provision(ByteView bundle, ByteView envelope, ByteView image) {
  storage::RecordStore store(region(32, 16));
  ASSERT_TRUE(store.format().ok());
  agent::Identity identity(store);
  ASSERT_TRUE(identity.provision(bundle).ok());
  ASSERT_TRUE(identity.load().ok());

  boot::BootControl control(layout_);
  ASSERT_TRUE(control.format().ok());
  const trust::TrustPolicy trust(identity.trust(), identity.anchor());
  std::vector<uint8_t> buffer(limits::kManifestBytes);
  suit::EnvelopeReader reader(buffer, trust);
  struct Nothing final : suit::MemberSink {
    Status begin(std::string_view, uint64_t) noexcept override { return kOk; }
    Result<size_t> write(ByteView bytes) noexcept override { return bytes.size(); }
    Status end() noexcept override { return kOk; }
  } nothing;
  ByteView rest = envelope;
  ASSERT_TRUE(reader.feed(rest, nothing).ok());
  ASSERT_NE(reader.manifest(), nullptr);
  const auto stored = boot::StoredEnvelope::from_reader(buffer, *reader.manifest()).value();
  boot::Candidate candidate;
  candidate.component = boot::component_key(kImageComponent).value();
  candidate.sequence = reader.manifest()->manifest().sequence_number;
  candidate.image_bytes = static_cast<uint32_t>(image.size());
  ASSERT_TRUE(control.begin(candidate, stored.pieces(), 512).ok());
  ASSERT_TRUE(control.write(0, image).ok());
  ASSERT_TRUE(control.stage().ok());
  ASSERT_TRUE(control.adopt().ok());
}

void SimDevice::boot() {
  for (int attempt = 0; attempt < 8; ++attempt) {
    switch_off();
    ++boots;
    store_ = std::make_unique<storage::RecordStore>(region(32, 16));
    ASSERT_TRUE(store_->mount().ok());
    agent::Identity identity(*store_);
    ASSERT_TRUE(identity.load().ok());
    const trust::TrustPolicy trust(identity.trust(), identity.anchor());
    boot::SuitVerifier::Settings verified{
        {identity.vendor(), identity.device_class(), identity.device()}, trust, trust, kImageComponent};
    verified.dependency_component = settings.extra.dependency;
    verified.staging_component = settings.extra.staging;
    boot::SuitVerifier verifier(verified);
    boot::BootDecision decision(layout_, verifier);
    const auto choice = decision.decide();
    if (!flash.has_power()) return switch_off();
    ASSERT_TRUE(choice.ok()) << name_of(choice.error());
    ASSERT_TRUE(choice->verdict.passes());

    std::string head(64, '\0');
    ASSERT_TRUE(layout_.slot(choice->slot).read(0, {reinterpret_cast<uint8_t*>(head.data()), head.size()}).ok());
    std::istringstream words(head);
    std::string behaviour;
    words >> version_ >> behaviour;
    if (behaviour == "crashes") {
      ASSERT_TRUE(decision.end_trial(Error::kTrialCrashed).ok());
      continue;
    }
    running_ = version_;
    mute_ = behaviour == "mute";
    control_ = std::make_unique<boot::BootControl>(layout_);
    ASSERT_TRUE(control_->open().ok());
    agent::AgentSettings own = settings;
    own.version = version_;
    if (version_ == "v3") own.enrolment_generation = generation_of_v3;
    const agent::AgentPorts ports{datagram_, time_, reboot_, &log_,
                                  surroundings.has_value() ? &surroundings_ : nullptr};
    agent_ = std::make_unique<agent::Agent>(own, ports, *store_, *control_, layout_);
    const Status started = agent_->start(link_.now());
    if (!flash.has_power()) return switch_off();
    ASSERT_TRUE(started.ok());
    return;
  }
  FAIL() << "no image stays up";
}

void SimDevice::on_datagram(size_t from, ByteView datagram, MonotonicMs now) {
  if (!runs() || mute_) return;
  agent_->on_datagram(endpoint_of(from), datagram, now);
}

void SimDevice::tick(MonotonicMs now) {
  if (!runs()) return;
  agent_->step(now);
  if (agent_->reboot_wanted() && reboots) boot();
}

MonotonicMs SimDevice::next_deadline() const {
  if (!runs() || (agent_->reboot_wanted() && !reboots)) return kNever;
  return agent_->next_deadline();
}

}  // namespace tailor::sim
