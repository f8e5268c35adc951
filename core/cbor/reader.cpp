// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/reader.hpp"

#include <algorithm>

#include "core/cbor/utf8.hpp"

namespace tailor::cbor {
bool is_utf8(ByteView text) noexcept {
  size_t i = 0;
  while (i < text.size()) {
    const uint32_t lead = text[i++];
    if (lead < 0x80) continue;
    const unsigned more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - i < more) return false;
    uint32_t point = lead & (0x3FU >> more);
    for (unsigned k = 0; k < more; ++k, ++i) {
      if (text[i] >> 6U != 2) return false;
      point = (point << 6U) | (text[i] & 0x3FU);
    }
    constexpr uint32_t kLowest[] = {0x80, 0x800, 0x10000};
    if (point < kLowest[more - 1] || point > 0x10FFFF || point >> 11U == 0x1B) return false;
  }
  return true;
}

void Reader::fail(Error error) noexcept {
  if (status_.ok()) status_ = error;
  rest_ = rest_.last(0);
}

uint64_t Reader::argument(Type type) noexcept {
  Head head;
  const Status status = decode_head(rest_, head);
  if (!status.ok()) return fail(status.error()), 0;
  if (head.type != type) return fail(Error::kCborWrongType), 0;
  rest_ = rest_.subspan(head.size);
  return head.argument;
}

size_t Reader::count(Type type) noexcept {
  const uint64_t elements = argument(type);
  if (elements > (type == Type::kMap ? rest_.size() / 2 : rest_.size())) return fail(Error::kTruncated), 0;
  return static_cast<size_t>(elements);
}

void Reader::string(Type type, ByteView& content) noexcept {
  const size_t length = count(type);
  content = rest_.first(length);
  rest_ = rest_.subspan(length);
  if (type == Type::kText && !is_utf8(content)) fail(Error::kCborMalformed);
}

int64_t Reader::integer() noexcept {
  const bool negative = next_is(Type::kNegative);
  const uint64_t value = argument(negative ? Type::kNegative : Type::kUnsigned);
  if (value >> 63U != 0) return fail(Error::kValueOutOfRange), 0;
  return static_cast<int64_t>(negative ? ~value : value);
}

int32_t Reader::label() noexcept {
  const int64_t value = integer();
  return static_cast<int32_t>(value) == value ? static_cast<int32_t>(value) : kNoLabel;
}

ByteView Reader::bytes() noexcept {
  ByteView content;
  string(Type::kBytes, content);
  return content;
}

std::string_view Reader::text() noexcept {
  ByteView content;
  string(Type::kText, content);
  return as_text(content);
}

void Reader::simple(uint8_t value) noexcept {
  if (rest_.empty()) return fail(Error::kTruncated);
  if (rest_[0] != (0xE0U | value)) return fail(Error::kCborWrongType);
  rest_ = rest_.subspan(1);
}

bool Reader::boolean() noexcept {
  const bool value = !rest_.empty() && rest_[0] == (0xE0U | kTrue);
  simple(value ? kTrue : kFalse);
  return value;
}

void Reader::item(ByteView& encoded) noexcept {
  const uint8_t* const start = rest_.data();
  item();
  encoded = {start, static_cast<size_t>(rest_.data() - start)};
}

void Reader::skip(size_t depth) noexcept {
  Head head;
  if (const Status status = decode_head(rest_, head); !status.ok()) return fail(status.error());
  if (head.type == Type::kBytes || head.type == Type::kText) {
    ByteView content;
    return string(head.type, content);
  }
  rest_ = rest_.subspan(head.size);
  if (head.type < Type::kArray || head.type == Type::kSimple) return;
  if (depth == 0) return fail(Error::kCborTooDeep);
  uint64_t items = head.type == Type::kTag ? 1 : head.argument;
  ByteView previous;
  for (; items > 0 && !failed(); --items) {
    const uint8_t* const start = rest_.data();
    skip(depth - 1);
    if (head.type != Type::kMap || failed()) continue;
    const ByteView key(start, static_cast<size_t>(rest_.data() - start));
    fail_with(check_next_key(previous, key));
    previous = key;
    skip(depth - 1);
  }
}

Status Reader::finished() noexcept {
  if (!rest_.empty()) fail(Error::kTrailingBytes);
  return status_;
}

// The takes: one of the above, and back again when it failed.

Status Reader::settle(ByteView before) noexcept {
  const Status status = status_;
  if (!status.ok()) rest_ = before;
  status_ = kOk;
  return status;
}

Result<uint64_t> Reader::take_unsigned() noexcept {
  const ByteView before = rest_;
  const uint64_t value = number();
  TAILOR_TRY(settle(before));
  return value;
}

Result<int64_t> Reader::take_int() noexcept {
  const ByteView before = rest_;
  const int64_t value = integer();
  TAILOR_TRY(settle(before));
  return value;
}

Result<ByteView> Reader::take_bytes() noexcept {
  const ByteView before = rest_;
  const ByteView content = bytes();
  TAILOR_TRY(settle(before));
  return content;
}

Result<std::string_view> Reader::take_text() noexcept {
  const ByteView before = rest_;
  const std::string_view content = text();
  TAILOR_TRY(settle(before));
  return content;
}

Result<size_t> Reader::take_array() noexcept {
  const ByteView before = rest_;
  const size_t elements = array();
  TAILOR_TRY(settle(before));
  return elements;
}

Result<size_t> Reader::take_map() noexcept {
  const ByteView before = rest_;
  const size_t pairs = map();
  TAILOR_TRY(settle(before));
  return pairs;
}

Result<uint64_t> Reader::take_tag() noexcept {
  const ByteView before = rest_;
  const uint64_t value = tag();
  TAILOR_TRY(settle(before));
  return value;
}

Result<bool> Reader::take_bool() noexcept {
  const ByteView before = rest_;
  const bool value = boolean();
  TAILOR_TRY(settle(before));
  return value;
}

Status Reader::take_null() noexcept {
  const ByteView before = rest_;
  null();
  return settle(before);
}

Result<ByteView> Reader::take_item() noexcept {
  const ByteView before = rest_;
  ByteView encoded;
  item(encoded);
  TAILOR_TRY(settle(before));
  return encoded;
}

Status Reader::finish() const noexcept {
  if (!rest_.empty()) return Error::kTrailingBytes;
  return kOk;
}

Status Reader::check_next_key(ByteView previous, ByteView next) const noexcept {
  const Status order = check_key_order(previous, next);
  return any_order_ && !order.ok() && order.error() == Error::kCborNotCanonical ? Status(kOk) : order;
}

Status check_key_order(ByteView previous, ByteView next) noexcept {
  const size_t common = std::min(previous.size(), next.size());
  const int order = common == 0 ? 0 : std::memcmp(previous.data(), next.data(), common);
  if (order < 0 || (order == 0 && previous.size() < next.size())) return kOk;
  return order == 0 && previous.size() == next.size() ? Error::kDuplicateKey : Error::kCborNotCanonical;
}

}  // namespace tailor::cbor
