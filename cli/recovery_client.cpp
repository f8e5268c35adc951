// SPDX-License-Identifier: Apache-2.0
// See recovery_client.hpp.
#include "cli/recovery_client.hpp"

#include <algorithm>
#include <random>

#include "core/cbor/reader.hpp"
#include "core/update/profile.hpp"

namespace tailor::cli {

using coap::Code;
using std::chrono::steady_clock;

namespace {

/// How often the wait is doubled.
constexpr unsigned kBackOffs = 3;

struct Collector final : serial::ByteSink {
  void put(uint8_t byte) noexcept override { bytes.push_back(byte); }
  Bytes bytes;
};

Outcome<RecoveryStatus> decode_status(ByteView payload) {
  const auto decode = [payload](RecoveryStatus& status) -> Status {
    cbor::Reader reader(payload);
    TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
    TAILOR_TRY_ASSIGN(const uint64_t version, reader.take_unsigned());
    if (version != 1) return Error::kUnsupportedVersion;
    if (count != 8) return Error::kCborWrongType;
    TAILOR_TRY_ASSIGN(const uint64_t reason, reader.take_unsigned());
    if (reason > UINT8_MAX) return Error::kValueOutOfRange;
    if (reason != 0) status.reason = error_from_code(static_cast<uint8_t>(reason));
    for (Uuid* uuid : {&status.device, &status.vendor, &status.device_class}) {
      TAILOR_TRY_ASSIGN(const ByteView bytes, reader.take_bytes());
      if (bytes.size() != uuid->bytes.size()) return Error::kValueOutOfRange;
      std::copy(bytes.begin(), bytes.end(), uuid->bytes.begin());
    }
    TAILOR_TRY_ASSIGN(status.slot, reader.take_unsigned());
    TAILOR_TRY(reader.take_unsigned());  // bytes of the image that are in flash
    TAILOR_TRY_ASSIGN(const uint64_t szx, reader.take_unsigned());
    if (szx > coap::Block::kMaxSzx) return Error::kValueOutOfRange;
    status.block_szx = static_cast<uint8_t>(szx);
    return reader.finish();
  };
  RecoveryStatus status;
  TAILOR_TRY(with_context(decode(status), "the board's status"));
  return status;
}

}  // namespace

uint16_t RecoveryClient::next_id() {
  // The first is random: a board keeps the answer to the last request of who asked before.
  if (!last_id_.has_value()) last_id_ = static_cast<uint16_t>(std::random_device{}());
  last_id_ = static_cast<uint16_t>(*last_id_ + 1);
  return *last_id_;
}

Outcome<Bytes> RecoveryClient::encode(Code code, std::string_view path, uint16_t id, std::optional<coap::Block> block,
                                      ByteView payload) const {
  Bytes buffer(payload.size() + 64);
  coap::MessageWriter writer(buffer);
  writer.header(coap::Type::kConfirmable, code, id, {});
  writer.path(path);
  if (block.has_value()) {
    writer.option_uint(coap::Option::kContentFormat, update::kFormatEnvelope);
    writer.option_uint(coap::Option::kBlock1, block->value());
  }
  writer.payload(payload);
  TAILOR_TRY_ASSIGN(const ByteView message, with_context(writer.finish(), "CoAP message"));
  Collector frame;
  serial::write_coap(frame, message);
  return std::move(frame.bytes);
}

/// The answer to the request with this message ID; what else comes over the line is passed over.
Outcome<std::optional<RecoveryClient::Answer>> RecoveryClient::wait_for(uint16_t id, std::chrono::milliseconds wait) {
  const auto deadline = steady_clock::now() + wait;
  for (;;) {
    for (size_t i = 0; i < read_ahead_.size(); ++i) {
      if (reader_.take(read_ahead_[i]) != serial::Frame::kCoap) continue;
      const Result<coap::Message> message = coap::decode(reader_.content());
      const bool answers = message.ok() && message->type == coap::Type::kAcknowledgement && message->message_id == id &&
                           coap::is_response(message->code);
      if (!answers) continue;
      read_ahead_.erase(read_ahead_.begin(), read_ahead_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      return std::optional(Answer{message->code, Bytes(message->payload.begin(), message->payload.end())});
    }
    read_ahead_.resize(512);
    const Outcome<size_t> count = line_.read(read_ahead_, deadline);
    read_ahead_.resize(count.ok() ? *count : 0);
    TAILOR_TRY(count);
    if (*count == 0) return std::optional<Answer>{};
  }
}

Outcome<RecoveryClient::Answer> RecoveryClient::ask(ByteView request, uint16_t id, std::chrono::milliseconds wait) {
  for (unsigned attempt = 0; attempt < patience_.tries; ++attempt) {
    if (attempt > 0) ++repeats_;
    TAILOR_TRY(line_.write(request));
    TAILOR_TRY_ASSIGN(std::optional<Answer> answer, wait_for(id, wait));
    if (answer.has_value()) return std::move(*answer);
    // RFC 7252 4.2: a board that is slow must not be buried under what it has not read yet.
    if (attempt < kBackOffs) wait *= 2;
  }
  return fail(Error::kTimeout, "nobody answers on the line: is the board in recovery, and the rate right?");
}

Outcome<RecoveryStatus> RecoveryClient::status() {
  const uint16_t id = next_id();
  TAILOR_TRY_ASSIGN(const Bytes request, encode(Code::kGet, "/status", id, std::nullopt, {}));
  TAILOR_TRY_ASSIGN(const Answer answer, ask(request, id, patience_.answer));
  if (answer.code != Code::kContent) return fail(Error::kPeerRefused, "the board does not tell its status");
  return decode_status(answer.payload);
}

Outcome<void> RecoveryClient::send(ByteView envelope, uint8_t block_szx, const std::function<void(size_t)>& progress) {
  for (uint32_t number = 0;; ++number) {
    coap::Block block{number, false, block_szx};
    if (number > coap::Block::kMaxNumber) return fail(Error::kBodyTooLarge, "more blocks than CoAP can count");
    const size_t end = std::min<size_t>(envelope.size(), size_t{block.offset()} + block.size());
    block.more = end < envelope.size();
    const uint16_t id = next_id();
    const ByteView payload = envelope.subspan(block.offset(), end - block.offset());
    TAILOR_TRY_ASSIGN(const Bytes request, encode(Code::kPut, "/manifest", id, block, payload));
    TAILOR_TRY_ASSIGN(const Answer answer, ask(request, id, block.more ? patience_.answer : patience_.verdict));
    if (!coap::is_success(answer.code)) {
      cbor::Reader reader(answer.payload);
      const auto code = reader.take_unsigned();
      const std::string where = "refused by the board after " + std::to_string(end) + " bytes";
      if (!code.ok() || *code > UINT8_MAX) return fail(Error::kPeerRefused, where);
      const Error error = error_from_code(static_cast<uint8_t>(*code));
      return fail(error, where + ": " + std::string(describe(error).meaning));
    }
    progress(end);
    if (!block.more) return kOk;
  }
}

}  // namespace tailor::cli
