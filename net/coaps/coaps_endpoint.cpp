// SPDX-License-Identifier: Apache-2.0
// Routing of datagrams to connections, and their lives: candidate (has not shown its cookie), half open, established,
// dormant. What a connection does with its datagrams stands in connection.cpp.
#include "net/coaps/coaps_endpoint.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <unordered_map>

#include "net/coaps/connection.hpp"
#include "net/coaps/heap_memory.hpp"

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

struct UuidHash {
  [[nodiscard]] size_t operator()(const Uuid& id) const noexcept {
    return std::hash<std::string_view>{}(as_text(id.view()));
  }
};

}  // namespace

class CoapsEndpoint::State final : public ConnectionOwner, public dtls::PskSource {
 public:
  State(CoapsOptions given, AccessPolicy& policy, Outlet& outlet, ConnectionEvents& heard)
      : options(std::move(given)),
        events(heard),
        dormant(options.max_dormant),
        memory_(options.max_message_memory),
        scratch_(coap::message_bytes(options.max_szx)),
        environment_{memory_, scratch_, options.resources, options.max_szx, options.transmission},
        policy_(policy),
        outlet_(outlet) {}

  [[nodiscard]] Status start() noexcept;
  void route(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept;
  void tick(MonotonicMs now) noexcept;
  void flush(Connection& connection, MonotonicMs now) noexcept;
  [[nodiscard]] Connection* find(ConnectionId id) noexcept;
  [[nodiscard]] Connection* find_device(const Uuid& id, MonotonicMs now) noexcept;
  void drop(Connection& connection, Error reason, bool tell) noexcept;
  void bury() noexcept;
  /// Has a connection's queued messages sent at the next tick.
  void queue(Connection& connection) noexcept { reschedule(connection); }
  [[nodiscard]] bool knows_device(const Uuid& id) const noexcept {
    return devices_.contains(id) || dormant.has_device(id);
  }

  // ConnectionOwner
  [[nodiscard]] AccessPolicy& policy() noexcept override { return policy_; }
  [[nodiscard]] Outlet& outlet() noexcept override { return outlet_; }
  [[nodiscard]] const coap::Environment& environment() noexcept override { return environment_; }
  void on_established(Connection& connection) noexcept override;
  void on_moved(Connection& connection, const UdpAddress& from) noexcept override;
  // dtls::PskSource
  [[nodiscard]] Result<ByteView> find(ByteView identity, MutableBytes out) noexcept override {
    return policy_.find_psk(identity, out);
  }

  const CoapsOptions options;
  ConnectionEvents& events;
  Counters counters;
  DormantSessions dormant;
  std::unordered_map<ConnectionId, std::unique_ptr<Connection>> connections;
  std::unordered_map<UdpAddress, Connection*> half_open;
  std::set<std::pair<MonotonicMs, ConnectionId>> schedule;
  MonotonicMs last_tick = 0;
  bool busy = false;  ///< connections are on the stack

 private:
  void route_hello(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept;
  [[nodiscard]] Connection* route_cid(ByteView datagram, MonotonicMs now) noexcept;
  [[nodiscard]] Connection* route_address(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept;
  void feed(Connection& connection, const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept;
  [[nodiscard]] Status new_candidate() noexcept;
  void promote_candidate(const UdpAddress& from, ByteView hello, MonotonicMs now) noexcept;
  [[nodiscard]] Connection* wake(DormantSession session, MonotonicMs now) noexcept;
  void put_aside(Connection& connection) noexcept;
  void forget(Connection& connection) noexcept;
  void reschedule(Connection& connection) noexcept;

  HeapMemory memory_;
  std::vector<uint8_t> scratch_;
  coap::Environment environment_;
  AccessPolicy& policy_;
  Outlet& outlet_;
  std::vector<uint8_t> cookie_secret_;
  dtls::Context context_;
  ConnectionId next_id_ = 1;
  std::unique_ptr<Connection> candidate_;
  std::unordered_map<uint64_t, Connection*> by_cid_;
  std::unordered_map<UdpAddress, Connection*> by_address_;  ///< established; where they were last
  std::unordered_map<Uuid, Connection*, UuidHash> devices_;
  struct Ended {
    std::unique_ptr<Connection> connection;
    Error reason;
    bool tell;
    bool was_established;
  };
  std::deque<Ended> ended_;  ///< to be destroyed when none of them is on the stack
};

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

// --- the outside ---------------------------------------------------------------------------------------------------

CoapsEndpoint::CoapsEndpoint(CoapsOptions options, AccessPolicy& policy, Outlet& outlet, ConnectionEvents& events)
    : state_(std::make_unique<State>(std::move(options), policy, outlet, events)) {}

CoapsEndpoint::~CoapsEndpoint() = default;

Status CoapsEndpoint::start() noexcept {
  return state_->start();
}

unsigned CoapsEndpoint::owner_of(ByteView datagram, unsigned here, unsigned threads) noexcept {
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
