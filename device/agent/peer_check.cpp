// SPDX-License-Identifier: Apache-2.0
#include "device/agent/peer_check.hpp"

#include "crypto_backends/psa/x509/identity.hpp"

namespace tailor::agent {
namespace {

Status check_listed(const trust::TrustStore& trust, coap::PeerRole role, const Uuid& id) noexcept {
  switch (role) {
    case coap::PeerRole::kUpdateServer:
      if (!trust.lists_server(id)) return Error::kServerNotListed;
      return kOk;
    case coap::PeerRole::kOperator:
      if (!trust.lists_operator(id)) return Error::kOperatorNotListed;
      return kOk;
    case coap::PeerRole::kCertificateAuthority:
      return kOk;  // its certificate is the listing: only the authorities of the trust store issue for this role
    case coap::PeerRole::kDevice:
    case coap::PeerRole::kNone:
      return Error::kRoleNotPermitted;
  }
  return Error::kRoleNotPermitted;
}

}  // namespace

void PeerCheck::expect(Roles roles, MonotonicMs now) noexcept {
  roles_ = roles;
  now_ = now;
  role_ = coap::PeerRole::kNone;
  id_ = {};
}

Status PeerCheck::verify(std::span<const ByteView> chain) noexcept {
  if (chain.empty()) return Error::kCertificateInvalid;
  const trust::TrustStore& trust = identity_.trust();
  TAILOR_TRY_ASSIGN(const x509::VerifiedPeer peer, x509::verify_peer(chain[0], trust.authorities.view()));
  if (trust.revokes(peer.identity.serial())) return Error::kCertificateRevoked;
  TAILOR_TRY(update::check_certificate_period(clock_.at(now_), peer.usable_from, peer.usable_until));
  if (peer.identity.tenant() != identity_.tenant()) return Error::kTenantMismatch;
  if ((roles_ & role_bit(peer.identity.role)) == 0) return Error::kRoleNotPermitted;
  TAILOR_TRY(check_listed(trust, peer.identity.role, peer.identity.id));
  TAILOR_TRY_ASSIGN(const ByteView serial, copy_into(serial_, peer.identity.serial()));
  serial_bytes_ = serial.size();
  role_ = peer.identity.role;
  id_ = peer.identity.id;
  // The CA has signed that this certificate exists, so its beginning has passed.
  clock_.learn_at_least(peer.identity.not_before);
  return kOk;
}

Status PeerCheck::still_listed() const noexcept {
  const trust::TrustStore& trust = identity_.trust();
  if (trust.revokes(ByteView{serial_}.first(serial_bytes_))) return Error::kCertificateRevoked;
  return check_listed(trust, role_, id_);
}

}  // namespace tailor::agent
