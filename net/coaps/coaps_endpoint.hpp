// SPDX-License-Identifier: Apache-2.0
// The server side of CoAP over DTLS for one thread: handshakes, sessions by Connection ID and address, a CoAP endpoint
// for each session. Sans-I/O, so that it runs in a simulation as well as behind sockets (coaps_front.hpp). It knows no
// services: who may come is the AccessPolicy's, what they may do the resource table's.
//
//   CoapsEndpoint server{options, policy, outlet, events};  server.start()
//   server.on_datagram(from, bytes, now) when one arrives; server.tick(now) at next_deadline().
//   server.request_device(id, {.method = kPut, .uri = "/manifest", ...}, handler, now)   push, over the device's
//   session
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/base/clock.hpp"
#include "core/coap/endpoint.hpp"
#include "net/coaps/access_policy.hpp"
#include "net/coaps/dormant_sessions.hpp"
#include "net/udp/address.hpp"

namespace tailor::net {

/// Where datagrams go.
class Outlet {
 public:
  virtual void send(const UdpAddress& to, ByteView datagram) noexcept = 0;

 protected:
  ~Outlet() = default;
};

/// Names a connection within one CoapsEndpoint; never used twice.
using ConnectionId = uint64_t;

/// What the owner gets to hear. Calls come from inside on_datagram() and tick(); they may start requests.
class ConnectionEvents {
 public:
  /// A peer has authenticated itself with a new handshake. A device's older connection is gone by then.
  virtual void on_connected(ConnectionId /*connection*/, const coap::Peer& /*peer*/) noexcept {}
  /// A connection has ended; one that was put aside as dormant has not.
  virtual void on_disconnected(ConnectionId /*connection*/, const coap::Peer& /*peer*/, Error /*reason*/) noexcept {}
  /// A handshake has failed, and why: what the policy said, or kHandshakeFailed, kTimeout.
  virtual void on_refused(const UdpAddress& /*from*/, Error /*reason*/) noexcept {}

 protected:
  ~ConnectionEvents() = default;
};

struct CoapsOptions {
  // identity: certificate mode, PSK mode, or both
  std::vector<uint8_t> certificate{};  ///< DER; empty: no certificate mode
  crypto::P256PrivateKey key{};
  bool psk = false;  ///< ask the policy for pre-shared keys

  std::span<const coap::Resource> resources{};
  uint8_t max_szx = coap::Block::kMaxSzx;
  coap::Transmission transmission{};

  uint8_t thread = 0;                    ///< this one; first byte of its Connection IDs
  uint8_t threads = 1;                   ///< of this port
  std::vector<uint8_t> cookie_secret{};  ///< the same for all threads of a port; empty: made by start()

  size_t max_half_open = 1024;       ///< handshakes that have shown their cookie; the oldest makes room
  size_t max_connections = 100'000;  ///< live ones; the one idle for longest makes room
  size_t max_dormant = 1'000'000;    ///< serialized ones
  uint32_t handshake_limit_ms = 60'000;
  uint32_t dormant_after_ms = 60'000;  ///< without traffic, exchanges or observations
  uint32_t retransmit_min_ms = 1000;
  uint32_t retransmit_max_ms = 30'000;
  size_t max_message_memory = size_t{64} << 20U;  ///< bytes kept for retransmission and block-wise bodies
};

class CoapsEndpoint {
 public:
  CoapsEndpoint(CoapsOptions options, AccessPolicy& policy, Outlet& outlet, ConnectionEvents& events);
  ~CoapsEndpoint();
  CoapsEndpoint(const CoapsEndpoint&) = delete;
  CoapsEndpoint& operator=(const CoapsEndpoint&) = delete;

  /// Makes it ready to serve.
  /// @returns what dtls::Context::init() returns; kEntropyFailed
  [[nodiscard]] Status start() noexcept;

  /// The thread that owns the session of a datagram: its Connection ID says so, whatever address it came from. `here`
  /// for all that carry none.
  [[nodiscard]] static unsigned owner_of(ByteView datagram, unsigned here, unsigned threads) noexcept;

  /// @pre owner_of() names this thread; else the datagram is dropped
  void on_datagram(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept;
  void tick(MonotonicMs now) noexcept;
  /// When tick() is to be called: 0 when something is queued, kNever when nothing is under way.
  [[nodiscard]] MonotonicMs next_deadline() const noexcept;

  // --- the owner's side of a connection ------------------------------------------------------------------------------

  /// Starts a request to a device over the session that it opened (CoAP roles reversed); wakes a dormant one.
  /// `spec.uri` and `handler` live until the request has ended.
  ///
  /// @returns kNotFound when the device has no session; what coap::Endpoint::request() returns
  [[nodiscard]] Result<ConnectionId> request_device(const Uuid& id, const coap::RequestSpec& spec,
                                                    coap::ClientHandler& handler, MonotonicMs now) noexcept;
  /// The same to whoever holds a connection.
  [[nodiscard]] Result<coap::ExchangeId> request(ConnectionId connection, const coap::RequestSpec& spec,
                                                 coap::ClientHandler& handler, MonotonicMs now) noexcept;
  /// True when the device has a session, live or dormant.
  [[nodiscard]] bool has_device(const Uuid& id) noexcept;
  /// The connection that a request came from: of Request::peer, inside and after a handler.
  [[nodiscard]] static ConnectionId connection_of(const coap::Peer& peer) noexcept;
  /// Answers a deferred request: `write` fills the response. See coap::Endpoint::begin_response().
  /// @returns kNotFound when connection or request have ended
  template <typename Write>
  [[nodiscard]] Status respond(ConnectionId connection, coap::ExchangeId exchange, MonotonicMs now, Write write) {
    coap::Endpoint* endpoint = endpoint_of(connection);
    if (endpoint == nullptr) return Error::kNotFound;
    TAILOR_TRY_ASSIGN(coap::Response response, endpoint->begin_response(exchange));
    write(response);
    TAILOR_TRY(endpoint->finish_response(exchange, response, now));
    flush(connection, now);
    return kOk;
  }
  /// Tells all observers of a resource that it has changed, or those of one peer.
  void notify(const coap::Resource& resource, MonotonicMs now) noexcept;
  void notify_device(const Uuid& id, const coap::Resource& resource, MonotonicMs now) noexcept;
  /// Ends all connections of a peer.
  void disconnect(const Uuid& id, MonotonicMs now) noexcept;
  /// Asks the policy about everybody who has a session, live or dormant, and ends those that it does not want any more:
  /// for a new revocation list, and now and then for certificates that end.
  void review() noexcept;

  /// Drops a device's session without a word: it has a newer one elsewhere.
  void forget_device(const Uuid& id) noexcept;

  struct Counters {
    uint64_t handshakes = 0;  ///< completed
    uint64_t refused = 0;
    uint64_t moved = 0;  ///< changes of a peer's address
    uint64_t put_aside = 0;
    uint64_t woken = 0;
    uint64_t dropped = 0;  ///< datagrams that belong to nothing
  };
  [[nodiscard]] const Counters& counters() const noexcept;
  [[nodiscard]] size_t connections() const noexcept;
  [[nodiscard]] size_t half_open() const noexcept;
  [[nodiscard]] size_t dormant() const noexcept;

 private:
  class State;

  [[nodiscard]] coap::Endpoint* endpoint_of(ConnectionId connection) noexcept;
  void flush(ConnectionId connection, MonotonicMs now) noexcept;

  std::unique_ptr<State> state_;
};

}  // namespace tailor::net
