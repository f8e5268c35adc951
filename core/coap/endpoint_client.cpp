// SPDX-License-Identifier: Apache-2.0
// The client half of the endpoint: requests, request bodies by Block1, response bodies by Block2, and observations
// (RFC 7252 5, RFC 7959 2 and 3, RFC 7641 3). Every message has a token of its own, so that a late duplicate of an
// earlier block never meets a later one.
#include <algorithm>

#include "core/coap/endpoint.hpp"
#include "core/coap/parsed_options.hpp"

namespace tailor::coap {
namespace {

using State = ClientSlot::State;

constexpr uint32_t kSmallestBlock = 16;
/// RFC 7641 3.4: a notification this much later is newer whatever its number.
constexpr MonotonicMs kObserveFreshMs = 128'000;

Token token_of(uint32_t value) {
  const std::array<uint8_t, 4> bytes{static_cast<uint8_t>(value >> 24U), static_cast<uint8_t>(value >> 16U),
                                     static_cast<uint8_t>(value >> 8U), static_cast<uint8_t>(value)};
  return Token(bytes);
}

/// Largest block exponent that `offset` is aligned to.
uint8_t szx_for(uint32_t offset, uint8_t szx) {
  while (szx > 0 && offset % (kSmallestBlock << szx) != 0) --szx;
  return szx;
}

bool stale(const ClientSlot& slot, uint32_t number, MonotonicMs now) {
  const uint32_t ahead = (number - slot.observe_number) & 0xff'ffffU;
  return (ahead == 0 || ahead >= 0x80'0000U) && now <= slot.observe_time + kObserveFreshMs;
}

bool may_have_body(Code method) {
  return method != Code::kGet && method != Code::kDelete && method != Code::kEmpty;
}

Block block_at(uint32_t offset, uint8_t szx, bool more) {
  return {offset >> (szx + 4U), more, szx};
}

}  // namespace

Result<ExchangeId> Endpoint::claim_client(const RequestSpec& spec, ClientHandler& handler) noexcept {
  for (size_t i = 0; i < slots_.clients.size(); ++i) {
    ClientSlot& slot = slots_.clients[i];
    if (slot.state != State::kFree) continue;
    slot = {};
    slot.state = State::kQueued;
    slot.spec = spec;
    slot.spec.etag = {};
    slot.handler = &handler;
    slot.generation = ++generation_ & 0xff'ffffU;
    slot.etag_length = static_cast<uint8_t>(spec.etag.size());
    std::copy(spec.etag.begin(), spec.etag.end(), slot.etag.begin());
    slot.uploading = spec.body_bytes > 0;
    slot.request_offset = spec.body_offset;
    slot.response_offset = spec.response_offset;
    slot.request_szx = szx_for(spec.body_offset, environment_.max_szx);
    slot.response_szx = szx_for(spec.response_offset, environment_.max_szx);
    return ExchangeId{(slot.generation << 8U) | static_cast<uint32_t>(i + 1)};
  }
  return Error::kOverloaded;
}

Result<ExchangeId> Endpoint::request(const RequestSpec& spec, ClientHandler& handler, MonotonicMs /*now*/) noexcept {
  const bool offsets_fit = spec.body_offset % kSmallestBlock == 0 && spec.response_offset % kSmallestBlock == 0 &&
                           (spec.body_bytes == 0 ? spec.body_offset == 0 : spec.body_offset < spec.body_bytes);
  if (!is_request(spec.method) || !offsets_fit || (spec.body_bytes > 0 && !may_have_body(spec.method)) ||
      (spec.observe && spec.method != Code::kGet) || spec.etag.size() > ClientSlot{}.etag.size()) {
    return Error::kValueOutOfRange;
  }
  return claim_client(spec, handler);
}

Result<ExchangeId> Endpoint::ping(ClientHandler& handler, MonotonicMs /*now*/) noexcept {
  return claim_client({.method = Code::kEmpty}, handler);
}

void Endpoint::cancel(ExchangeId id) noexcept {
  const size_t index = (id.value & 0xffU) - 1;
  if (index >= slots_.clients.size()) return;
  const ClientSlot& slot = slots_.clients[index];
  if (slot.state != State::kFree && slot.generation == id.value >> 8U) free_client(index);
}

void Endpoint::free_client(size_t index) noexcept {
  stop(OutgoingSlot::Owner::kClient, index);
  slots_.clients[index].state = State::kFree;
}

void Endpoint::fail_client(size_t index, Error error) noexcept {
  const ClientSlot& slot = slots_.clients[index];
  ClientHandler* const handler = slot.handler;
  const bool pong = slot.spec.method == Code::kEmpty && error == Error::kResetByPeer;
  free_client(index);
  if (!pong) return handler->on_failure(error);
  const Status status = handler->on_response({Code::kEmpty, format::kNone, {}, 0, 0, {}, true, false, 0, {}});
  if (!status.ok()) handler->on_failure(status.error());
}

void Endpoint::send_request(size_t index) noexcept {
  ClientSlot& slot = slots_.clients[index];
  const RequestSpec& spec = slot.spec;
  const bool ping = spec.method == Code::kEmpty;
  if (slot.response_offset >> (slot.response_szx + 4U) > Block::kMaxNumber ||
      slot.request_offset >> (slot.request_szx + 4U) > Block::kMaxNumber) {
    return fail_client(index, Error::kBodyTooLarge);
  }
  const bool registers = spec.observe && slot.observe_token == 0;
  slot.message_id = next_message_id();
  do {
    slot.token = random();
  } while (slot.token == 0);
  if (registers) slot.observe_token = slot.token;

  const uint32_t block_bytes = kSmallestBlock << slot.request_szx;
  const uint32_t left = slot.uploading ? spec.body_bytes - slot.request_offset : 0;
  const uint32_t piece = std::min(left, block_bytes);
  const bool more = left > block_bytes;
  MessageWriter writer(environment_.scratch);
  writer.header(spec.confirmable ? Type::kConfirmable : Type::kNonConfirmable, spec.method, slot.message_id,
                ping ? Token{} : token_of(slot.token));
  if (slot.etag_length > 0 && slot.response_offset == 0) {
    writer.option(Option::kETag, ByteView{slot.etag}.first(slot.etag_length));
  }
  if (registers) writer.option_uint(Option::kObserve, 0);
  writer.path(spec.uri);
  if (piece > 0 && spec.content_format != format::kNone) {
    writer.option_uint(Option::kContentFormat, spec.content_format);
  }
  writer.query(spec.uri);
  if (spec.accept != format::kNone) writer.option_uint(Option::kAccept, spec.accept);
  const bool sizes_response = spec.method == Code::kGet || environment_.max_szx < Block::kMaxSzx;
  if (!ping && !more && (sizes_response || slot.response_offset > 0)) {
    writer.option_uint(Option::kBlock2, block_at(slot.response_offset, slot.response_szx, false).value());
  }
  if (piece > 0 && (more || slot.request_offset > 0)) {
    writer.option_uint(Option::kBlock1, block_at(slot.request_offset, slot.request_szx, more).value());
    if (slot.request_offset == spec.body_offset) writer.option_uint(Option::kSize1, spec.body_bytes);
  }
  if (piece > 0) {
    const MutableBytes out = room().first(std::min<size_t>(piece, room().size()));
    const Result<size_t> read = slot.handler->read_body(slot.request_offset, out);
    if (!read.ok()) return fail_client(index, read.error());
    if (read.value() != piece) return fail_client(index, Error::kTruncated);
    writer.payload(out);
  }
  const Result<ByteView> message = writer.finish();
  if (!message.ok()) return fail_client(index, message.error());
  if (!spec.confirmable) {
    slot.state = State::kWaiting;
    slot.deadline = patience_ends();
    return sink_.send(message.value());
  }
  const Result<MutableBytes> memory = keep(message.value());
  if (!memory.ok()) return fail_client(index, memory.error());
  slot.state = State::kSent;
  start(*free_outgoing(), memory.value(), slot.message_id, OutgoingSlot::Owner::kClient, index);
}

void Endpoint::on_response(const Message& message) noexcept {
  const bool confirmable = message.type == Type::kConfirmable;
  for (size_t i = 0; i < slots_.clients.size(); ++i) {
    ClientSlot& slot = slots_.clients[i];
    const bool in_flight = slot.state == State::kSent || slot.state == State::kWaiting;
    const bool answers = in_flight && message.token == token_of(slot.token);
    const bool notifies =
        !answers && slot.state != State::kFree && slot.observed && message.token == token_of(slot.observe_token);
    if (!answers && !notifies) continue;
    if (message.type == Type::kAcknowledgement && !(answers && slot.message_id == message.message_id)) return;

    const Result<Options> read = Options::read(message.options, false);
    if (!read.ok()) {
      if (confirmable) send_empty(Type::kReset, message.message_id);
      return fail_client(i, read.error());
    }
    const Options& options = read.value();
    if (confirmable) send_empty(Type::kAcknowledgement, message.message_id);
    const bool numbered = options.observe != Options::kAbsent;
    if (notifies && numbered && stale(slot, options.observe, now_)) return;
    stop(OutgoingSlot::Owner::kClient, i);
    if (notifies || (slot.observe_token == slot.token && slot.observe_token != 0)) {
      slot.observed = numbered && is_success(message.code);
      slot.observe_number = options.observe;
      slot.observe_time = now_;
    }
    if (notifies) {  // a newer state: whatever was being fetched of the older one is void
      slot.response_offset = 0;
      slot.response_szx = environment_.max_szx;
    }
    if (slot.uploading && upload_goes_on(slot, message, options)) {
      slot.state = State::kQueued;
      return;
    }
    slot.uploading = false;
    return take_piece(i, message, options);
  }
  // Nobody waits for it: RFC 7252 4.2 and, for notifications of a forgotten observation, RFC 7641 3.6.
  if (message.type != Type::kAcknowledgement) send_empty(Type::kReset, message.message_id);
}

bool Endpoint::upload_goes_on(ClientSlot& slot, const Message& message, const Options& options) noexcept {
  const uint32_t block_bytes = kSmallestBlock << slot.request_szx;
  const bool smaller = options.has_block1 && options.block1.szx < slot.request_szx;
  if (message.code == Code::kContinue && options.has_block1) {
    if (slot.spec.body_bytes - slot.request_offset <= block_bytes) return false;
    slot.request_offset += block_bytes;
    if (smaller) slot.request_szx = options.block1.szx;
    return true;
  }
  if (message.code == Code::kRequestEntityTooLarge && smaller && slot.request_offset == slot.spec.body_offset) {
    slot.request_szx = options.block1.szx;
    return true;
  }
  if (message.code == Code::kRequestEntityIncomplete && !slot.restarted &&
      slot.request_offset != slot.spec.body_offset) {
    slot.restarted = true;
    slot.request_offset = slot.spec.body_offset;
    return true;
  }
  return false;
}

void Endpoint::take_piece(size_t index, const Message& message, const Options& options) noexcept {
  ClientSlot& slot = slots_.clients[index];
  const bool success = is_success(message.code);
  const bool blockwise = success && options.has_block2;
  const uint32_t offset = blockwise ? options.block2.offset() : 0;
  const bool more = blockwise && options.block2.more;
  if (success) {
    const bool size_fits =
        !blockwise ||
        (options.block2.szx <= slot.response_szx &&
         (more ? message.payload.size() == options.block2.size() : message.payload.size() <= options.block2.size()));
    const bool in_place = offset == slot.response_offset || message.code == Code::kValid;
    if (message.code == Code::kContinue || !size_fits || !in_place) return fail_client(index, Error::kBlockSequence);
    const ByteView known = ByteView{slot.etag}.first(slot.etag_length);
    if (offset == 0 || known.empty()) {
      slot.etag_length = static_cast<uint8_t>(options.etag.size());
      std::copy(options.etag.begin(), options.etag.end(), slot.etag.begin());
    } else if (!equal(known, options.etag)) {
      if (!slot.observed) return fail_client(index, Error::kResourceChanged);
      slot.response_offset = 0;  // the observation stands: fetch the new body from its start
      slot.etag_length = 0;
      slot.state = State::kQueued;
      return;
    }
  }
  const bool observed = slot.observed;
  const uint32_t generation = slot.generation;
  ClientHandler* const handler = slot.handler;
  if (more) {
    slot.response_offset = offset + options.block2.size();
    slot.response_szx = options.block2.szx;
    slot.state = State::kQueued;
  } else if (observed) {
    slot.response_offset = 0;
    slot.token = 0;
    slot.state = State::kObserving;
  } else {
    free_client(index);
  }
  const uint32_t whole = options.has_block2 ? kUnknownSize : static_cast<uint32_t>(message.payload.size());
  const Status status = handler->on_response({message.code, options.content_format, options.etag,
                                              options.size2 != kUnknownSize ? options.size2 : whole, offset,
                                              message.payload, !more, observed, options.max_age_s, message.options});
  if (status.ok()) return;
  if (slot.state != State::kFree && slot.generation == generation) free_client(index);
  handler->on_failure(status.error());
}

}  // namespace tailor::coap
