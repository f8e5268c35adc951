// SPDX-License-Identifier: Apache-2.0
// Who a certificate of our profile speaks for, and whether an authority issued it. Time is not judged here: the owner
// holds the dates against its TrustedTime; whitelists are its business too. For devices and hosted fronts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/uuid.hpp"
#include "core/coap/peer.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::x509 {

inline constexpr size_t kTenantBytes = 32;
inline constexpr size_t kSerialBytes = 20;  ///< RFC 5280 4.1.2.2
/// "tag:tailor,2026:<tenant>:<role>:<uuid>", the longest role being "update-server".
inline constexpr size_t kPeerUriBytes = 16 + kTenantBytes + 1 + 13 + 1 + Uuid::kTextLength;

/// What a certificate says about its subject. A copy: the certificate need not live on.
class PeerIdentity {
 public:
  [[nodiscard]] std::string_view tenant() const noexcept { return {tenant_.data(), tenant_length_}; }
  [[nodiscard]] ByteView serial() const noexcept { return {serial_.data(), serial_length_}; }

  coap::PeerRole role = coap::PeerRole::kNone;
  Uuid id{};
  crypto::P256PublicKey public_key;
  uint64_t not_before = 0;  ///< UTC seconds since 1970, inclusive
  uint64_t not_after = 0;   ///< UTC seconds since 1970, inclusive

 private:
  friend Result<PeerIdentity> parse_peer_identity(ByteView) noexcept;
  friend Result<struct VerifiedPeer> verify_peer(ByteView, std::span<const ByteView>) noexcept;
  [[nodiscard]] static Result<PeerIdentity> of(const class Certificate& parsed) noexcept;

  std::array<char, kTenantBytes> tenant_{};
  std::array<uint8_t, kSerialBytes> serial_{};
  uint8_t tenant_length_ = 0;
  uint8_t serial_length_ = 0;
};

/// Reads a certificate of the profile (docs/formats/certificates.md). Proves nothing: see verify_peer().
///
/// @returns - kDerMalformed: not one DER certificate, or bytes follow it
///          - kCertificateProfile: no P-256 key, another signature algorithm than ecdsa-with-SHA256, an authority's
///          own,
///            or not exactly one URI among its alternative names, of our form
[[nodiscard]] Result<PeerIdentity> parse_peer_identity(ByteView certificate) noexcept;

struct VerifiedPeer {
  PeerIdentity identity;
  size_t authority;       ///< index of the one that issued it
  uint64_t usable_from;   ///< the later not_before of certificate and authority
  uint64_t usable_until;  ///< the earlier not_after of certificate and authority
};

/// Checks that one of `authorities` (DER, trusted as they are) issued `certificate` directly (RFC 5280 6.1 for a path
/// of length one: the profile has no intermediates).
///
/// @returns what parse_peer_identity() returns; kCertificateInvalid when no authority issued it
/// @note dates and revocation are not checked
[[nodiscard]] Result<VerifiedPeer> verify_peer(ByteView certificate, std::span<const ByteView> authorities) noexcept;

/// The role's name in certificates and configuration: "device", "update-server", "ca", "operator"; empty for kNone.
[[nodiscard]] std::string_view name_of(coap::PeerRole role) noexcept;

/// Writes the URI of a peer into `out` and returns it.
/// @returns kValueOutOfRange for a tenant that may not stand in one
[[nodiscard]] Result<std::string_view> write_peer_uri(std::string_view tenant, coap::PeerRole role, const Uuid& id,
                                                      std::array<char, kPeerUriBytes>& out) noexcept;

}  // namespace tailor::x509
