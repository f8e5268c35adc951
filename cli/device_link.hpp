// SPDX-License-Identifier: Apache-2.0
// An operator's own DTLS session to a device that listens: for a manifest that goes there directly, a trigger, a look
// at its status. The device checks that the operator is on its whitelist; this side checks that it is a device.
#pragma once

#include <memory>
#include <string>

#include "cli/session.hpp"
#include "net/coaps/coaps_client.hpp"

namespace tailor::cli {

/// Host and port of "coaps://host[:port]".
struct CoapsTarget {
  std::string host;
  uint16_t port = 5684;
};
/// @returns kUsageInvalid for another scheme, a path, or no port number
[[nodiscard]] Outcome<CoapsTarget> coaps_target_from_uri(const std::string& uri);

class DeviceLink {
 public:
  /// Opens a session as the operator of the profile.
  [[nodiscard]] static Outcome<std::unique_ptr<DeviceLink>> open(const Session& session, const std::string& uri);

  /// Sends a request; an error code of the device becomes a Failure in the device's own words.
  [[nodiscard]] Outcome<net::CoapResponse> request(const net::CoapRequest& request);
  /// UUID of the device that answered the handshake.
  [[nodiscard]] Uuid device() const noexcept { return client_->server().id; }

 private:
  DeviceLink() = default;

  SystemUtcClock clock_;
  std::unique_ptr<net::CertificatePolicy> policy_;
  std::unique_ptr<net::CoapsClient> client_;
};

/// Reads a diagnostic payload "<ErrorName>: context" (docs/protocols) back into a Failure.
[[nodiscard]] Failure failure_from_diagnostic(std::string_view text, unsigned code_class, unsigned code_detail);

}  // namespace tailor::cli
