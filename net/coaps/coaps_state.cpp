// SPDX-License-Identifier: Apache-2.0
#include "net/coaps/coaps_state.hpp"

#include <algorithm>

namespace tailor::net {
namespace {

// DTLS record header (RFC 6347 4.1, RFC 9146 4) and handshake header (RFC 6347 4.2.2).
constexpr size_t kRecordHeader = 13;
constexpr size_t kCidOffset = 11;
constexpr size_t kRandomOffset = kRecordHeader + 12 + 2;
constexpr uint8_t kHandshake = 22;
constexpr uint8_t kApplicationData = 23;
constexpr uint8_t kTls12Cid = 25;
constexpr uint8_t kClientHello = 1;

bool is_epoch_zero(ByteView datagram) noexcept {
  return datagram[3] == 0 && datagram[4] == 0;
}

bool is_client_hello(ByteView datagram) noexcept {
  return datagram.size() >= kRandomOffset + 32 && datagram[0] == kHandshake && is_epoch_zero(datagram) &&
         datagram[kRecordHeader] == kClientHello;
}

}  // namespace

Status CoapsEndpoint::State::start() noexcept {
  cookie_secret_ = options.cookie_secret;
  if (cookie_secret_.empty()) {
    cookie_secret_.resize(dtls::Cookies::kSecretBytes);
    TAILOR_TRY(crypto::random(cookie_secret_));
  }
  const bool certificates = !options.certificate.empty();
  TAILOR_TRY(context_.init({.side = dtls::Side::kServer,
                            .certificate = options.certificate,
                            .key = certificates ? &options.key : nullptr,
                            .verify_peers = certificates,
                            .psk_source = options.psk ? this : nullptr,
                            .cookie_secret = cookie_secret_,
                            .own_cid_bytes = kCidBytes,
                            .retransmit_min_ms = options.retransmit_min_ms,
                            .retransmit_max_ms = options.retransmit_max_ms}));
  return new_candidate();
}

Status CoapsEndpoint::State::new_candidate() noexcept {
  Cid cid{};
  do {
    TAILOR_TRY(crypto::random(MutableBytes{cid}.subspan(1)));
    cid[0] = options.thread;
  } while (by_cid_.contains(key_of(cid)));
  candidate_ = std::make_unique<Connection>(*this, context_, next_id_++, cid);
  return kOk;
}

void CoapsEndpoint::State::route(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept {
  if (datagram.size() < kRecordHeader) {
    ++counters.dropped;
    return;
  }
  if (is_client_hello(datagram)) return route_hello(from, datagram, now);
  Connection* const connection =
      datagram[0] == kTls12Cid ? route_cid(datagram, now) : route_address(from, datagram, now);
  if (connection != nullptr) feed(*connection, from, datagram, now);
}

// A ClientHello goes to the handshake that it retransmits, or to the candidate: never to an established session, which
// a forged one could hurt and a device that rebooted could not get past.
void CoapsEndpoint::State::route_hello(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept {
  const auto known = half_open.find(from);
  if (known != half_open.end() && equal(known->second->hello_random, datagram.subspan(kRandomOffset, 32))) {
    return feed(*known->second, from, datagram, now);
  }
  const auto open = by_address_.find(from);
  if (open != by_address_.end() && equal(open->second->hello_random, datagram.subspan(kRandomOffset, 32))) {
    ++counters.dropped;  // a late copy of what its handshake started with
    return;
  }
  if (candidate_ == nullptr && !new_candidate().ok()) return;
  if (!candidate_->listen(from).ok()) return;
  const Status status = candidate_->take(from, datagram, now);
  if (!status.ok()) {
    ++counters.refused;
    events.on_refused(from, status.error());
  }
  if (candidate_->session().state() == dtls::Session::State::kHandshaking) promote_candidate(from, datagram, now);
}

void CoapsEndpoint::State::promote_candidate(const UdpAddress& from, ByteView hello, MonotonicMs now) noexcept {
  if (const auto older = half_open.find(from); older != half_open.end()) {
    drop(*older->second, Error::kHandshakeFailed, false);
  }
  if (half_open.size() >= options.max_half_open) {
    Connection* oldest = half_open.begin()->second;
    for (const auto& [address, connection] : half_open) {
      if (connection->started < oldest->started) oldest = connection;
    }
    drop(*oldest, Error::kOverloaded, false);
  }
  Connection& connection = *candidate_;
  const ByteView random = hello.subspan(kRandomOffset, 32);
  std::copy(random.begin(), random.end(), connection.hello_random.begin());
  connection.started = now;
  by_cid_[key_of(connection.cid())] = &connection;
  half_open[from] = &connection;
  connections[connection.id()] = std::move(candidate_);
  reschedule(connection);
  static_cast<void>(new_candidate());  // without entropy the next ClientHello tries again
}

Connection* CoapsEndpoint::State::route_cid(ByteView datagram, MonotonicMs now) noexcept {
  if (datagram.size() < kCidOffset + kCidBytes) {
    ++counters.dropped;
    return nullptr;
  }
  Cid cid{};
  std::copy_n(datagram.begin() + kCidOffset, kCidBytes, cid.begin());
  if (const auto found = by_cid_.find(key_of(cid)); found != by_cid_.end()) return found->second;
  if (auto sleeping = dormant.take_by_cid(cid)) return wake(std::move(*sleeping), now);
  ++counters.dropped;
  return nullptr;
}

Connection* CoapsEndpoint::State::route_address(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept {
  const auto opening = half_open.find(from);
  const auto open = by_address_.find(from);
  // Application data may belong to the session of before while a new handshake is under way; all else to the latter.
  if (open != by_address_.end() && (datagram[0] == kApplicationData || opening == half_open.end())) {
    return open->second;  // records of the handshake too: a client that lost the last flight asks for it with its own
  }
  if (opening != half_open.end()) return opening->second;
  if (!is_epoch_zero(datagram)) {
    if (auto sleeping = dormant.take_by_address(from)) return wake(std::move(*sleeping), now);
  }
  ++counters.dropped;
  return nullptr;
}

void CoapsEndpoint::State::feed(Connection& connection, const UdpAddress& from, ByteView datagram,
                                MonotonicMs now) noexcept {
  const Status status = connection.take(from, datagram, now);
  if (!status.ok()) {
    drop(connection, status.error(), false);
    return;
  }
  reschedule(connection);
}

void CoapsEndpoint::State::on_established(Connection& connection) noexcept {
  ++counters.handshakes;
  half_open.erase(connection.address());
  // A peer without Connection ID is where its address is, so this one has taken the older one's place.
  const auto there = by_address_.find(connection.address());
  if (there != by_address_.end() && !there->second->session().cid_in_use()) {
    drop(*there->second, Error::kSessionClosed, false);
  }
  static_cast<void>(dormant.take_by_address(connection.address()));
  by_address_[connection.address()] = &connection;
  if (connection.admission().role == coap::PeerRole::kDevice) {
    const auto older = devices_.find(connection.admission().id);
    if (older != devices_.end()) drop(*older->second, Error::kSessionClosed, false);
    static_cast<void>(dormant.take_device(connection.admission().id));
    devices_[connection.admission().id] = &connection;
  }
  if (connections.size() > options.max_connections) {
    Connection* oldest = nullptr;
    for (const auto& [id, one] : connections) {
      if (one.get() != &connection && one->endpoint() != nullptr &&
          (oldest == nullptr || one->last_traffic() < oldest->last_traffic())) {
        oldest = one.get();
      }
    }
    if (oldest != nullptr) drop(*oldest, Error::kOverloaded, true);
  }
  events.on_connected(connection.id(), connection.peer());
}

void CoapsEndpoint::State::on_moved(Connection& connection, const UdpAddress& from) noexcept {
  ++counters.moved;
  if (const auto before = by_address_.find(from); before != by_address_.end() && before->second == &connection) {
    by_address_.erase(before);
  }
  by_address_.insert_or_assign(connection.address(), &connection);
}

void CoapsEndpoint::State::tick(MonotonicMs now) noexcept {
  while (!schedule.empty() && schedule.begin()->first <= now) {
    Connection* const connection = find(schedule.begin()->second);
    if (connection == nullptr) {
      schedule.erase(schedule.begin());
      continue;
    }
    const bool opening = connection->endpoint() == nullptr;
    if (opening && now >= connection->started + options.handshake_limit_ms) {
      drop(*connection, Error::kTimeout, false);
      continue;
    }
    const Status status = connection->tick(now);
    if (!status.ok()) {
      drop(*connection, status.error(), false);
      continue;
    }
    if (!opening && now >= connection->last_traffic() + options.dormant_after_ms && connection->quiet(now)) {
      put_aside(*connection);
      continue;
    }
    reschedule(*connection);
    // What is due again at once waits for the next tick, so that one connection cannot keep the others waiting.
    if (connection->scheduled <= now && schedule.begin()->second == connection->id()) break;
  }
}

void CoapsEndpoint::State::reschedule(Connection& connection) noexcept {
  MonotonicMs due = connection.next_deadline();
  if (connection.endpoint() == nullptr) {
    due = earlier(due, connection.started + options.handshake_limit_ms);
  } else {
    // Looks whether it may sleep, and again later when it may not.
    const MonotonicMs sleepy = connection.last_traffic() + options.dormant_after_ms;
    due = earlier(due, std::max(sleepy, last_tick + options.dormant_after_ms / 4));
  }
  schedule.erase({connection.scheduled, connection.id()});
  connection.scheduled = due;
  schedule.insert({due, connection.id()});
}

void CoapsEndpoint::State::flush(Connection& connection, MonotonicMs now) noexcept {
  connection.flush(now);
  reschedule(connection);
}

void CoapsEndpoint::State::put_aside(Connection& connection) noexcept {
  auto saved = connection.put_aside();
  // A session over which the peer never said anything cannot be saved: its handshake may still be asked for.
  if (!saved.ok()) return drop(connection, Error::kSessionClosed, true);
  ++counters.put_aside;
  dormant.put(std::move(*saved));
  const auto own = connections.find(connection.id());
  forget(connection);
  ended_.push_back({std::move(own->second), Error::kSessionClosed, false, false});
  connections.erase(own);
}

Connection* CoapsEndpoint::State::wake(DormantSession session, MonotonicMs now) noexcept {
  auto connection = std::make_unique<Connection>(*this, context_, next_id_++, session.cid);
  if (!connection->wake(session, now).ok()) return nullptr;
  ++counters.woken;
  Connection* const awake = connection.get();
  connections[awake->id()] = std::move(connection);
  by_cid_[key_of(awake->cid())] = awake;
  by_address_.insert_or_assign(session.address, awake);
  if (awake->admission().role == coap::PeerRole::kDevice) devices_[awake->admission().id] = awake;
  reschedule(*awake);
  return awake;
}

Connection* CoapsEndpoint::State::find(ConnectionId id) noexcept {
  const auto found = connections.find(id);
  return found == connections.end() ? nullptr : found->second.get();
}

Connection* CoapsEndpoint::State::find_device(const Uuid& id, MonotonicMs now) noexcept {
  if (const auto found = devices_.find(id); found != devices_.end()) return found->second;
  if (auto sleeping = dormant.take_device(id)) return wake(std::move(*sleeping), now);
  return nullptr;
}

// Takes a connection out of every table; nothing finds it any more.
void CoapsEndpoint::State::forget(Connection& connection) noexcept {
  schedule.erase({connection.scheduled, connection.id()});
  by_cid_.erase(key_of(connection.cid()));
  const auto remove = [&](auto& table, const auto& key) {
    const auto found = table.find(key);
    if (found != table.end() && found->second == &connection) table.erase(found);
  };
  remove(half_open, connection.address());
  remove(by_address_, connection.address());
  remove(devices_, connection.admission().id);
}

void CoapsEndpoint::State::drop(Connection& connection, Error reason, bool tell) noexcept {
  const auto own = connections.find(connection.id());
  if (own == connections.end()) return;
  forget(connection);
  ended_.push_back({std::move(own->second), reason, tell, connection.endpoint() != nullptr});
  connections.erase(own);
}

void CoapsEndpoint::State::forget_device(const Uuid& id) noexcept {
  static_cast<void>(dormant.take_device(id));
  if (const auto found = devices_.find(id); found != devices_.end()) {
    drop(*found->second, Error::kSessionClosed, false);
  }
  bury();
}

void CoapsEndpoint::State::bury() noexcept {
  if (busy) return;
  busy = true;
  while (!ended_.empty()) {
    Ended one = std::move(ended_.front());
    ended_.pop_front();
    one.connection->end(one.reason, one.tell);
    if (one.was_established) {
      events.on_disconnected(one.connection->id(), one.connection->peer(), one.reason);
    } else if (one.connection->endpoint() == nullptr) {
      ++counters.refused;
      events.on_refused(one.connection->address(), one.reason);
    }
  }
  busy = false;
}

}  // namespace tailor::net
