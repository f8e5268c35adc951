// SPDX-License-Identifier: Apache-2.0
// Decoder and encoder of the message format (RFC 7252 3).
#include "core/coap/message.hpp"

#include <algorithm>

namespace tailor::coap {
namespace {

constexpr uint8_t kPayloadMarker = 0xff;
constexpr unsigned kOneByteExtension = 13;
constexpr unsigned kTwoByteExtension = 14;
constexpr size_t kTwoByteBase = 269;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Length of a segment once its percent escapes are decoded; kValueOutOfRange for a broken escape.
Result<size_t> decoded_length(std::string_view text) {
  size_t length = 0;
  for (size_t i = 0; i < text.size(); ++i, ++length) {
    if (text[i] != '%') continue;
    if (text.size() - i < 3 || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) {
      return Error::kValueOutOfRange;
    }
    i += 2;
  }
  return length;
}

/// The nibble for a delta or length, and how many extension bytes follow.
unsigned nibble_of(size_t value) {
  if (value < kOneByteExtension) return static_cast<unsigned>(value);
  return value < kTwoByteBase ? kOneByteExtension : kTwoByteExtension;
}

size_t extension_bytes(unsigned nibble) {
  return nibble < kOneByteExtension ? 0 : nibble - kOneByteExtension + 1;
}

uint8_t* write_extension(uint8_t* to, unsigned nibble, size_t value) {
  if (nibble == kOneByteExtension) {
    *to++ = static_cast<uint8_t>(value - kOneByteExtension);
  } else if (nibble == kTwoByteExtension) {
    *to++ = static_cast<uint8_t>((value - kTwoByteBase) >> 8U);
    *to++ = static_cast<uint8_t>(value - kTwoByteBase);
  }
  return to;
}

}  // namespace

Token::Token(ByteView bytes) noexcept : length_(static_cast<uint8_t>(std::min(bytes.size(), bytes_.size()))) {
  std::copy_n(bytes.begin(), length_, bytes_.begin());
}

Result<Message> decode(ByteView datagram) noexcept {
  if (datagram.size() < kHeaderBytes) return Error::kCoapMalformed;
  if (datagram[0] >> 6U != 1) return Error::kUnsupportedVersion;
  const size_t token_length = datagram[0] & 0x0fU;
  if (token_length > limits::kTokenBytes || datagram.size() - kHeaderBytes < token_length) {
    return Error::kCoapMalformed;
  }
  Message message;
  message.type = static_cast<Type>((datagram[0] >> 4U) & 3U);
  message.code = static_cast<Code>(datagram[1]);
  message.message_id = static_cast<uint16_t>((datagram[2] << 8U) | datagram[3]);
  message.token = Token(datagram.subspan(kHeaderBytes, token_length));
  if (message.code == Code::kEmpty) {
    if (datagram.size() != kHeaderBytes) return Error::kCoapMalformed;
    return message;
  }
  const ByteView behind = datagram.subspan(kHeaderBytes + token_length);
  OptionReader reader(behind);
  OptionView option;
  while (reader.next(option)) {
  }
  if (reader.malformed()) return Error::kCoapMalformed;
  message.options = behind.first(behind.size() - reader.rest().size());
  if (!reader.rest().empty()) {
    message.payload = reader.rest().subspan(1);
    if (message.payload.empty()) return Error::kCoapMalformed;
  }
  return message;
}

void MessageWriter::fail(Error error) noexcept {
  if (failed_) return;
  failed_ = true;
  error_ = error;
}

uint8_t* MessageWriter::grow(size_t bytes) noexcept {
  if (failed_ || bytes > buffer_.size() - used_) {
    fail(Error::kDatagramTooLarge);
    return nullptr;
  }
  uint8_t* const at = buffer_.data() + used_;
  used_ += bytes;
  return at;
}

void MessageWriter::header(Type type, Code code, uint16_t message_id, const Token& token) noexcept {
  const ByteView bytes = token.bytes();
  uint8_t* const at = grow(kHeaderBytes + bytes.size());
  if (at == nullptr) return;
  at[0] = static_cast<uint8_t>(0x40U | (static_cast<unsigned>(type) << 4U) | bytes.size());
  at[1] = static_cast<uint8_t>(code);
  at[2] = static_cast<uint8_t>(message_id >> 8U);
  at[3] = static_cast<uint8_t>(message_id);
  std::copy(bytes.begin(), bytes.end(), at + kHeaderBytes);
}

uint8_t* MessageWriter::begin_option(Option option, size_t length) noexcept {
  const auto number = static_cast<uint16_t>(option);
  if (number < last_option_) {
    fail(Error::kInternal);
    return nullptr;
  }
  const size_t delta = static_cast<size_t>(number - last_option_);
  const unsigned delta_nibble = nibble_of(delta);
  const unsigned length_nibble = nibble_of(length);
  uint8_t* at = grow(1 + extension_bytes(delta_nibble) + extension_bytes(length_nibble) + length);
  if (at == nullptr) return nullptr;
  last_option_ = number;
  *at++ = static_cast<uint8_t>((delta_nibble << 4U) | length_nibble);
  at = write_extension(at, delta_nibble, delta);
  return write_extension(at, length_nibble, length);
}

void MessageWriter::option(Option option, ByteView value) noexcept {
  uint8_t* const at = begin_option(option, value.size());
  if (at != nullptr) std::copy(value.begin(), value.end(), at);
}

void MessageWriter::option_uint(Option option, uint32_t value) noexcept {
  size_t length = 0;
  while (length < 4 && (value >> (8U * length)) != 0) ++length;
  uint8_t* const at = begin_option(option, length);
  if (at == nullptr) return;
  for (size_t i = 0; i < length; ++i) at[i] = static_cast<uint8_t>(value >> (8U * (length - 1 - i)));
}

void MessageWriter::segments(std::string_view text, char separator, Option option) noexcept {
  while (true) {
    const size_t end = std::min(text.find(separator), text.size());
    const std::string_view segment = slice(text, 0, end);
    const Result<size_t> length = decoded_length(segment);
    if (!length.ok()) return fail(length.error());
    uint8_t* at = begin_option(option, length.value());
    if (at == nullptr) return;
    for (size_t i = 0; i < segment.size(); ++i) {
      if (segment[i] == '%') {
        *at++ = static_cast<uint8_t>(hex_value(segment[i + 1]) * 16 + hex_value(segment[i + 2]));
        i += 2;
      } else {
        *at++ = static_cast<uint8_t>(segment[i]);
      }
    }
    if (end == text.size()) return;
    text.remove_prefix(end + 1);
  }
}

void MessageWriter::path(std::string_view uri, Option option) noexcept {
  uri = slice(uri, 0, uri.find('?'));
  if (!uri.empty() && uri.front() == '/') uri.remove_prefix(1);
  if (!uri.empty()) segments(uri, '/', option);
}

void MessageWriter::query(std::string_view uri, Option option) noexcept {
  const size_t mark = uri.find('?');
  if (mark != std::string_view::npos && mark + 1 < uri.size()) segments(slice(uri, mark + 1), '&', option);
}

void MessageWriter::payload(ByteView payload) noexcept {
  if (payload.empty()) return;
  uint8_t* const at = grow(1 + payload.size());
  if (at == nullptr) return;
  std::memmove(at + 1, payload.data(), payload.size());
  at[0] = kPayloadMarker;
}

Result<ByteView> MessageWriter::finish() const noexcept {
  if (failed_) return error_;
  return ByteView{buffer_.first(used_)};
}

}  // namespace tailor::coap
