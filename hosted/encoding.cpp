// SPDX-License-Identifier: Apache-2.0
// RFC 4648 encodings. One encoder and one decoder serve both alphabets.
#include "hosted/encoding.hpp"

namespace tailor {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode64(ByteView bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  uint32_t bits = 0;
  unsigned count = 0;
  for (const uint8_t byte : bytes) {
    bits = (bits << 8U) | byte;
    count += 8;
    while (count >= 6) {
      count -= 6;
      out.push_back(alphabet[(bits >> count) & 0x3FU]);
    }
  }
  if (count > 0) out.push_back(alphabet[(bits << (6 - count)) & 0x3FU]);
  return out;
}

Outcome<Bytes> decode64(std::string_view text, std::string_view alphabet) {
  if (text.size() % 4 == 1) return fail(Error::kValueOutOfRange, "base64 length");
  Bytes out;
  out.reserve(text.size() * 3 / 4);
  uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return fail(Error::kValueOutOfRange, "base64 character");
    bits = (bits << 6U) | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<uint8_t>(bits >> count));
    }
  }
  if ((bits & ((1U << count) - 1U)) != 0) return fail(Error::kValueOutOfRange, "base64 spare bits");
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 0xFU]);
  }
  return out;
}

Outcome<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fail(Error::kValueOutOfRange, "odd number of hexadecimal digits");
  Bytes out;
  out.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return fail(Error::kValueOutOfRange, "not a hexadecimal digit");
    out.push_back(static_cast<uint8_t>(high * 16 + low));
  }
  return out;
}

std::string to_base64url(ByteView bytes) {
  return encode64(bytes, kBase64Url);
}
Outcome<Bytes> from_base64url(std::string_view text) {
  return decode64(text, kBase64Url);
}

std::string to_base64(ByteView bytes, size_t line) {
  std::string text = encode64(bytes, kBase64);
  text.append((4 - text.size() % 4) % 4, '=');
  if (line == 0) return text;
  std::string wrapped;
  for (size_t i = 0; i < text.size(); i += line) wrapped.append(text, i, line).push_back('\n');
  return wrapped;
}

Outcome<Bytes> from_base64(std::string_view text, Whitespace whitespace) {
  std::string kept;
  if (whitespace == Whitespace::kSkip) {
    for (const char c : text) {
      if (c != '\r' && c != '\n' && c != ' ' && c != '\t') kept.push_back(c);
    }
    text = kept;
  }
  if (text.size() % 4 != 0) return fail(Error::kValueOutOfRange, "base64 length");
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  return decode64(text, kBase64);
}

}  // namespace tailor
