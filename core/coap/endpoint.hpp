// SPDX-License-Identifier: Apache-2.0
// Endpoint: the CoAP engine of ONE association (one security context, or one plain peer), client and server at once.
// Sans-I/O: datagrams and the time come in, datagrams and deadlines go out; it owns no socket, no clock and no heap.
// Reliability and deduplication are RFC 7252 4, block-wise transfer RFC 7959, observation RFC 7641.
//
//   StaticMemory<4, 64, 2, 320> memory;               // device: 256-byte blocks
//   std::array<uint8_t, message_bytes(4)> scratch;     // SZX 4 = 256 bytes
//   const Resource table[] = {{"status", kAllowGet, &status_handler, "tailor.status", ...}};
//   const Environment environment{memory, scratch, table, 4};
//   EndpointStorage<2, 2, 1, 4> slots;
//   Endpoint endpoint(environment, slots.slots(), sink, peer, seed);
//
//   endpoint.request({.uri = "/update", .observe = true}, handler, now);   // only queues
//   loop: endpoint.on_datagram(bytes, now) when one arrives; endpoint.tick(now) at next_deadline() and after each call
//   that queues (next_deadline() is then 0). Both send through the sink before they return.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/coap/client.hpp"
#include "core/coap/memory.hpp"
#include "core/coap/message.hpp"
#include "core/coap/resource.hpp"
#include "core/coap/slots.hpp"

namespace tailor::coap {

/// Takes outgoing datagrams. What cannot be sent is lost, as on the wire: reliability is the engine's.
class DatagramSink {
 public:
  virtual void send(ByteView datagram) noexcept = 0;

 protected:
  ~DatagramSink() = default;
};

/// RFC 7252 4.8, with its defaults.
struct Transmission {
  uint32_t ack_timeout_ms = 2000;
  uint16_t ack_random_percent = 150;
  uint8_t max_retransmit = 4;
  uint8_t nstart = 1;
  /// How long to wait for a separate response, for the next block of a peer's transfer, or for the response to a
  /// non-confirmable request. MAX_TRANSMIT_WAIT: no answer of a correct peer takes longer.
  uint32_t response_timeout_ms = 93'000;
  /// How long a message id is remembered: EXCHANGE_LIFETIME.
  uint32_t exchange_lifetime_ms = 247'000;
};

/// Bytes of header, token and options that precede a payload in one of our messages, at most.
inline constexpr size_t kOptionRoomBytes = 128;
/// Bytes of scratch memory that an Environment needs for blocks of 2^(szx + 4) bytes.
[[nodiscard]] constexpr size_t message_bytes(uint8_t szx) noexcept {
  return kOptionRoomBytes + (size_t{16} << szx);
}

/// What all endpoints of one thread share. Outlives them.
struct Environment {
  MessageMemory& memory;
  MutableBytes scratch;  ///< at least message_bytes(max_szx); messages are composed here
  std::span<const Resource> resources{};
  uint8_t max_szx = Block::kMaxSzx;  ///< largest block that is sent or asked for
  Transmission transmission{};
};

struct ParsedOptions;

class Endpoint {
 public:
  /// @param slots  memory for this endpoint alone; its sizes are the limits of what goes on at the same time
  /// @param seed   from the platform's random generator: makes tokens, message ids and timeouts unpredictable
  Endpoint(const Environment& environment, const EndpointSlots& slots, DatagramSink& sink, const Peer& peer,
           uint64_t seed) noexcept;
  /// Gives memory back; calls no handler. See close().
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // --- the owner's loop ----------------------------------------------------------------------------------------------

  /// Takes a datagram of the peer, calls the handlers it concerns, and sends what is to be sent.
  void on_datagram(ByteView datagram, MonotonicMs now) noexcept;
  /// Does what is due at `now`: retransmissions, timeouts, queued messages.
  void tick(MonotonicMs now) noexcept;
  /// When tick() is to be called: 0 when something is queued, kNever when nothing is under way.
  [[nodiscard]] MonotonicMs next_deadline() const noexcept;
  /// True when nothing is under way and nothing is remembered: the endpoint may be dropped without harm.
  [[nodiscard]] bool idle(MonotonicMs now) const noexcept;
  /// Ends everything: on_failure(error) for each own request, abandoned() for each incomplete body of the peer.
  void close(Error error) noexcept;
  [[nodiscard]] Peer& peer() noexcept { return peer_; }

  // --- client --------------------------------------------------------------------------------------------------------

  /// Queues a request; it leaves with the next tick() or on_datagram(). `handler` lives until the request has ended.
  ///
  /// @returns kOverloaded when no client slot is free; kValueOutOfRange for an offset that is no multiple of the block
  ///          size, a body or observation that the method cannot have, or an ETag of more than 8 bytes
  [[nodiscard]] Result<ExchangeId> request(const RequestSpec& spec, ClientHandler& handler, MonotonicMs now) noexcept;
  /// Queues an empty confirmable message (CoAP ping); its reset arrives as on_response with Code::kEmpty.
  [[nodiscard]] Result<ExchangeId> ping(ClientHandler& handler, MonotonicMs now) noexcept;
  /// Forgets a request without calling its handler; an observation's next notification is answered with a reset, which
  /// ends it at the server (RFC 7641 3.6). An id that has ended is ignored.
  void cancel(ExchangeId id) noexcept;

