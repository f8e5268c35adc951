// SPDX-License-Identifier: Apache-2.0
// The inside of a CoapsEndpoint: which connection a datagram belongs to, and the lives of connections: candidate (has
// not shown its cookie), half open, established, dormant. Internal to net/coaps.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "net/coap/heap_memory.hpp"
#include "net/coaps/coaps_endpoint.hpp"
#include "net/coaps/connection.hpp"

namespace tailor::net {

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
  void forget_device(const Uuid& id) noexcept;
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

}  // namespace tailor::net
