// SPDX-License-Identifier: Apache-2.0
// Judges peers during the handshake. Nothing here changes the ledger: whoever shows a certificate has not yet proved
// that it holds the key.
#include "services/ca/api/coaps_policy.hpp"

#include <charconv>

#include "core/trust/psk.hpp"
#include "hosted/log.hpp"

namespace tailor::ca {
namespace {

constexpr std::string_view kPsk = "psk:";
constexpr std::string_view kCertificate = "certificate:";

coap::PeerRole role_of(pki::Role role) {
  switch (role) {
    case pki::Role::kDevice:
      return coap::PeerRole::kDevice;
    case pki::Role::kUpdateServer:
      return coap::PeerRole::kUpdateServer;
    case pki::Role::kCa:
      return coap::PeerRole::kCertificateAuthority;
    case pki::Role::kOperator:
      break;
  }
  return coap::PeerRole::kOperator;
}

}  // namespace

std::string write_proof(const Proof& proof) {
  if (const auto* psk = std::get_if<PskProof>(&proof)) {
    std::array<char, trust::kPskIdentityBytes> text{};
    return std::string(kPsk).append(trust::write_psk_identity(psk->device, psk->generation, text));
  }
  if (const auto* certificate = std::get_if<CertificateProof>(&proof)) {
    return std::string(kCertificate) + to_base64url(certificate->certificate.der());
  }
  return {};
}

Proof read_proof(std::string_view text) {
  if (text.starts_with(kPsk)) {
    const auto identity = trust::read_psk_identity(as_bytes(text.substr(kPsk.size())));
    if (identity.ok()) return PskProof{identity->device, identity->generation};
  } else if (text.starts_with(kCertificate)) {
    const auto der = from_base64url(text.substr(kCertificate.size()));
    if (!der.ok()) return {};
    auto certificate = pki::Certificate::from_der(*der);
    if (certificate.ok()) return CertificateProof{std::move(*certificate)};
  }
  return {};
}

Result<net::Admission> CoapsPolicy::admit_certificate(std::span<const ByteView> chain) noexcept {
  if (chain.empty()) return Error::kNotAuthenticated;
  const auto certificate = pki::Certificate::from_der(chain.front());
  if (!certificate.ok()) return certificate.error().code;
  pki::Identity identity;
  if (authority_.is_factory_certificate(*certificate)) {
    identity = *certificate->identity();
  } else {
    auto checked = authority_.check(*certificate);
    if (!checked.ok()) return checked.error().code;
    identity = *checked;
  }
  return net::Admission{write_proof(CertificateProof{*certificate}), role_of(identity.role), identity.id};
}

Result<ByteView> CoapsPolicy::find_psk(ByteView identity, MutableBytes out) noexcept {
  TAILOR_TRY_ASSIGN(const trust::PskIdentity who, trust::read_psk_identity(identity));
  const auto key = authority_.pre_shared_key(who.device, who.generation);
  if (!key.ok()) {
    log_failure("ca", "no pre-shared key for a peer", key.error());
    return key.error().code;
  }
  return copy_into(out, key->reveal());
}

Result<net::Admission> CoapsPolicy::admit_psk(ByteView identity) noexcept {
  TAILOR_TRY_ASSIGN(const trust::PskIdentity who, trust::read_psk_identity(identity));
  return net::Admission{write_proof(PskProof{who.device, who.generation}), coap::PeerRole::kDevice, who.device};
}

}  // namespace tailor::ca
