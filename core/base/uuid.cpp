// SPDX-License-Identifier: Apache-2.0
#include "core/base/uuid.hpp"

#include <algorithm>

namespace tailor {
namespace {

constexpr bool is_dash(size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<Uuid> Uuid::from_bytes(ByteView raw) noexcept {
  Uuid uuid;
  if (raw.size() != uuid.bytes.size()) return Error::kValueOutOfRange;
  std::copy(raw.begin(), raw.end(), uuid.bytes.begin());
  return uuid;
}

Result<Uuid> Uuid::from_text(std::string_view text) noexcept {
  if (text.size() != kTextLength) return Error::kValueOutOfRange;
  Uuid uuid;
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_dash(i)) {
      if (text[i] != '-') return Error::kValueOutOfRange;
      continue;
    }
    const int value = digit_value(text[i]);
    if (value < 0) return Error::kValueOutOfRange;
    uint8_t& byte = uuid.bytes[digits / 2];
    byte = static_cast<uint8_t>((byte << 4U) | static_cast<unsigned>(value));
    ++digits;
  }
  return uuid;
}

std::array<char, Uuid::kTextLength> Uuid::to_text() const noexcept {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, kTextLength> text{};
  size_t digit = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_dash(i)) {
      text[i] = '-';
      continue;
    }
    const uint8_t byte = bytes[digit / 2];
    text[i] = kDigits[digit % 2 == 0 ? byte >> 4U : byte & 0x0fU];
    ++digit;
  }
  return text;
}

}  // namespace tailor