  // --- server --------------------------------------------------------------------------------------------------------

  /// Starts the answer of a deferred request. Nothing else may be called on endpoints of this thread until
  /// finish_response(), because the response is composed in the shared scratch memory; not to be called in a handler.
  /// A body that is set lives until then.
  ///
  /// @returns kNotFound when the request has ended
  [[nodiscard]] Result<Response> begin_response(ExchangeId id) noexcept;
  /// Queues the answer of a deferred request.
  [[nodiscard]] Status finish_response(ExchangeId id, Response& response, MonotonicMs now) noexcept;
  /// Tells the observers of a resource that it has changed: its handler is asked anew, for each observer, when the
  /// notification can leave. Several changes may become one notification.
  void notify(const Resource& resource) noexcept;
  /// Counts the observations that the peer holds here.
  [[nodiscard]] size_t observers() const noexcept;

 private:
  using Options = ParsedOptions;

  // message layer: endpoint.cpp
  void on_empty(const Message& message) noexcept;
  void send_empty(Type type, uint16_t message_id) noexcept;
  [[nodiscard]] uint32_t random() noexcept;
  [[nodiscard]] uint16_t next_message_id() noexcept { return message_id_++; }
  [[nodiscard]] Result<MutableBytes> keep(ByteView bytes) noexcept;
  void drop(MutableBytes& memory) noexcept;
  [[nodiscard]] OutgoingSlot* free_outgoing() noexcept;
  void start(OutgoingSlot& slot, MutableBytes message, uint16_t message_id, OutgoingSlot::Owner owner,
             size_t index) noexcept;
  void stop(OutgoingSlot::Owner owner, size_t index) noexcept;
  void lost(OutgoingSlot& slot, Error error) noexcept;
  void pump() noexcept;
  [[nodiscard]] SeenSlot* find_seen(uint16_t message_id) noexcept;
  void remember(uint16_t message_id, ByteView response) noexcept;
  [[nodiscard]] MutableBytes room() const noexcept;
  [[nodiscard]] MonotonicMs patience_ends() const noexcept {
    return now_ + environment_.transmission.response_timeout_ms;
  }

  // client: endpoint_client.cpp
  [[nodiscard]] Result<ExchangeId> claim_client(const RequestSpec& spec, ClientHandler& handler) noexcept;
  void send_request(size_t index) noexcept;
  void on_response(const Message& message) noexcept;
  [[nodiscard]] bool upload_goes_on(ClientSlot& slot, const Message& message, const Options& options) noexcept;
  void take_piece(size_t index, const Message& message, const Options& options) noexcept;
  void fail_client(size_t index, Error error) noexcept;
  void free_client(size_t index) noexcept;

  // server: endpoint_server.cpp, endpoint_reply.cpp
  void on_request(const Message& message) noexcept;
  void dispatch(Exchange& exchange, const Message& message, const Options& options) noexcept;
  [[nodiscard]] Result<ServerSlot*> receive(const Exchange& exchange, const Request& request) noexcept;
  void call(const Exchange& exchange, const Request& request, ServerSlot* receiving) noexcept;
  void reply(const Exchange& exchange, Response& response) noexcept;
  void reply_error(const Exchange& exchange, Error error) noexcept;
  [[nodiscard]] Status reply_later(const Exchange& exchange, Response& response, bool deferred) noexcept;
  [[nodiscard]] Exchange with_observation(const Exchange& exchange, const Response& response) noexcept;
  [[nodiscard]] Status keep_body(const Exchange& exchange, Response& response) noexcept;
  [[nodiscard]] Result<ByteView> compose(const Exchange& exchange, Response& response, Type type, uint16_t message_id,
                                         bool keeps) noexcept;
  [[nodiscard]] Result<ByteView> write(const Exchange& exchange, const Response& response, Type type,
                                       uint16_t message_id) noexcept;
  [[nodiscard]] bool serve_kept(const Exchange& exchange) noexcept;
  [[nodiscard]] ServerSlot* find_server(uint32_t key, ServerSlot::State state) noexcept;
  [[nodiscard]] ServerSlot* find_server(ExchangeId id) noexcept;
  [[nodiscard]] ServerSlot* spare_server() noexcept;
  void free_server(ServerSlot& slot) noexcept;
  void abandon(ServerSlot& slot) noexcept;
  [[nodiscard]] ExchangeId name(ServerSlot& slot) noexcept;

  // observation, server side: endpoint_observe.cpp
  [[nodiscard]] bool register_observer(const Exchange& exchange) noexcept;
  void forget_observer(const Token& token) noexcept;
  void free_observer(ObserverSlot& slot) noexcept;
  void send_notification(size_t index) noexcept;

  const Environment& environment_;
  EndpointSlots slots_;
  DatagramSink& sink_;
  Peer peer_;
  uint64_t random_state_;
  MonotonicMs now_ = 0;       ///< of the call that is under way
  MonotonicMs retry_at_ = 0;  ///< notifications wait for memory until then
  uint32_t generation_ = 0;
  uint32_t observe_number_ = 1;
  uint16_t message_id_;
};

}  // namespace tailor::coap
