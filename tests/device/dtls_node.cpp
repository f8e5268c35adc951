// SPDX-License-Identifier: Apache-2.0
#include "tests/device/dtls_node.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tailor::sim {

void DtlsNode::serve(const dtls::Settings& settings, std::vector<coap::Resource> resources) {
  resources_ = std::move(resources);
  environment_ = std::make_unique<coap::Environment>(coap::Environment{memory_, scratch_, resources_, 6});
  ASSERT_TRUE(context_.init(settings).ok());
}

DtlsNode::Connection::Connection(DtlsNode& owner, size_t from)
    : node(owner), peer(from), session(owner.context_, *this, owner.context_.settings().verify_peers ? this : nullptr) {
  const uint8_t address[1] = {static_cast<uint8_t>(from)};
  EXPECT_TRUE(session.accept(address).ok());
}

Status DtlsNode::Connection::verify(std::span<const ByteView> chain) noexcept {
  TAILOR_TRY(node.judge(chain[0]));
  TAILOR_TRY_ASSIGN(const auto identity, x509::parse_peer_identity(chain[0]));
  id = identity.id;
  return kOk;
}

void DtlsNode::Connection::on_established() noexcept {
  ++node.handshakes;
  coap::Peer who;
  who.tenant = "default";
  who.role = coap::PeerRole::kDevice;
  who.id = id;
  endpoint = std::make_unique<coap::Endpoint>(*node.environment_, storage.slots(),
                                              static_cast<coap::DatagramSink&>(*this), who, 17 + peer);
}

void DtlsNode::on_datagram(size_t from, ByteView datagram, MonotonicMs now) {
  if (!alive_) return;
  auto& connection = connections_[from];
  // A ClientHello in epoch 0 on a finished session: the peer has started over (RFC 6347 4.2.8, without its caution).
  const bool hello =
      datagram.size() > 13 && datagram[0] == 22 && datagram[3] == 0 && datagram[4] == 0 && datagram[13] == 1;
  std::vector<uint8_t> random;
  if (hello && datagram.size() >= 59) random.assign(datagram.begin() + 27, datagram.begin() + 59);
  if (connection && (connection->dead || (hello && connection->hello != random))) connection.reset();
  if (!connection) connection = std::make_unique<Connection>(*this, from);
  if (hello) connection->hello = random;
  if (!connection->session.on_datagram(datagram, now).ok()) connection->dead = true;
}

void DtlsNode::tick(MonotonicMs now) {
  for (auto& [peer, connection] : connections_) {
    if (connection->dead) continue;
    if (connection->session.next_deadline() <= now && !connection->session.tick(now).ok()) connection->dead = true;
    if (connection->endpoint && connection->endpoint->next_deadline() <= now) connection->endpoint->tick(now);
  }
}

MonotonicMs DtlsNode::next_deadline() const {
  MonotonicMs deadline = kNever;
  for (const auto& [peer, connection] : connections_) {
    if (connection->dead) continue;
    deadline = earlier(deadline, connection->session.next_deadline());
    if (connection->endpoint) deadline = earlier(deadline, connection->endpoint->next_deadline());
  }
  return deadline;
}

coap::Endpoint* DtlsNode::endpoint_of(size_t peer) {
  const auto found = connections_.find(peer);
  if (found == connections_.end() || found->second->dead) return nullptr;
  return found->second->endpoint.get();
}

void DtlsNode::notify(size_t resource) {
  for (auto& [peer, connection] : connections_) {
    if (connection->endpoint) connection->endpoint->notify(environment_->resources[resource]);
  }
}

}  // namespace tailor::sim
