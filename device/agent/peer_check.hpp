// SPDX-License-Identifier: Apache-2.0
// Judges the certificate of whoever talks to the device: issued by a CA of the trust store, not revoked, within its
// period as far as the time is known, in the right role, and on the whitelist of that role. Identity only: what a peer
// may ask for, and what a signer may write, is decided elsewhere.
#pragma once

#include "core/coap/peer.hpp"
#include "core/update/trusted_time.hpp"
#include "crypto_backends/psa/dtls/context.hpp"
#include "device/agent/identity.hpp"

namespace tailor::agent {

/// One bit for each role that a connection may have at its other end.
using Roles = uint8_t;
[[nodiscard]] constexpr Roles role_bit(coap::PeerRole role) noexcept {
  return static_cast<Roles>(1U << static_cast<unsigned>(role));
}

class PeerCheck final : public dtls::PeerVerifier {
 public:
  /// @param identity, clock  outlive the check
  PeerCheck(const Identity& identity, update::TrustedClock& clock) noexcept : identity_(identity), clock_(clock) {}

  /// Says who may be at the other end of the next handshake, and what time it is.
  void expect(Roles roles, MonotonicMs now) noexcept;

  /// @returns kCertificateInvalid, kCertificateProfile, kCertificateExpired, kCertificateRevoked, kTenantMismatch,
  ///          kRoleNotPermitted, kServerNotListed, kOperatorNotListed
  [[nodiscard]] Status verify(std::span<const ByteView> chain) noexcept override;

  /// Asks the trust store anew about the peer that verify() accepted: it may be another store by now.
  /// @returns kCertificateRevoked, kServerNotListed, kOperatorNotListed
  /// @note    which CA issued the certificate is not kept: whether that one is still trusted is not asked
  [[nodiscard]] Status still_listed() const noexcept;

  /// Who it was, after verify() accepted.
  [[nodiscard]] coap::PeerRole role() const noexcept { return role_; }
  [[nodiscard]] const Uuid& id() const noexcept { return id_; }

 private:
  const Identity& identity_;
  update::TrustedClock& clock_;
  MonotonicMs now_ = 0;
  Roles roles_ = 0;
  coap::PeerRole role_ = coap::PeerRole::kNone;
  Uuid id_;
  std::array<uint8_t, trust::kSerialBytes> serial_{};
  size_t serial_bytes_ = 0;
};

}  // namespace tailor::agent
