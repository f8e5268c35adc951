// SPDX-License-Identifier: Apache-2.0
// Option iterator and values (RFC 7252 3.1, 3.2; RFC 7959 2.2).
#include "core/coap/options.hpp"

#include <algorithm>

namespace tailor::coap {
namespace {

constexpr uint8_t kPayloadMarker = 0xff;
constexpr unsigned kOneByteExtension = 13;
constexpr unsigned kTwoByteExtension = 14;
constexpr unsigned kTwoByteBase = 269;

}  // namespace

bool OptionReader::stop_malformed() noexcept {
  malformed_ = true;
  rest_ = {};
  return false;
}

Result<uint16_t> OptionReader::extended(unsigned nibble) noexcept {
  if (nibble < kOneByteExtension) return static_cast<uint16_t>(nibble);
  Cursor cursor(rest_);
  unsigned value = 0;
  if (nibble == kOneByteExtension) {
    TAILOR_TRY_ASSIGN(const uint8_t byte, cursor.take_u8());
    value = byte + kOneByteExtension;
  } else if (nibble == kTwoByteExtension) {
    TAILOR_TRY_ASSIGN(const uint64_t bytes, cursor.take_be<2>());
    value = static_cast<unsigned>(bytes) + kTwoByteBase;
  } else {
    return Error::kCoapMalformed;  // 15 is reserved
  }
  if (value > UINT16_MAX) return Error::kCoapMalformed;
  rest_ = cursor.rest();
  return static_cast<uint16_t>(value);
}

bool OptionReader::next(OptionView& option) noexcept {
  if (rest_.empty() || rest_[0] == kPayloadMarker) return false;
  const unsigned first = rest_[0];
  rest_ = rest_.subspan(1);
  const Result<uint16_t> delta = extended(first >> 4U);
  if (!delta.ok()) return stop_malformed();
  const Result<uint16_t> length = extended(first & 0x0fU);
  if (!length.ok() || length.value() > rest_.size()) return stop_malformed();
  number_ += delta.value();
  if (number_ > UINT16_MAX) return stop_malformed();
  option.number = static_cast<uint16_t>(number_);
  option.value = rest_.first(length.value());
  rest_ = rest_.subspan(length.value());
  return true;
}

Result<uint32_t> uint_value(ByteView value, size_t max_bytes) noexcept {
  if (value.size() > max_bytes || value.size() > 4) return Error::kValueOutOfRange;
  uint32_t number = 0;
  for (const uint8_t byte : value) number = (number << 8U) | byte;
  return number;
}

OptionView find_option(ByteView options, Option option) noexcept {
  OptionReader reader(options);
  OptionView view;
  while (reader.next(view)) {
    if (view.is(option)) return view;
  }
  return {};
}

size_t OptionList::count() const noexcept {
  OptionReader reader(options_);
  OptionView view;
  size_t found = 0;
  while (reader.next(view)) found += view.is(option_) ? 1 : 0;
  return found;
}

std::string_view OptionList::at(size_t index) const noexcept {
  OptionReader reader(options_);
  OptionView view;
  while (reader.next(view)) {
    if (view.is(option_) && index-- == 0) return as_text(view.value);
  }
  return {};
}

bool OptionList::matches(std::string_view pattern) const noexcept {
  OptionReader reader(options_);
  OptionView view;
  bool ended = pattern.empty();
  while (reader.next(view)) {
    if (!view.is(option_)) continue;
    if (ended) return false;
    const size_t slash = std::min(pattern.find('/'), pattern.size());
    const std::string_view expected = slice(pattern, 0, slash);
    ended = slash == pattern.size();
    if (!ended) pattern.remove_prefix(slash + 1);
    const std::string_view segment = as_text(view.value);
    const bool any = ended && expected == "*" && !segment.empty();
    if (!any && segment != expected) return false;
  }
  return ended;
}

std::string_view OptionList::argument(std::string_view key) const noexcept {
  OptionReader reader(options_);
  OptionView view;
  while (reader.next(view)) {
    const std::string_view text = as_text(view.value);
    if (view.is(option_) && text.size() > key.size() && slice(text, 0, key.size()) == key && text[key.size()] == '=') {
      return slice(text, key.size() + 1);
    }
  }
  return {};
}

Result<Block> Block::from_value(ByteView value) noexcept {
  const Result<uint32_t> number = uint_value(value, 3);
  if (!number.ok()) return Error::kCoapMalformed;
  Block block;
  block.number = number.value() >> 4U;
  block.more = (number.value() & 8U) != 0;
  block.szx = static_cast<uint8_t>(number.value() & 7U);
  if (block.szx > kMaxSzx) return Error::kCoapMalformed;
  return block;
}

}  // namespace tailor::coap
