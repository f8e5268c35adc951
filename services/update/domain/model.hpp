// SPDX-License-Identifier: Apache-2.0
// What the update server knows: devices, manifests, images, deployments, reports, events. Plain values that own their
// memory; rules about them stand in the neighbouring files, persistence in store/.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/update/registration.hpp"
#include "core/update/report.hpp"
#include "hosted/encoding.hpp"
#include "hosted/failure.hpp"

namespace tailor::update_server {

using update::DeliveryMode;
using update::LifeCycle;
using update::UpdateState;
using Digest = crypto::Sha256Digest;

/// A digest as 64 hex digits, as the operator API writes it.
[[nodiscard]] std::string digest_text(const Digest& digest);
/// @returns kValueOutOfRange unless `text` is 64 hex digits
[[nodiscard]] Outcome<Digest> digest_from_text(std::string_view text);
/// @returns kValueOutOfRange unless `text` is base64url of 32 bytes, the form in /img/<d>
[[nodiscard]] Outcome<Digest> digest_from_base64url(std::string_view text);

/// Where one update stands on one device, as the core's UpdateStatus, and how far words go for people.
struct Progressed {
  UpdateState state = UpdateState::kIdle;
  std::optional<Error> reason;
  std::optional<update::Awaited> awaited{};  ///< exactly in state awaiting-trigger
  friend bool operator==(const Progressed&, const Progressed&) = default;
};

/// Why it is where it is, in one word: the reason's name, or what is awaited; empty for neither.
[[nodiscard]] std::string reason_text(const Progressed& progress);

struct Component {
  std::vector<Bytes> id;  ///< parts of the SUIT component identifier
  uint64_t sequence_number = 0;
  Digest digest{};
  uint64_t size_bytes = 0;
  std::string version;
  friend bool operator==(const Component&, const Component&) = default;
};

/// The parts of a component identifier as hex, joined by '/': for people and for JSON.
[[nodiscard]] std::string component_text(const std::vector<Bytes>& id);

/// What a device told about itself, and when it was heard.
struct Device {
  std::string tenant;
  Uuid id;
  Uuid vendor;
  Uuid device_class;
  LifeCycle life_cycle = LifeCycle::kEnrolled;
  std::vector<Component> components;
  uint8_t modes = update::kAllModes;
  DeliveryMode preferred_mode = DeliveryMode::kPull;
  uint16_t block_bytes = 512;
  uint64_t trust_store_version = 0;
  Progressed update;
  int64_t registered_at_ms = 0;
  int64_t last_seen_ms = 0;

  /// The component that filters and tables speak of: the first one.
  [[nodiscard]] const Component* main_component() const { return components.empty() ? nullptr : components.data(); }
};

/// Takes over a decoded registration.
[[nodiscard]] Device device_from(const update::Registration& registration, std::string tenant, int64_t now_ms);

/// A payload that a manifest fetches.
struct Payload {
  std::string uri;
  std::optional<Digest> digest;
  std::optional<uint64_t> size_bytes;
  friend bool operator==(const Payload&, const Payload&) = default;
};

/// What the server read out of a manifest to choose with. The device checks all of it again.
struct ManifestFacts {
  Digest digest{};  ///< of the manifest, as in its authentication wrapper
  uint64_t sequence_number = 0;
  std::vector<Uuid> vendors;  ///< named by the manifest; empty: none is demanded
  std::vector<Uuid> classes;
  std::vector<Uuid> devices;
  std::vector<std::vector<Bytes>> components;
  std::vector<Payload> payloads;
  std::vector<std::string> integrated;  ///< keys of payloads that the envelope carries

  /// Digests of payloads that this server has to have: those whose path is /img/<d>.
  [[nodiscard]] std::vector<Digest> images() const;
};

struct Manifest {
  ManifestFacts facts;
  uint64_t envelope_bytes = 0;
  std::string uploaded_by;
  int64_t uploaded_at_ms = 0;
};

struct Image {
  Digest digest{};
  uint64_t size_bytes = 0;
  std::string uploaded_by;
  int64_t uploaded_at_ms = 0;
};

/// What an operator ordered. Expiry is not kept as a state: it is a matter of the time of day.
enum class Order : uint8_t { kActive, kPaused, kCancelled };
/// What a deployment is now.
enum class DeploymentState : uint8_t { kActive, kPaused, kCancelled, kExpired, kComplete };
[[nodiscard]] std::string_view name_of(Order order) noexcept;
[[nodiscard]] std::string_view name_of(DeploymentState state) noexcept;
[[nodiscard]] Outcome<Order> order_from_name(std::string_view name);

struct Deployment {
  std::string tenant;
  Uuid id;
  Digest manifest{};
  std::string filter;                ///< RSQL; empty when devices were named
  std::optional<DeliveryMode> mode;  ///< absent: what each device prefers
  int64_t priority = 0;              ///< higher goes first
  bool skip_precheck = false;        ///< offer it even where vendor, class or sequence number do not fit
  bool hold = false;                 ///< devices stage the update and wait for the trigger
  std::optional<int64_t> triggered_at_ms;
  Order order = Order::kActive;
  std::optional<int64_t> expires_at_ms;
  std::string created_by;
  int64_t created_at_ms = 0;
};

/// One device of one deployment.
struct Target {
  Uuid deployment;
  Uuid device;
  Progressed progress;
  std::string detail;  ///< what failed, for people
  int64_t updated_at_ms = 0;
};

/// A report as it is kept.
struct KeptReport {
  Uuid device;
  uint64_t number = 0;
  std::optional<Digest> manifest;
  std::optional<uint64_t> sequence_number;
  Progressed progress;
  std::string where;
  update::BootInfo boot;
  update::TrustedTime device_time;
  std::optional<Uuid> deployment;
  int64_t received_at_ms = 0;
  Bytes suit_report;  ///< sealed, as it came; empty: none
  /// What the check of its seal said, against the key of the certificate that the device showed.
  std::optional<Error> seal_failure;
  Bytes opened;               ///< the SUIT_Report inside, made for those who read; empty: not to be read
  bool is_encrypted = false;  ///< inside its seal
};

/// The last capability report of a device.
struct KeptCapability {
  Bytes encoded;       ///< SUIT_Capability_Report
  std::string source;  ///< how it came; "report": inside a SUIT_Report
  int64_t received_at_ms = 0;
};

[[nodiscard]] KeptReport report_from(const update::Report& report, int64_t now_ms);

/// Whether devices are to wait with this update, once it is staged.
[[nodiscard]] inline bool is_held(const Deployment& deployment) {
  return deployment.hold && !deployment.triggered_at_ms;
}

/// One line of the event log.
struct Event {
  int64_t number = 0;  ///< ascends in the order in which events became visible
  int64_t at_ms = 0;
  std::string kind;     ///< "device.registered", "deployment.created", ...
  std::string subject;  ///< id or digest of what it happened to
  std::string actor;    ///< "operator:<uuid>", "device:<uuid>", "server"
  std::string detail;   ///< a JSON object, or empty
};

}  // namespace tailor::update_server
