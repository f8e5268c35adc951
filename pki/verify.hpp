// SPDX-License-Identifier: Apache-2.0
// Judges a peer's certificate: chain, validity, profile, role, revocation. The one place where hosted programs decide
// that a certificate says who somebody is.
#pragma once

#include <span>

#include "pki/certificate.hpp"
#include "pki/crl.hpp"

namespace tailor::pki {

/// What the peer uses its certificate for.
enum class Usage : uint8_t { kClient, kServer };

struct VerifyPolicy {
  std::span<const Certificate> anchors;  ///< roots; an empty list trusts nobody
  UtcTime now;
  std::span<const Role> roles;  ///< roles that are allowed here; empty: any
  Usage usage = Usage::kClient;
  const Crl* crl = nullptr;  ///< nullptr: revocation is checked elsewhere
};

/// Verifies a certificate and says whose it is.
///
/// @returns kCertificateInvalid when no anchor issued it, kCertificateExpired also when it is not yet valid,
///          kCertificateRevoked, kCertificateProfile when it is not one of ours, kRoleNotPermitted
[[nodiscard]] Outcome<Identity> verify(const Certificate& certificate, const VerifyPolicy& policy);

}  // namespace tailor::pki
