// SPDX-License-Identifier: Apache-2.0
// The memory of one Endpoint: a slot for each thing that can be under way at once. The owner provides the arrays
// (EndpointStorage) and so sets the limits; only the endpoint reads and writes them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/coap/client.hpp"
#include "core/coap/message.hpp"
#include "core/coap/resource.hpp"

namespace tailor::coap {

/// A confirmable message that waits for its acknowledgement.
struct OutgoingSlot {
  enum class Owner : uint8_t { kClient, kServer, kObserver };
  MutableBytes message;  ///< of the environment's memory; empty: the slot is free
  MonotonicMs due = kNever;
  uint32_t timeout_ms = 0;
  uint16_t message_id = 0;
  Owner owner = Owner::kClient;
  uint8_t index = 0;
  uint8_t retries = 0;
  [[nodiscard]] bool used() const noexcept { return !message.empty(); }
};

/// A request of ours.
struct ClientSlot {
  enum class State : uint8_t { kFree, kQueued, kSent, kWaiting, kObserving };
  State state = State::kFree;
  bool uploading = false;  ///< the request body is not complete at the server yet
  bool observed = false;
  bool restarted = false;
  uint8_t request_szx = 0;
  uint8_t response_szx = 0;
  uint8_t etag_length = 0;
  std::array<uint8_t, 8> etag{};
  uint16_t message_id = 0;
  uint32_t token = 0;
  uint32_t observe_token = 0;
  uint32_t observe_number = 0;
  uint32_t request_offset = 0;
  uint32_t response_offset = 0;
  uint32_t generation = 0;
  MonotonicMs observe_time = 0;
  MonotonicMs deadline = kNever;
  ClientHandler* handler = nullptr;
  RequestSpec spec;
};

/// What a response must know of its request.
struct Exchange {
  Type type = Type::kConfirmable;
  Code method = Code::kGet;
  bool has_block1 = false;
  bool has_block2 = false;
  bool registers = false;     ///< GET with Observe 0 on an observable resource
  bool notification = false;  ///< made by the server itself
  uint8_t observer = 0;       ///< index, when notification
  uint16_t message_id = 0;
  uint16_t accept = format::kNone;
  uint32_t key = 0;  ///< hash of method, path and query
  Block block1;
  Block block2;
  Token token;
  const Resource* resource = nullptr;
};

/// A request of the peer that lasts longer than one message.
struct ServerSlot {
  enum class State : uint8_t { kFree, kReceiving, kDeferred, kReady, kServing };
  State state = State::kFree;
  bool receiving = false;  ///< the deferred request is a piece that is not the last
  uint8_t etag_length = 0;
  Code code = Code::kEmpty;
  std::array<uint8_t, 8> etag{};
  uint16_t first_message_id = 0;  ///< of the Block1 piece at the start: a late duplicate must not start anew
  uint16_t content_format = format::kNone;
  uint32_t next_offset = 0;
  uint32_t total_bytes = 0;
  uint32_t generation = 0;
  MonotonicMs deadline = kNever;
  MutableBytes memory;  ///< kServing: a copy of the body; kReady: the message
  BodySource* source = nullptr;
  Exchange exchange;
};

/// An observation that the peer holds here.
struct ObserverSlot {
  const Resource* resource = nullptr;  ///< null: free
  Token token;
  bool has_block2 = false;
  bool pending = false;
  bool in_flight = false;
  uint8_t szx = Block::kMaxSzx;
  uint8_t unconfirmed = 0;  ///< notifications since the last confirmable one
  uint16_t last_message_id = 0;
  uint16_t accept = format::kNone;
  uint32_t key = 0;
};

/// A message id of the peer that was answered; the response is kept unless it is still to come.
struct SeenSlot {
  MonotonicMs expires = 0;
  MutableBytes response;
  uint16_t message_id = 0;
  bool used = false;
};

struct EndpointSlots {
  std::span<OutgoingSlot> outgoing;
  std::span<ClientSlot> clients;
  std::span<ServerSlot> servers;
  std::span<ObserverSlot> observers;
  std::span<SeenSlot> seen;
};

/// The arrays. Requests of our own, long requests of the peer, observations of the peer, remembered message ids of the
/// peer, and confirmable messages of ours without acknowledgement (NSTART).
template <size_t Clients, size_t Servers, size_t Observers, size_t Seen, size_t Outgoing = 1>
class EndpointStorage {
 public:
  [[nodiscard]] EndpointSlots slots() noexcept { return {outgoing_, clients_, servers_, observers_, seen_}; }

 private:
  std::array<OutgoingSlot, Outgoing> outgoing_{};
  std::array<ClientSlot, Clients> clients_{};
  std::array<ServerSlot, Servers> servers_{};
  std::array<ObserverSlot, Observers> observers_{};
  std::array<SeenSlot, Seen> seen_{};
};

}  // namespace tailor::coap
