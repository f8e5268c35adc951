// SPDX-License-Identifier: Apache-2.0
// Views of bytes, a consuming cursor for parsers, and the "d8 6b"_hex literal. Knows no format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "core/base/result.hpp"

namespace tailor {

using ByteView = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

/// Compares content and length. Not constant-time: for secrets use crypto::constant_time_equal.
[[nodiscard]] inline bool equal(ByteView a, ByteView b) noexcept {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

/// Views the characters of a text as bytes.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// Views bytes as text; the caller knows that they are text.
[[nodiscard]] inline std::string_view as_text(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The characters of a text from `from` on, at most `count`; empty beyond its end. Device code uses it in place of
/// std::string_view::substr, which can throw and pulls the unwinder into a firmware.
[[nodiscard]] constexpr std::string_view slice(std::string_view text, size_t from,
                                               size_t count = std::string_view::npos) noexcept {
  if (from >= text.size()) return {};
  return {text.data() + from, count < text.size() - from ? count : text.size() - from};
}

/// Copies `from` to the start of `to` and returns what was written.
///
/// @returns kBufferTooSmall, with `to` untouched, when it does not fit
[[nodiscard]] inline Result<ByteView> copy_into(MutableBytes to, ByteView from) noexcept {
  if (from.size() > to.size()) return Error::kBufferTooSmall;
  if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
  return ByteView{to.first(from.size())};
}

/// Consumes bytes from the front; every take checks what is left.
class Cursor {
 public:
  explicit Cursor(ByteView bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] size_t left() const noexcept { return rest_.size(); }
  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  [[nodiscard]] ByteView rest() const noexcept { return rest_; }

  /// Takes the next `count` bytes; kTruncated, and nothing is consumed, when fewer are left.
  [[nodiscard]] Result<ByteView> take(size_t count) noexcept {
    if (count > rest_.size()) return Error::kTruncated;
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  [[nodiscard]] Result<uint8_t> take_u8() noexcept {
    TAILOR_TRY_ASSIGN(const ByteView bytes, take(1));
    return bytes[0];
  }
  /// Takes a big-endian unsigned integer of `Bytes` bytes (1 to 8).
  template <size_t Bytes>
  [[nodiscard]] Result<uint64_t> take_be() noexcept {
    static_assert(Bytes >= 1 && Bytes <= 8);
    TAILOR_TRY_ASSIGN(const ByteView bytes, take(Bytes));
    uint64_t value = 0;
    for (const uint8_t byte : bytes) value = (value << 8U) | byte;
    return value;
  }
  /// kTrailingBytes unless everything was consumed.
  [[nodiscard]] Status finish() const noexcept {
    if (!rest_.empty()) return Error::kTrailingBytes;
    return kOk;
  }

 private:
  ByteView rest_;
};

/// Overwrites memory that held a secret; the compiler may not leave it out.
inline void wipe(MutableBytes bytes) noexcept {
  volatile uint8_t* p = bytes.data();
  for (size_t i = 0; i < bytes.size(); ++i) p[i] = 0;
}

namespace detail {

/// Not constexpr on purpose: reaching it while a literal is evaluated ends compilation.
void bad_hex_literal();

constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  bad_hex_literal();
  return 0;
}

template <size_t N>
struct HexText {
  char text[N];
  consteval HexText(const char (&source)[N]) {  // NOLINT(google-explicit-constructor)
    for (size_t i = 0; i < N; ++i) text[i] = source[i];
  }
  constexpr size_t bytes() const {
    size_t digits = 0;
    for (size_t i = 0; i + 1 < N; ++i) {
      if (text[i] != ' ' && text[i] != '\n') ++digits;
    }
    if (digits % 2 != 0) bad_hex_literal();
    return digits / 2;
  }
};

}  // namespace detail

inline namespace literals {

/// "d8 6b a2"_hex: bytes at compile time; blanks separate, anything else that is not a digit does not compile.
template <detail::HexText Text>
consteval auto operator""_hex() {
  std::array<uint8_t, Text.bytes()> out{};
  size_t digits = 0;
  for (size_t i = 0; i + 1 < sizeof(Text.text); ++i) {
    if (Text.text[i] == ' ' || Text.text[i] == '\n') continue;
    const auto value = static_cast<unsigned>(detail::hex_digit(Text.text[i]));
    out[digits / 2] = static_cast<uint8_t>((out[digits / 2] << 4U) | value);
    ++digits;
  }
  return out;
}

}  // namespace literals
}  // namespace tailor
