// SPDX-License-Identifier: Apache-2.0
// The server half of the endpoint, inbound: finds the resource, checks what the framework knows, assembles Block1
// bodies and calls the handler (RFC 7252 5.2, RFC 7959 2.3 to 2.5). Responses are made in endpoint_reply.cpp.
#include <algorithm>

#include "core/coap/endpoint.hpp"
#include "core/coap/link_format.hpp"
#include "core/coap/parsed_options.hpp"

namespace tailor::coap {
namespace {

using State = ServerSlot::State;

/// FNV-1a over method, path and query: tells the transfers of one peer apart.
uint32_t key_of(Code method, ByteView options) {
  constexpr uint32_t kPrime = 16777619;
  uint32_t hash = (2166136261U ^ static_cast<uint32_t>(method)) * kPrime;
  OptionReader reader(options);
  OptionView option;
  while (reader.next(option)) {
    if (!option.is(Option::kUriPath) && !option.is(Option::kUriQuery)) continue;
    hash = (hash ^ option.number) * kPrime;
    for (const uint8_t byte : option.value) hash = (hash ^ byte) * kPrime;
  }
  return hash;
}

}  // namespace

// --- slots -----------------------------------------------------------------------------------------------------------

ServerSlot* Endpoint::find_server(uint32_t key, State state) noexcept {
  for (ServerSlot& slot : slots_.servers) {
    if (slot.state == state && slot.exchange.key == key) return &slot;
  }
  return nullptr;
}

ServerSlot* Endpoint::find_server(ExchangeId id) noexcept {
  const size_t index = (id.value & 0xffU) - 1;
  if (index >= slots_.servers.size()) return nullptr;
  ServerSlot& slot = slots_.servers[index];
  return slot.state == State::kDeferred && slot.generation == id.value >> 8U ? &slot : nullptr;
}

/// A free slot, or the kept body that expires first; it is not claimed yet.
ServerSlot* Endpoint::spare_server() noexcept {
  ServerSlot* spare = nullptr;
  for (ServerSlot& slot : slots_.servers) {
    if (slot.state == State::kFree) return &slot;
    if (slot.state == State::kServing && (spare == nullptr || slot.deadline < spare->deadline)) spare = &slot;
  }
  return spare;
}

void Endpoint::free_server(ServerSlot& slot) noexcept {
  drop(slot.memory);
  if (slot.source != nullptr) slot.source->release();
  slot = {};
}

void Endpoint::abandon(ServerSlot& slot) noexcept {
  const Resource* const resource = slot.state == State::kReceiving || slot.receiving ? slot.exchange.resource : nullptr;
  free_server(slot);
  if (resource != nullptr) resource->handler->abandoned(*resource, peer_);
}

ExchangeId Endpoint::name(ServerSlot& slot) noexcept {
  slot.generation = ++generation_ & 0xff'ffffU;
  return {(slot.generation << 8U) | static_cast<uint32_t>(&slot - slots_.servers.data() + 1)};
}

// --- requests --------------------------------------------------------------------------------------------------------

void Endpoint::on_request(const Message& message) noexcept {
  const bool confirmable = message.type == Type::kConfirmable;
  if (const SeenSlot* seen = find_seen(message.message_id); seen != nullptr) {  // RFC 7252 4.5
    if (!seen->response.empty()) {
      sink_.send(seen->response);
    } else if (confirmable) {
      send_empty(Type::kAcknowledgement, message.message_id);
    }
    return;
  }
  Exchange exchange;
  exchange.type = message.type;
  exchange.method = message.code;
  exchange.message_id = message.message_id;
  exchange.token = message.token;
  const Result<Options> options = Options::read(message.options, true);
  if (!options.ok()) {  // RFC 7252 5.4.1: 4.02, or a reset for a non-confirmable request
    if (!confirmable) return send_empty(Type::kReset, message.message_id);
    return reply_error(exchange, options.error());
  }
  dispatch(exchange, message, options.value());
}

void Endpoint::dispatch(Exchange& exchange, const Message& message, const Options& options) noexcept {
  const OptionList path(message.options, Option::kUriPath);
  const OptionList query(message.options, Option::kUriQuery);
  const bool is_get = exchange.method == Code::kGet;
  bool path_exists = false;
  for (const Resource& resource : environment_.resources) {
    if (!path.matches(resource.path)) continue;
    path_exists = true;
    if ((resource.methods & method_bit(exchange.method)) == 0) continue;
    exchange.resource = &resource;
    break;
  }
  exchange.has_block1 = options.has_block1;
  exchange.has_block2 = options.has_block2;
  exchange.block1 = options.block1;
  exchange.block2 = options.block2;
  exchange.accept = options.accept;
  exchange.key = key_of(exchange.method, message.options);

  if (options.proxy) {
    Response response(room(), {});
    response.set_code(Code::kProxyingNotSupported);
    return reply(exchange, response);
  }
  if (exchange.resource == nullptr) {
    if (path_exists || !path.matches(".well-known/core")) {
      return reply_error(exchange, path_exists ? Error::kMethodNotAllowed : Error::kNotFound);
    }
    if (!is_get) return reply_error(exchange, Error::kMethodNotAllowed);
    LinkFormat links(environment_.resources, query);
    Response response(room(), {});
    response.set_code(Code::kContent);
    response.set_body(links, links.size(), format::kLinkFormat);
    return reply(exchange, response);
  }
  const Resource& resource = *exchange.resource;
  if (is_get && options.accept != format::kNone && resource.produces != format::kNone &&
      options.accept != resource.produces) {
    return reply_error(exchange, Error::kNotAcceptable);
  }
  if (!message.payload.empty() && resource.accepts != format::kNone && options.content_format != resource.accepts) {
    return reply_error(exchange, Error::kUnsupportedContentFormat);
  }
  if (exchange.has_block2 && exchange.block2.number > 0 && serve_kept(exchange)) return;

  const bool observes = is_get && resource.observable && query.count() == 0;
  if (is_get && options.observe == 1) forget_observer(exchange.token);
  exchange.registers = observes && options.observe == 0 && exchange.block2.number == 0;
  Request request{exchange.method,
                  resource,
                  peer_,
                  path,
                  query,
                  message.options,
                  options.content_format,
                  options.accept,
                  options.etag,
                  message.payload,
                  0,
                  true,
                  options.size1 != kUnknownSize ? options.size1 : kUnknownSize,
                  exchange.has_block2 ? exchange.block2.offset() : 0,
                  exchange.registers};
  if (!is_get && exchange.has_block1) {
    request.offset = exchange.block1.offset();
    request.last = !exchange.block1.more;
  } else {
    request.total_bytes = static_cast<uint32_t>(message.payload.size());
  }
  const Result<ServerSlot*> slot = receive(exchange, request);
  if (slot.ok()) return call(exchange, request, slot.value());
  if (slot.error() != Error::kAlreadyExists) reply_error(exchange, slot.error());
}

/// Finds or makes the slot that a piece of a body belongs to; none for a body of one piece.
///
/// @returns kBlockSequence, kBodyTooLarge, kCoapMalformed, kOverloaded to answer with; kAlreadyExists for a late
///          duplicate, which gets no answer
Result<ServerSlot*> Endpoint::receive(const Exchange& exchange, const Request& request) noexcept {
  const size_t size = request.payload.size();
  const uint32_t limit = request.resource.max_body_bytes;
  const bool sized = request.total_bytes != kUnknownSize && request.total_bytes > limit;
  if (sized || size > limit || request.offset > limit - size) return Error::kBodyTooLarge;
  ServerSlot* slot = find_server(exchange.key, State::kReceiving);
  if (request.offset == 0 && slot != nullptr && slot->first_message_id == exchange.message_id) {
    return Error::kAlreadyExists;
  }
  if (exchange.has_block1 && (request.last ? size > exchange.block1.size() : size != exchange.block1.size())) {
    return Error::kCoapMalformed;
  }
  if (request.offset == 0 && request.last) {
    if (slot != nullptr) free_server(*slot);
    return static_cast<ServerSlot*>(nullptr);
  }
  if (request.offset != 0) {
    const uint32_t expected = slot != nullptr ? slot->next_offset : request.resource.handler->resume_offset(request);
    if (request.offset != expected) return Error::kBlockSequence;
  }
  if (slot == nullptr) {
    slot = spare_server();
    if (slot == nullptr) return Error::kOverloaded;
    free_server(*slot);
  }
  if (request.offset == 0) slot->first_message_id = exchange.message_id;
  slot->state = State::kReceiving;
  slot->exchange = exchange;
  slot->next_offset = request.offset + static_cast<uint32_t>(size);
  slot->deadline = patience_ends();
  return slot;
}

void Endpoint::call(const Exchange& exchange, const Request& request, ServerSlot* receiving) noexcept {
  ServerSlot* const spare = receiving != nullptr ? receiving : spare_server();
  Response response(room(), spare != nullptr ? name(*spare) : ExchangeId{});
  exchange.resource->handler->handle(request, response);
  const bool goes_on = receiving != nullptr && !request.last;
  if (response.deferred()) {
    response.release_body();
    const uint32_t generation = spare->generation;
    if (receiving == nullptr) free_server(*spare);
    spare->generation = generation;
    spare->state = State::kDeferred;
    spare->receiving = goes_on;
    spare->exchange = exchange;
    spare->deadline = kNever;
    if (exchange.notification) return;
    if (exchange.type == Type::kConfirmable) send_empty(Type::kAcknowledgement, exchange.message_id);
    return remember(exchange.message_id, {});
  }
  if (goes_on && is_success(response.code())) {
    response.release_body();
    Response proceed(room(), {});
    proceed.set_code(Code::kContinue);
    return reply(exchange, proceed);
  }
  if (receiving != nullptr) free_server(*receiving);
  if (!exchange.notification) return reply(exchange, response);
  if (reply_later(exchange, response, false).ok()) return;
  // No memory at the moment: the notification is made anew later, of the state then.
  slots_.observers[exchange.observer].pending = true;
  slots_.observers[exchange.observer].in_flight = false;
  retry_at_ = now_ + environment_.transmission.ack_timeout_ms;
}

// --- deferred requests -----------------------------------------------------------------------------------------------

Result<Response> Endpoint::begin_response(ExchangeId id) noexcept {
  if (find_server(id) == nullptr) return Error::kNotFound;
  return Response(room(), {});
}

Status Endpoint::finish_response(ExchangeId id, Response& response, MonotonicMs now) noexcept {
  now_ = now;
  ServerSlot* const slot = find_server(id);
  if (slot == nullptr) {
    response.release_body();
    return Error::kNotFound;
  }
  const Exchange exchange = slot->exchange;
  const bool goes_on = slot->receiving && is_success(response.code());
  if (goes_on) {
    response.release_body();
    response = Response(room(), {});
    response.set_code(Code::kContinue);
  }
  TAILOR_TRY(reply_later(exchange, response, true));
  if (ServerSlot* const ended = find_server(id); ended != nullptr) {
    if (goes_on) {
      ended->state = State::kReceiving;
      ended->receiving = false;
      ended->deadline = patience_ends();
    } else {
      free_server(*ended);
    }
  }
  return kOk;
}

}  // namespace tailor::coap
