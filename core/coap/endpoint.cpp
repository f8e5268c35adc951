// SPDX-License-Identifier: Apache-2.0
// The message layer of the endpoint: confirmable messages and their retransmission, deduplication, timers, memory
// (RFC 7252 4). Requests and responses are sorted here and handled in endpoint_client.cpp and endpoint_server.cpp.
#include "core/coap/endpoint.hpp"

#include <algorithm>

#include "core/coap/parsed_options.hpp"

namespace tailor::coap {

Endpoint::Endpoint(const Environment& environment, const EndpointSlots& slots, DatagramSink& sink, const Peer& peer,
                   uint64_t seed) noexcept
    : environment_(environment), slots_(slots), sink_(sink), peer_(peer), random_state_(seed | 1U) {
  message_id_ = static_cast<uint16_t>(random());
}

Endpoint::~Endpoint() {
  for (OutgoingSlot& slot : slots_.outgoing) drop(slot.message);
  for (SeenSlot& slot : slots_.seen) drop(slot.response);
  for (ServerSlot& slot : slots_.servers) free_server(slot);
}

uint32_t Endpoint::random() noexcept {
  random_state_ ^= random_state_ << 13U;
  random_state_ ^= random_state_ >> 7U;
  random_state_ ^= random_state_ << 17U;
  return static_cast<uint32_t>(random_state_ >> 32U);
}

MutableBytes Endpoint::room() const noexcept {
  const size_t size = size_t{16} << environment_.max_szx;
  const size_t used = std::min(kOptionRoomBytes, environment_.scratch.size());
  return environment_.scratch.subspan(used, std::min(size, environment_.scratch.size() - used));
}

// --- input -----------------------------------------------------------------------------------------------------------

void Endpoint::on_datagram(ByteView datagram, MonotonicMs now) noexcept {
  now_ = now;
  const Result<Message> decoded = decode(datagram);
  if (!decoded.ok()) {
    // RFC 7252 4.2: a confirmable message that cannot be processed is rejected; all else is ignored (4.3).
    if (decoded.error() == Error::kCoapMalformed && datagram.size() >= kHeaderBytes && datagram[0] >> 4U == 4) {
      send_empty(Type::kReset, static_cast<uint16_t>((datagram[2] << 8U) | datagram[3]));
    }
    return;
  }
  const Message& message = decoded.value();
  const bool carries = message.type == Type::kConfirmable || message.type == Type::kNonConfirmable;
  if (message.code == Code::kEmpty) {
    on_empty(message);
  } else if (is_request(message.code) && carries) {
    on_request(message);
  } else if (is_response(message.code) && message.type != Type::kReset) {
    on_response(message);
  } else if (message.type == Type::kConfirmable) {
    send_empty(Type::kReset, message.message_id);  // a reserved code class
  }
  pump();
}

void Endpoint::on_empty(const Message& message) noexcept {
  if (message.type == Type::kConfirmable) return send_empty(Type::kReset, message.message_id);  // ping, RFC 7252 4.3
  if (message.type == Type::kNonConfirmable) return;
  for (OutgoingSlot& slot : slots_.outgoing) {
    if (!slot.used() || slot.message_id != message.message_id) continue;
    if (message.type == Type::kReset) return lost(slot, Error::kResetByPeer);
    if (slot.owner == OutgoingSlot::Owner::kClient) {
      ClientSlot& client = slots_.clients[slot.index];
      client.state = ClientSlot::State::kWaiting;
      client.deadline = patience_ends();
    } else if (slot.owner == OutgoingSlot::Owner::kObserver) {
      slots_.observers[slot.index].in_flight = false;
    }
    return drop(slot.message);
  }
  if (message.type != Type::kReset) return;
  for (ObserverSlot& observer : slots_.observers) {
    if (observer.resource != nullptr && observer.last_message_id == message.message_id) return free_observer(observer);
  }
  for (size_t i = 0; i < slots_.clients.size(); ++i) {
    const ClientSlot& client = slots_.clients[i];
    if (client.state == ClientSlot::State::kWaiting && client.message_id == message.message_id) {
      return fail_client(i, Error::kResetByPeer);
    }
  }
}

void Endpoint::send_empty(Type type, uint16_t message_id) noexcept {
  std::array<uint8_t, kHeaderBytes> bytes{};
  MessageWriter writer(bytes);
  writer.header(type, Code::kEmpty, message_id, Token{});
  sink_.send(bytes);
}

// --- memory ----------------------------------------------------------------------------------------------------------

Result<MutableBytes> Endpoint::keep(ByteView bytes) noexcept {
  while (true) {
    const Result<MutableBytes> memory = environment_.memory.take(bytes.size());
    if (memory.ok()) {
      std::copy(bytes.begin(), bytes.end(), memory.value().begin());
      return memory;
    }
    // A remembered response is the least loss: a duplicate that comes this late is handled anew.
    SeenSlot* oldest = nullptr;
    for (SeenSlot& slot : slots_.seen) {
      if (!slot.response.empty() && (oldest == nullptr || slot.expires < oldest->expires)) oldest = &slot;
    }
    if (oldest == nullptr) return memory.error();
    drop(oldest->response);
    oldest->used = false;
  }
}

void Endpoint::drop(MutableBytes& memory) noexcept {
  if (!memory.empty()) environment_.memory.give(memory);
  memory = {};
}

SeenSlot* Endpoint::find_seen(uint16_t message_id) noexcept {
  for (SeenSlot& slot : slots_.seen) {
    if (slot.used && slot.message_id == message_id && now_ < slot.expires) return &slot;
  }
  return nullptr;
}

void Endpoint::remember(uint16_t message_id, ByteView response) noexcept {
  if (slots_.seen.empty()) return;
  MutableBytes memory;
  if (!response.empty()) {
    const Result<MutableBytes> kept = keep(response);
    if (!kept.ok()) return;
    memory = kept.value();
  }
  SeenSlot* chosen = &slots_.seen.front();
  for (SeenSlot& slot : slots_.seen) {
    if (!slot.used || (chosen->used && slot.expires < chosen->expires)) chosen = &slot;
  }
  drop(chosen->response);
  *chosen = {now_ + environment_.transmission.exchange_lifetime_ms, memory, message_id, true};
}

// --- confirmable messages --------------------------------------------------------------------------------------------

OutgoingSlot* Endpoint::free_outgoing() noexcept {
  OutgoingSlot* found = nullptr;
  size_t used = 0;
  for (OutgoingSlot& slot : slots_.outgoing) {
    if (slot.used()) {
      ++used;
    } else {
      found = &slot;
    }
  }
  return used < environment_.transmission.nstart ? found : nullptr;
}

void Endpoint::start(OutgoingSlot& slot, MutableBytes message, uint16_t message_id, OutgoingSlot::Owner owner,
                     size_t index) noexcept {
  const Transmission& parameters = environment_.transmission;
  const uint32_t spread = parameters.ack_timeout_ms / 100 * (parameters.ack_random_percent - 100U);
  slot.message = message;
  slot.message_id = message_id;
  slot.owner = owner;
  slot.index = static_cast<uint8_t>(index);
  slot.retries = 0;
  slot.timeout_ms = parameters.ack_timeout_ms + random() % (spread + 1);
  slot.due = now_ + slot.timeout_ms;
  sink_.send(message);
}

void Endpoint::stop(OutgoingSlot::Owner owner, size_t index) noexcept {
  for (OutgoingSlot& slot : slots_.outgoing) {
    if (slot.used() && slot.owner == owner && slot.index == index) drop(slot.message);
  }
}

void Endpoint::lost(OutgoingSlot& slot, Error error) noexcept {
  const OutgoingSlot::Owner owner = slot.owner;
  const size_t index = slot.index;
  drop(slot.message);
  if (owner == OutgoingSlot::Owner::kObserver) return free_observer(slots_.observers[index]);
  if (owner == OutgoingSlot::Owner::kClient) fail_client(index, error);
}

// --- time ------------------------------------------------------------------------------------------------------------

void Endpoint::tick(MonotonicMs now) noexcept {
  now_ = now;
  for (OutgoingSlot& slot : slots_.outgoing) {
    if (!slot.used() || now_ < slot.due) continue;
    if (slot.retries >= environment_.transmission.max_retransmit) {
      lost(slot, Error::kTimeout);
      continue;
    }
    ++slot.retries;
    slot.timeout_ms *= 2;
    slot.due = now_ + slot.timeout_ms;
    sink_.send(slot.message);
  }
  for (size_t i = 0; i < slots_.clients.size(); ++i) {
    const ClientSlot& slot = slots_.clients[i];
    if (slot.state == ClientSlot::State::kWaiting && slot.deadline <= now_) fail_client(i, Error::kTimeout);
  }
  for (ServerSlot& slot : slots_.servers) {
    if (slot.state == ServerSlot::State::kFree || now_ < slot.deadline) continue;
    if (slot.state == ServerSlot::State::kReceiving) {
      abandon(slot);
    } else {
      free_server(slot);
    }
  }
  for (SeenSlot& slot : slots_.seen) {
    if (!slot.used || now_ < slot.expires) continue;
    drop(slot.response);
    slot.used = false;
  }
  pump();
}

void Endpoint::pump() noexcept {
  for (ServerSlot& slot : slots_.servers) {
    OutgoingSlot* const outgoing = free_outgoing();
    if (outgoing == nullptr) break;
    if (slot.state != ServerSlot::State::kReady) continue;
    const bool notification = slot.exchange.notification;
    start(*outgoing, slot.memory, slot.exchange.message_id,
          notification ? OutgoingSlot::Owner::kObserver : OutgoingSlot::Owner::kServer, slot.exchange.observer);
    slot.memory = {};
    free_server(slot);
  }
  for (size_t i = 0; i < slots_.clients.size(); ++i) {
    const ClientSlot& slot = slots_.clients[i];
    if (slot.state != ClientSlot::State::kQueued) continue;
    if (!slot.spec.confirmable || free_outgoing() != nullptr) send_request(i);
  }
  if (now_ < retry_at_) return;
  for (size_t i = 0; i < slots_.observers.size(); ++i) {
    const ObserverSlot& slot = slots_.observers[i];
    if (slot.resource != nullptr && slot.pending && !slot.in_flight && free_outgoing() != nullptr) {
      send_notification(i);
    }
  }
}

MonotonicMs Endpoint::next_deadline() const noexcept {
  MonotonicMs deadline = kNever;
  size_t outgoing = 0;
  for (const OutgoingSlot& slot : slots_.outgoing) {
    if (!slot.used()) continue;
    ++outgoing;
    deadline = earlier(deadline, slot.due);
  }
  const bool may_start = outgoing < std::min<size_t>(environment_.transmission.nstart, slots_.outgoing.size());
  for (const ClientSlot& slot : slots_.clients) {
    if (slot.state == ClientSlot::State::kQueued && (may_start || !slot.spec.confirmable)) return 0;
    if (slot.state == ClientSlot::State::kWaiting) deadline = earlier(deadline, slot.deadline);
  }
  for (const ServerSlot& slot : slots_.servers) {
    if (slot.state == ServerSlot::State::kReady && may_start) return 0;
    if (slot.state != ServerSlot::State::kFree) deadline = earlier(deadline, slot.deadline);
  }
  for (const ObserverSlot& slot : slots_.observers) {
    if (slot.resource != nullptr && slot.pending && !slot.in_flight && may_start)
      deadline = earlier(deadline, retry_at_);
  }
  return deadline;
}

bool Endpoint::idle(MonotonicMs now) const noexcept {
  // Plain loops: std::any_of unrolls each of them fourfold, which is half a kilobyte.
  size_t busy = observers();
  for (const OutgoingSlot& slot : slots_.outgoing) busy += slot.used() ? 1 : 0;
  for (const ClientSlot& slot : slots_.clients) busy += slot.state != ClientSlot::State::kFree ? 1 : 0;
  for (const ServerSlot& slot : slots_.servers) busy += slot.state != ServerSlot::State::kFree ? 1 : 0;
  for (const SeenSlot& slot : slots_.seen) busy += slot.used && now < slot.expires ? 1 : 0;
  return busy == 0;
}

void Endpoint::close(Error error) noexcept {
  for (OutgoingSlot& slot : slots_.outgoing) drop(slot.message);
  for (SeenSlot& slot : slots_.seen) {
    drop(slot.response);
    slot.used = false;
  }
  for (ObserverSlot& slot : slots_.observers) slot = {};
  for (ServerSlot& slot : slots_.servers) abandon(slot);
  for (size_t i = 0; i < slots_.clients.size(); ++i) {
    if (slots_.clients[i].state != ClientSlot::State::kFree) fail_client(i, error);
  }
}

}  // namespace tailor::coap
