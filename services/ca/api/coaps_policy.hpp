// SPDX-License-Identifier: Apache-2.0
// Who may open a DTLS session with the authority: devices with a pre-shared key, a factory certificate, or one of our
// own certificates. How a peer proved itself travels with the session to the EST handlers, which need it.
#pragma once

#include "net/coaps/access_policy.hpp"
#include "services/ca/api/est_coaps.hpp"

namespace tailor::ca {

/// In sessions of the authority, Admission::tenant (and so Peer::tenant) holds the proof instead of a tenant: the
/// subject, tenant included, follows from it. Both directions of that text:
[[nodiscard]] std::string write_proof(const Proof& proof);
/// Anything that write_proof() does not write is no proof.
[[nodiscard]] Proof read_proof(std::string_view text);
[[nodiscard]] inline Proof proof_of(const coap::Peer& peer) {
  return read_proof(peer.tenant);
}

class CoapsPolicy final : public net::AccessPolicy {
 public:
  explicit CoapsPolicy(Authority& authority) : authority_(authority) {}

  [[nodiscard]] Result<net::Admission> admit_certificate(std::span<const ByteView> chain) noexcept override;
  [[nodiscard]] Result<ByteView> find_psk(ByteView identity, MutableBytes out) noexcept override;
  [[nodiscard]] Result<net::Admission> admit_psk(ByteView identity) noexcept override;

 private:
  Authority& authority_;
};

}  // namespace tailor::ca
