// SPDX-License-Identifier: Apache-2.0
// See model.hpp.
#include "services/update/domain/model.hpp"

#include <algorithm>

namespace tailor::update_server {
namespace {

Outcome<Digest> digest_of(const Outcome<Bytes>& bytes, std::string_view text) {
  if (!bytes.ok() || bytes.value().size() != Digest().size()) {
    return fail(Error::kValueOutOfRange, "not a SHA-256 digest: " + std::string(text.substr(0, 80)));
  }
  Digest digest;
  std::copy(bytes.value().begin(), bytes.value().end(), digest.begin());
  return digest;
}

Progressed progressed(const update::UpdateStatus& status) {
  return {status.state(), status.reason(), status.awaited()};
}

}  // namespace

std::string digest_text(const Digest& digest) {
  return to_hex(digest);
}

Outcome<Digest> digest_from_text(std::string_view text) {
  return digest_of(from_hex(text), text);
}

Outcome<Digest> digest_from_base64url(std::string_view text) {
  return digest_of(from_base64url(text), text);
}

std::string component_text(const std::vector<Bytes>& id) {
  std::string text;
  for (const Bytes& part : id) text.append(text.empty() ? "" : "/").append(to_hex(part));
  return text;
}

Device device_from(const update::Registration& registration, std::string tenant, int64_t now_ms) {
  Device device;
  device.tenant = std::move(tenant);
  device.id = registration.device;
  device.vendor = registration.vendor;
  device.device_class = registration.device_class;
  device.life_cycle = registration.life_cycle;
  for (const update::InstalledComponent& installed : registration.components) {
    Component& component = device.components.emplace_back();
    for (const ByteView part : installed.id) component.id.emplace_back(part.begin(), part.end());
    component.sequence_number = installed.sequence_number;
    component.digest = installed.digest;
    component.size_bytes = installed.size_bytes;
    component.version = std::string(installed.version);
  }
  device.modes = registration.modes;
  device.preferred_mode = registration.preferred_mode;
  device.block_bytes = registration.block_bytes;
  device.trust_store_version = registration.trust_store_version;
  device.update = progressed(registration.update);
  device.registered_at_ms = now_ms;
  device.last_seen_ms = now_ms;
  return device;
}

std::string reason_text(const Progressed& progress) {
  if (progress.awaited) return std::string(update::name_of(*progress.awaited));
  return progress.reason ? std::string(name_of(*progress.reason)) : std::string();
}

std::vector<Digest> ManifestFacts::images() const {
  std::vector<Digest> digests;
  for (const Payload& payload : payloads) {
    // Absolute and relative references end alike; what a client may put behind the path is not part of it.
    const size_t at = payload.uri.find("/img/");
    if (at == std::string::npos) continue;
    const Outcome<Digest> image = digest_from_base64url(std::string_view(payload.uri).substr(at + 5));
    if (image.ok() && std::find(digests.begin(), digests.end(), image.value()) == digests.end()) {
      digests.push_back(image.value());
    }
  }
  return digests;
}

std::string_view name_of(Order order) noexcept {
  switch (order) {
    case Order::kActive:
      return "active";
    case Order::kPaused:
      return "paused";
    case Order::kCancelled:
      return "cancelled";
  }
  return "";
}

std::string_view name_of(DeploymentState state) noexcept {
  switch (state) {
    case DeploymentState::kActive:
      return "active";
    case DeploymentState::kPaused:
      return "paused";
    case DeploymentState::kCancelled:
      return "cancelled";
    case DeploymentState::kExpired:
      return "expired";
    case DeploymentState::kComplete:
      return "complete";
  }
  return "";
}

Outcome<Order> order_from_name(std::string_view name) {
  for (const Order order : {Order::kActive, Order::kPaused, Order::kCancelled}) {
    if (name == name_of(order)) return order;
  }
  return fail(Error::kValueOutOfRange, "order " + std::string(name));
}

KeptReport report_from(const update::Report& report, int64_t now_ms) {
  KeptReport kept;
  kept.device = report.device;
  kept.number = report.number;
  kept.manifest = report.manifest_digest;
  kept.sequence_number = report.sequence_number;
  kept.progress = progressed(report.update);
  kept.where = std::string(report.where);
  kept.boot = report.boot;
  kept.device_time = report.time;
  kept.received_at_ms = now_ms;
  kept.suit_report.assign(report.suit_report.begin(), report.suit_report.end());
  return kept;
}

}  // namespace tailor::update_server
