// SPDX-License-Identifier: Apache-2.0
// Who a certificate speaks for: tenant, role and UUID, and the tag URI (RFC 4151) that carries them in a certificate.
// Knows nothing of X.509.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/uuid.hpp"
#include "hosted/failure.hpp"

namespace tailor::pki {

enum class Role : uint8_t { kDevice, kUpdateServer, kCa, kOperator };

/// "device", "update-server", "ca", "operator".
[[nodiscard]] std::string_view to_text(Role role) noexcept;
[[nodiscard]] std::optional<Role> role_from_text(std::string_view text) noexcept;

/// The subject of a certificate. Whitelists name peers by (role, id).
struct Identity {
  std::string tenant = "default";
  Role role = Role::kDevice;
  Uuid id;

  friend bool operator==(const Identity&, const Identity&) = default;
  /// Writes "tag:tailor,2026:<tenant>:<role>:<uuid>".
  [[nodiscard]] std::string to_uri() const;
};

/// Tenant names: 1 to 32 of a-z, 0-9 and '-'.
[[nodiscard]] bool is_tenant(std::string_view text) noexcept;

/// Reads what Identity::to_uri writes, and nothing else.
/// @returns kCertificateProfile for any other text, also for upper-case digits in the UUID
[[nodiscard]] Outcome<Identity> identity_from_uri(std::string_view uri);

}  // namespace tailor::pki
