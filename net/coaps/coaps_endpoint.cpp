// SPDX-License-Identifier: Apache-2.0
// The outside of a CoapsEndpoint; its inside stands in coaps_state.cpp.
#include "net/coaps/coaps_endpoint.hpp"

#include <vector>

#include "net/coaps/coaps_state.hpp"

namespace tailor::net {

CoapsEndpoint::CoapsEndpoint(CoapsOptions options, AccessPolicy& policy, Outlet& outlet, ConnectionEvents& events)
    : state_(std::make_unique<State>(std::move(options), policy, outlet, events)) {}

CoapsEndpoint::~CoapsEndpoint() = default;

Status CoapsEndpoint::start() noexcept {
  return state_->start();
}

unsigned CoapsEndpoint::owner_of(ByteView datagram, unsigned here, unsigned threads) noexcept {
  // The record header of RFC 9146 4: type tls12_cid, version, epoch, sequence number, then the Connection ID.
  constexpr size_t kCidOffset = 11;
  constexpr uint8_t kTls12Cid = 25;
  if (datagram.size() <= kCidOffset || datagram[0] != kTls12Cid) return here;
  return datagram[kCidOffset] < threads ? datagram[kCidOffset] : here;
}

void CoapsEndpoint::on_datagram(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept {
  state_->busy = true;
  state_->route(from, datagram, now);
  state_->busy = false;
  state_->bury();
}

void CoapsEndpoint::tick(MonotonicMs now) noexcept {
  state_->last_tick = now;
  state_->busy = true;
  state_->tick(now);
  state_->busy = false;
  state_->bury();
}

MonotonicMs CoapsEndpoint::next_deadline() const noexcept {
  return state_->schedule.empty() ? kNever : state_->schedule.begin()->first;
}

Result<ConnectionId> CoapsEndpoint::request_device(const Uuid& id, const coap::RequestSpec& spec,
                                                   coap::ClientHandler& handler, MonotonicMs now) noexcept {
  Connection* const connection = state_->find_device(id, now);
  if (connection == nullptr || connection->endpoint() == nullptr) return Error::kNotFound;
  TAILOR_TRY(connection->endpoint()->request(spec, handler, now));
  const ConnectionId name = connection->id();
  state_->queue(*connection);
  return name;
}

Result<coap::ExchangeId> CoapsEndpoint::request(ConnectionId connection, const coap::RequestSpec& spec,
                                                coap::ClientHandler& handler, MonotonicMs now) noexcept {
  coap::Endpoint* const endpoint = endpoint_of(connection);
  if (endpoint == nullptr) return Error::kNotFound;
  auto exchange = endpoint->request(spec, handler, now);
  if (exchange.ok()) state_->queue(*state_->find(connection));
  return exchange;
}

bool CoapsEndpoint::has_device(const Uuid& id) noexcept {
  return state_->knows_device(id);
}

ConnectionId CoapsEndpoint::connection_of(const coap::Peer& peer) noexcept {
  return static_cast<const Connection*>(peer.context)->id();  // Connection::peer() put it there
}

void CoapsEndpoint::notify(const coap::Resource& resource, MonotonicMs /*now*/) noexcept {
  for (const auto& [id, connection] : state_->connections) {
    if (connection->endpoint() == nullptr || connection->endpoint()->observers() == 0) continue;
    connection->endpoint()->notify(resource);
    state_->queue(*connection);
  }
}

void CoapsEndpoint::notify_device(const Uuid& id, const coap::Resource& resource, MonotonicMs now) noexcept {
  Connection* const connection = state_->find_device(id, now);
  if (connection == nullptr || connection->endpoint() == nullptr) return;
  connection->endpoint()->notify(resource);
  state_->queue(*connection);
}

void CoapsEndpoint::disconnect(const Uuid& id, MonotonicMs /*now*/) noexcept {
  static_cast<void>(state_->dormant.take_device(id));
  std::vector<Connection*> theirs;
  for (const auto& [name, connection] : state_->connections) {
    if (connection->admission().id == id) theirs.push_back(connection.get());
  }
  for (Connection* connection : theirs) state_->drop(*connection, Error::kSessionClosed, true);
  state_->bury();
}

void CoapsEndpoint::review() noexcept {
  AccessPolicy& policy = state_->policy();
  state_->dormant.remove_if([&](const Admission& peer) { return !policy.review(peer).ok(); });
  std::vector<std::pair<Connection*, Error>> unwanted;
  for (const auto& [name, connection] : state_->connections) {
    const Status wanted = policy.review(connection->admission());
    if (!wanted.ok()) unwanted.emplace_back(connection.get(), wanted.error());
  }
  for (const auto& [connection, reason] : unwanted) state_->drop(*connection, reason, true);
  state_->bury();
}

void CoapsEndpoint::forget_device(const Uuid& id) noexcept {
  state_->forget_device(id);
}

const CoapsEndpoint::Counters& CoapsEndpoint::counters() const noexcept {
  return state_->counters;
}
size_t CoapsEndpoint::connections() const noexcept {
  return state_->connections.size();
}
size_t CoapsEndpoint::half_open() const noexcept {
  return state_->half_open.size();
}
size_t CoapsEndpoint::dormant() const noexcept {
  return state_->dormant.size();
}

coap::Endpoint* CoapsEndpoint::endpoint_of(ConnectionId connection) noexcept {
  Connection* const found = state_->find(connection);
  return found == nullptr ? nullptr : found->endpoint();
}

void CoapsEndpoint::flush(ConnectionId connection, MonotonicMs now) noexcept {
  if (Connection* const found = state_->find(connection)) state_->flush(*found, now);
}

}  // namespace tailor::net
