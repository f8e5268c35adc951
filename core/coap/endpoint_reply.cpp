// SPDX-License-Identifier: Apache-2.0
// The server half of the endpoint, outbound: composes responses, cuts blocks out of bodies and keeps the bodies that
// are fetched in several requests (RFC 7252 5.2, RFC 7959 2.4).
#include <algorithm>

#include "core/coap/endpoint.hpp"
#include "core/coap/parsed_options.hpp"

namespace tailor::coap {
namespace {

using State = ServerSlot::State;

}  // namespace

/// Writes the response, with the piece of its body that `exchange` asks for.
///
/// @returns kValueOutOfRange for a piece beyond the body; kDatagramTooLarge; what the body source says
Result<ByteView> Endpoint::write(const Exchange& exchange, const Response& response, Type type,
                                 uint16_t message_id) noexcept {
  const bool success = is_success(response.code_);
  const uint8_t szx = std::min(environment_.max_szx, exchange.has_block2 ? exchange.block2.szx : Block::kMaxSzx);
  const uint32_t size = 16U << szx;
  const uint32_t offset = success && exchange.has_block2 ? exchange.block2.offset() : 0;
  const uint32_t total = response.total_bytes_;
  if ((offset > 0 && offset >= total) || offset >> (szx + 4U) > Block::kMaxNumber) return Error::kValueOutOfRange;
  const uint32_t piece = std::min(total - offset, size);
  const bool blockwise = success && (total > size || (exchange.has_block2 && total > 0));

  ByteView payload;
  if (response.source_ != nullptr) {
    const MutableBytes out = room().first(std::min<size_t>(piece, room().size()));
    TAILOR_TRY_ASSIGN(const size_t read, response.source_->read(offset, out));
    if (read != piece) return Error::kInternal;
    payload = out;
  } else {
    payload = response.body_.subspan(offset, piece);
  }

  MessageWriter writer(environment_.scratch.first(std::min(kOptionRoomBytes, environment_.scratch.size())));
  writer.header(type, response.code_, message_id, exchange.token);
  if (response.etag_length_ > 0) writer.option(Option::kETag, ByteView{response.etag_}.first(response.etag_length_));
  if ((exchange.registers || exchange.notification) && success) {
    writer.option_uint(Option::kObserve, observe_number_);
  }
  if (response.location_length_ > 0) {
    writer.path({response.location_.data(), response.location_length_}, Option::kLocationPath);
  }
  if (!payload.empty() && response.content_format_ != format::kNone) {
    writer.option_uint(Option::kContentFormat, response.content_format_);
  }
  if (response.max_age_s_ != kDefaultMaxAgeSeconds) writer.option_uint(Option::kMaxAge, response.max_age_s_);
  if (blockwise) writer.option_uint(Option::kBlock2, Block{offset >> (szx + 4U), offset + piece < total, szx}.value());
  if (exchange.has_block1 && success) {
    Block block = exchange.block1;
    block.szx = std::min(block.szx, environment_.max_szx);
    block.more = response.code_ == Code::kContinue;
    writer.option_uint(Option::kBlock1, block.value());
  }
  if (blockwise && total > size) writer.option_uint(Option::kSize2, total);
  if (response.code_ == Code::kRequestEntityTooLarge && exchange.resource != nullptr &&
      exchange.resource->max_body_bytes != kUnknownSize) {
    writer.option_uint(Option::kSize1, exchange.resource->max_body_bytes);
  }
  if (response.hold_) writer.option(Option::kHold, {});
  TAILOR_TRY_ASSIGN(const ByteView head, writer.finish());
  if (payload.empty()) return head;
  if (head.size() + 1 + payload.size() > environment_.scratch.size()) return Error::kDatagramTooLarge;
  // The payload may lie in room(), behind the options: it moves down.
  uint8_t* const at = environment_.scratch.data() + head.size();
  std::memmove(at + 1, payload.data(), payload.size());
  *at = 0xff;
  return ByteView{environment_.scratch.first(head.size() + 1 + payload.size())};
}

/// Keeps the body for the requests that will ask for its other blocks.
Status Endpoint::keep_body(const Exchange& exchange, Response& response) noexcept {
  ServerSlot* slot = find_server(exchange.key, State::kServing);
  if (slot == nullptr) slot = spare_server();
  if (slot == nullptr) return Error::kOverloaded;
  free_server(*slot);
  if (response.source_ == nullptr) {
    TAILOR_TRY_ASSIGN(slot->memory, keep(response.body_));
  }
  slot->state = State::kServing;
  slot->source = response.source_;
  slot->exchange = exchange;
  slot->code = response.code_;
  slot->etag = response.etag_;
  slot->etag_length = response.etag_length_;
  slot->content_format = response.content_format_;
  slot->total_bytes = response.total_bytes_;
  slot->deadline = patience_ends();
  return kOk;
}

/// write(), or the error that kept it from being written. A body in pieces is kept when `keeps`; otherwise the handler
/// is asked anew for each piece.
Result<ByteView> Endpoint::compose(const Exchange& exchange, Response& response, Type type, uint16_t message_id,
                                   bool keeps) noexcept {
  const uint8_t szx = std::min(environment_.max_szx, exchange.has_block2 ? exchange.block2.szx : Block::kMaxSzx);
  const bool in_pieces = is_success(response.code_) && response.total_bytes_ > (16U << szx);
  bool kept = false;
  if (keeps && in_pieces) {
    const Status status = keep_body(exchange, response);
    kept = status.ok();
    if (!kept) response.fail(status.error());
  } else if (ServerSlot* const older = find_server(exchange.key, State::kServing); older != nullptr) {
    free_server(*older);
  }
  const Result<ByteView> message = write(exchange, response, type, message_id);
  if (kept) {
    response.source_ = nullptr;  // the slot's
  } else {
    response.release_body();
  }
  if (message.ok()) return message;
  response.fail(message.error() == Error::kValueOutOfRange ? Error::kCoapMalformed : message.error());
  return write(exchange, response, type, message_id);
}

/// Registers an observer if the request asks for it, and draws the number of this notification.
Exchange Endpoint::with_observation(const Exchange& exchange, const Response& response) noexcept {
  Exchange answered = exchange;
  answered.registers = exchange.registers && is_success(response.code_) && register_observer(exchange);
  if (answered.registers || exchange.notification) observe_number_ = (observe_number_ + 1) & 0xff'ffffU;
  return answered;
}

void Endpoint::reply(const Exchange& exchange, Response& response) noexcept {
  const bool is_get = exchange.method == Code::kGet;
  const bool confirmable = exchange.type == Type::kConfirmable;
  const Exchange answered = with_observation(exchange, response);
  const Result<ByteView> message =
      compose(answered, response, confirmable ? Type::kAcknowledgement : Type::kNonConfirmable,
              confirmable ? exchange.message_id : next_message_id(), !is_get);
  if (!message.ok()) return;  // not even an error fits into the scratch memory: the peer's timeout tells
  sink_.send(message.value());
  if (!is_get) remember(exchange.message_id, message.value());  // a GET is safe to be handled twice
}

void Endpoint::reply_error(const Exchange& exchange, Error error) noexcept {
  Response response(room(), {});
  response.fail(error);
  reply(exchange, response);
}

Status Endpoint::reply_later(const Exchange& exchange, Response& response, bool deferred) noexcept {
  const Exchange answered = with_observation(exchange, response);
  const uint16_t message_id = next_message_id();
  TAILOR_TRY_ASSIGN(const ByteView message, compose(answered, response, exchange.type, message_id, deferred));
  const bool confirmable = exchange.type == Type::kConfirmable;
  const bool observed = exchange.notification && is_success(response.code_);
  const OutgoingSlot::Owner owner = observed ? OutgoingSlot::Owner::kObserver : OutgoingSlot::Owner::kServer;
  if (!confirmable) {
    sink_.send(message);
  } else {
    TAILOR_TRY_ASSIGN(MutableBytes memory, keep(message));
    ServerSlot* const waiting = spare_server();
    if (OutgoingSlot* const outgoing = free_outgoing(); outgoing != nullptr) {
      start(*outgoing, memory, message_id, owner, exchange.observer);
    } else if (waiting != nullptr) {
      free_server(*waiting);
      waiting->state = State::kReady;
      waiting->memory = memory;
      waiting->exchange.notification = observed;
      waiting->exchange.observer = exchange.observer;
      waiting->exchange.message_id = message_id;
    } else {
      drop(memory);
      return Error::kOverloaded;
    }
  }
  if (!exchange.notification) return kOk;
  ObserverSlot& observer = slots_.observers[exchange.observer];
  observer.last_message_id = message_id;
  observer.in_flight = confirmable;
  if (!observed) free_observer(observer);  // RFC 7641 4.2: an error response ends the observation
  return kOk;
}

bool Endpoint::serve_kept(const Exchange& exchange) noexcept {
  ServerSlot* const slot = find_server(exchange.key, State::kServing);
  if (slot == nullptr) {
    if (exchange.method == Code::kGet) return false;  // its handler is asked anew
    reply_error(exchange, Error::kBlockSequence);
    return true;
  }
  Response response(room(), {});
  response.code_ = slot->code;
  response.etag_ = slot->etag;
  response.etag_length_ = slot->etag_length;
  response.content_format_ = slot->content_format;
  response.body_ = slot->memory;
  response.source_ = slot->source;
  response.total_bytes_ = slot->total_bytes;
  slot->deadline = patience_ends();
  const bool confirmable = exchange.type == Type::kConfirmable;
  const uint16_t message_id = confirmable ? exchange.message_id : next_message_id();
  const Result<ByteView> message =
      write(exchange, response, confirmable ? Type::kAcknowledgement : Type::kNonConfirmable, message_id);
  response.source_ = nullptr;
  if (!message.ok()) {
    reply_error(exchange, Error::kBlockSequence);
    return true;
  }
  sink_.send(message.value());
  return true;
}

}  // namespace tailor::coap
