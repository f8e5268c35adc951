// SPDX-License-Identifier: Apache-2.0
// EST-coaps (RFC 9148) for devices: crts, att, sen, sren, and the revocation list, as CoAP resources. Who the peer is
// comes from the secured session; docs/protocols/est.md is the contract.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <variant>

#include "core/coap/resource.hpp"
#include "services/ca/domain/authority.hpp"

namespace tailor::ca {

/// Proved to know pre-shared key number `generation`.
struct PskProof {
  Uuid device;
  uint32_t generation = 0;
};
/// Proved to hold the key of this certificate: one of ours, or a factory certificate.
struct CertificateProof {
  pki::Certificate certificate;
};
/// How the peer of a session has authenticated itself; monostate: not at all.
using Proof = std::variant<std::monostate, PskProof, CertificateProof>;

/// The resources and their handler. Thread-safe: endpoints of several threads may serve them.
class EstCoaps final : public coap::ResourceHandler {
 public:
  /// @param proof_of  asked inside handlers, for the peer of the request
  EstCoaps(Authority& authority, std::function<Proof(const coap::Peer&)> proof_of);

  /// The rows for a CoAP endpoint's table; they live as long as this object.
  [[nodiscard]] std::span<const coap::Resource> resources() const noexcept { return resources_; }

  void handle(const coap::Request& request, coap::Response& response) noexcept override;
  void abandoned(const coap::Resource& resource, coap::Peer& peer) noexcept override;

 private:
  /// A body that arrives in blocks, by session and resource.
  using BodyKey = std::pair<const coap::Peer*, const coap::Resource*>;

  void handle_or_throw(const coap::Request& request, coap::Response& response);
  [[nodiscard]] Outcome<std::optional<Bytes>> collect(const coap::Request& request);
  [[nodiscard]] Outcome<pki::Certificate> enrol(const coap::Peer& peer, ByteView csr);
  [[nodiscard]] Outcome<pki::Certificate> renew(const coap::Peer& peer, ByteView csr);
  void answer_certificate(const coap::Request& request, const pki::Certificate& certificate, coap::Response& response);

  Authority& authority_;
  const std::function<Proof(const coap::Peer&)> proof_of_;
  std::array<coap::Resource, 5> resources_;
  std::mutex mutex_;
  std::map<BodyKey, Bytes> bodies_;
};

}  // namespace tailor::ca
