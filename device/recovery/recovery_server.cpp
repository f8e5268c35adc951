// SPDX-License-Identifier: Apache-2.0
// See recovery_server.hpp.
#include "device/recovery/recovery_server.hpp"

#include "core/cbor/writer.hpp"
#include "core/update/profile.hpp"

namespace tailor::recovery {

using coap::Code;
using coap::Option;

namespace {

constexpr uint8_t kStatusVersion = 1;

/// Whether every critical option is one that is read here (RFC 7252 5.4.1).
bool understood(ByteView options) noexcept {
  coap::OptionReader reader(options);
  for (coap::OptionView option; reader.next(option);) {
    const bool known = option.is(Option::kUriPath) || option.is(Option::kBlock1) || option.is(Option::kUriHost) ||
                       option.is(Option::kUriPort) || option.is(Option::kAccept);
    if (!known && coap::is_critical(option.number)) return false;
  }
  return true;
}

}  // namespace

ByteView RecoveryServer::answer(ByteView bytes) noexcept {
  const Result<coap::Message> decoded = coap::decode(bytes);
  if (!decoded.ok() || decoded->type != coap::Type::kConfirmable) return {};
  const coap::Message& request = *decoded;
  const bool again = answer_bytes_ != 0 && request.message_id == last_id_ && request.token == last_token_;
  if (again) return ByteView{answer_}.first(answer_bytes_);
  coap::MessageWriter writer(answer_);
  if (!coap::is_request(request.code)) {
    // A ping (RFC 7252 4.3). The answer to the last request stays what it was for nobody: one client, one request.
    writer.header(coap::Type::kReset, Code::kEmpty, request.message_id, {});
  } else {
    const Answer answer = handle(request);
    writer.header(coap::Type::kAcknowledgement, answer.code, request.message_id, request.token);
    if (!answer.payload.empty()) writer.option_uint(Option::kContentFormat, coap::format::kCbor);
    if (answer.block.has_value()) writer.option_uint(Option::kBlock1, answer.block->value());
    writer.payload(answer.payload);
  }
  last_id_ = request.message_id;
  last_token_ = request.token;
  const Result<ByteView> written = writer.finish();
  answer_bytes_ = written.ok() ? written->size() : 0;
  return ByteView{answer_}.first(answer_bytes_);
}

RecoveryServer::Answer RecoveryServer::handle(const coap::Message& request) noexcept {
  if (!understood(request.options)) return {Code::kBadOption};
  const coap::OptionList path(request.options, Option::kUriPath);
  if (path.matches("status")) return request.code == Code::kGet ? status() : Answer{Code::kMethodNotAllowed};
  if (path.matches("manifest")) {
    return request.code == Code::kPut ? handle_manifest(request) : Answer{Code::kMethodNotAllowed};
  }
  return {Code::kNotFound};
}

RecoveryServer::Answer RecoveryServer::handle_manifest(const coap::Message& request) noexcept {
  const coap::OptionView format = coap::find_option(request.options, Option::kContentFormat);
  if (format.is(Option::kContentFormat)) {
    const Result<uint32_t> number = coap::uint_value(format.value, 2);
    if (!number.ok() || *number != update::kFormatEnvelope) return {Code::kUnsupportedContentFormat};
  }
  coap::Block block{0, false, kBlockSzx};
  const coap::OptionView option = coap::find_option(request.options, Option::kBlock1);
  if (option.is(Option::kBlock1)) {
    const Result<coap::Block> given = coap::Block::from_value(option.value);
    if (!given.ok()) return {Code::kBadOption};
    block = *given;
  }
  // RFC 7959 2.9.3: the block in the answer says what would be taken.
  if (block.szx > kBlockSzx) return {Code::kRequestEntityTooLarge, {}, coap::Block{0, false, kBlockSzx}};
  if (request.payload.size() > block.size() || (block.more && request.payload.size() != block.size())) {
    return {Code::kBadRequest};
  }
  if (block.number == 0) {
    if (installed_) return failed(Error::kStateConflict);
    reception_.begin();
    position_ = 0;
    receiving_ = true;
  }
  // RFC 7959 2.9.2
  if (!receiving_ || block.offset() != position_) return {Code::kRequestEntityIncomplete};
  const Status taken = take_block(block, request.payload);
  if (!taken.ok()) {
    receiving_ = false;
    ++refusals_;
    refusal_ = taken.error();
    return failed(taken.error());
  }
  return {block.more ? Code::kContinue : Code::kChanged, {}, block};
}

Status RecoveryServer::take_block(const coap::Block& block, ByteView payload) noexcept {
  TAILOR_TRY(reception_.take(payload));
  position_ += static_cast<uint32_t>(payload.size());
  if (block.more) return kOk;
  TAILOR_TRY(reception_.end());
  receiving_ = false;
  installed_ = true;
  return kOk;
}

RecoveryServer::Answer RecoveryServer::status() noexcept {
  const boot::BootData boot = boot_.boot_data();
  cbor::Writer writer(content_);
  writer.put_array(8).put_unsigned(kStatusVersion).put_unsigned(reason_);
  writer.put_bytes(identity_.device.bytes).put_bytes(identity_.vendor.bytes).put_bytes(identity_.device_class.bytes);
  writer.put_unsigned(boot::index_of(boot_.next_slot()));
  writer.put_unsigned(boot.phase == boot::Phase::kReceiving ? reception_.written_bytes() : 0);
  writer.put_unsigned(kBlockSzx);
  const Result<ByteView> written = writer.finish();
  if (!written.ok()) return failed(written.error());
  return {Code::kContent, *written};
}

/// The payload is the error's number, encoded (docs/errors.md).
RecoveryServer::Answer RecoveryServer::failed(Error error) noexcept {
  cbor::Writer writer(content_);
  writer.put_unsigned(static_cast<uint64_t>(error));
  const Result<ByteView> written = writer.finish();
  return {static_cast<Code>(coap_code_of(error)), written.ok() ? *written : ByteView{}};
}

}  // namespace tailor::recovery
