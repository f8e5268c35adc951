// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/reader.hpp"

#include <algorithm>
#include <limits>

#include "core/base/limits.hpp"
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

Status Reader::take_head(Type type, uint64_t& argument) noexcept {
  Head head;
  TAILOR_TRY(decode_head(rest_, head));
  if (head.type != type) return Error::kCborWrongType;
  argument = head.argument;
  rest_ = rest_.subspan(head.size);
  return kOk;
}

Status Reader::take_string(Type type, ByteView& content) noexcept {
  const ByteView before = rest_;
  uint64_t length = 0;
  TAILOR_TRY(take_head(type, length));
  if (length > rest_.size()) {
    rest_ = before;
    return Error::kTruncated;
  }
  content = rest_.first(static_cast<size_t>(length));
  if (type == Type::kText && !is_utf8(content)) {
    rest_ = before;
    return Error::kCborMalformed;
  }
  rest_ = rest_.subspan(static_cast<size_t>(length));
  return kOk;
}

Result<uint64_t> Reader::take_unsigned() noexcept {
  uint64_t value = 0;
  TAILOR_TRY(take_head(Type::kUnsigned, value));
  return value;
}

Result<int64_t> Reader::take_int() noexcept {
  const ByteView before = rest_;
  const bool negative = next_is(Type::kNegative);
  uint64_t value = 0;
  TAILOR_TRY(take_head(negative ? Type::kNegative : Type::kUnsigned, value));
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    rest_ = before;
    return Error::kValueOutOfRange;
  }
  const auto magnitude = static_cast<int64_t>(value);
  return negative ? -1 - magnitude : magnitude;
}

Result<ByteView> Reader::take_bytes() noexcept {
  ByteView content;
  TAILOR_TRY(take_string(Type::kBytes, content));
  return content;
}

Result<std::string_view> Reader::take_text() noexcept {
  ByteView content;
  TAILOR_TRY(take_string(Type::kText, content));
  return as_text(content);
}

Result<size_t> Reader::take_array() noexcept {
  const ByteView before = rest_;
  uint64_t count = 0;
  TAILOR_TRY(take_head(Type::kArray, count));
  if (count > rest_.size()) {
    rest_ = before;
    return Error::kTruncated;
  }
  return static_cast<size_t>(count);
}

Result<size_t> Reader::take_map() noexcept {
  const ByteView before = rest_;
  uint64_t count = 0;
  TAILOR_TRY(take_head(Type::kMap, count));
  if (count > rest_.size() / 2) {
    rest_ = before;
    return Error::kTruncated;
  }
  return static_cast<size_t>(count);
}

Result<uint64_t> Reader::take_tag() noexcept {
  uint64_t tag = 0;
  TAILOR_TRY(take_head(Type::kTag, tag));
  return tag;
}

Result<bool> Reader::take_bool() noexcept {
  if (rest_.empty()) return Error::kTruncated;
  const unsigned value = rest_[0] & 0x1FU;
  if (!next_is(Type::kSimple) || (value != kFalse && value != kTrue)) return Error::kCborWrongType;
  rest_ = rest_.subspan(1);
  return value == kTrue;
}

Status Reader::take_null() noexcept {
  if (rest_.empty()) return Error::kTruncated;
  if (!next_is_null()) return Error::kCborWrongType;
  rest_ = rest_.subspan(1);
  return kOk;
}

Result<ByteView> Reader::take_item() noexcept {
  const ByteView before = rest_;
  if (const Status status = skip(limits::kCborDepth); !status.ok()) {
    rest_ = before;
    return status.error();
  }
  return before.first(before.size() - rest_.size());
}

Status Reader::skip(size_t depth) noexcept {
  Head head;
  TAILOR_TRY(decode_head(rest_, head));
  if (head.type == Type::kBytes || head.type == Type::kText) {
    ByteView content;
    return take_string(head.type, content);
  }
  rest_ = rest_.subspan(head.size);
  if (head.type < Type::kArray || head.type == Type::kSimple) return kOk;
  if (depth == 0) return Error::kCborTooDeep;
  if (head.type == Type::kMap) return skip_pairs(head.argument, depth - 1);
  uint64_t count = head.type == Type::kTag ? 1 : head.argument;
  for (; count > 0; --count) TAILOR_TRY(skip(depth - 1));
  return kOk;
}

Status Reader::skip_pairs(uint64_t count, size_t depth) noexcept {
  ByteView previous;
  for (; count > 0; --count) {
    const ByteView before = rest_;
    TAILOR_TRY(skip(depth));
    const ByteView key = before.first(before.size() - rest_.size());
    TAILOR_TRY(check_next_key(previous, key));
    previous = key;
    TAILOR_TRY(skip(depth));
  }
  return kOk;
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
