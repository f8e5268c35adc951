// SPDX-License-Identifier: Apache-2.0
// The CoAP message format, decoder and encoder side by side (RFC 7252 3). A decoded Message is a view of the datagram;
// nothing is copied but the token. Reliability and meaning live in endpoint.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "core/coap/codes.hpp"
#include "core/coap/options.hpp"

namespace tailor::coap {

class Token {
 public:
  Token() = default;
  /// @pre bytes.size() <= limits::kTokenBytes
  explicit Token(ByteView bytes) noexcept;
  [[nodiscard]] ByteView bytes() const noexcept { return ByteView{bytes_}.first(length_); }
  friend bool operator==(const Token& a, const Token& b) noexcept { return equal(a.bytes(), b.bytes()); }

 private:
  std::array<uint8_t, limits::kTokenBytes> bytes_{};
  uint8_t length_ = 0;
};

struct Message {
  Type type = Type::kConfirmable;
  Code code = Code::kEmpty;
  uint16_t message_id = 0;
  Token token;
  ByteView options;  ///< checked; read it with OptionReader or OptionList
  ByteView payload;
};

/// Bytes of the fixed header; a datagram that is shorter cannot even be reset.
inline constexpr size_t kHeaderBytes = 4;

/// Decodes a datagram, strictly: version 1, token of at most 8 bytes, every option within the message, no payload
/// marker without payload, nothing after the header of an empty message (RFC 7252 3, 3.1, 4.1).
///
/// @returns kCoapMalformed otherwise; kUnsupportedVersion for another version, which is to be ignored silently
[[nodiscard]] Result<Message> decode(ByteView datagram) noexcept;

/// Writes one message front to back; keeps the first error and reports it in finish().
class MessageWriter {
 public:
  explicit MessageWriter(MutableBytes buffer) noexcept : buffer_(buffer) {}

  void header(Type type, Code code, uint16_t message_id, const Token& token) noexcept;
  /// @pre options come in ascending order of their number; another order is kept as kInternal
  void option(Option option, ByteView value) noexcept;
  void option_uint(Option option, uint32_t value) noexcept;
  /// Writes one option for each segment of "/a/b?x=1&y=2": Uri-Path for the path, Uri-Query for the query, with percent
  /// escapes decoded (RFC 7252 6.4).
  ///
  /// A caller with options between 11 and 15 to write calls path() and query() apart.
  void path(std::string_view uri, Option option = Option::kUriPath) noexcept;
  void query(std::string_view uri, Option option = Option::kUriQuery) noexcept;
  /// Writes marker and payload; the payload may overlap the buffer behind what is written. An empty one writes nothing.
  void payload(ByteView payload) noexcept;

  /// @returns the message; or the first error: kDatagramTooLarge, kValueOutOfRange (a percent escape), kInternal
  [[nodiscard]] Result<ByteView> finish() const noexcept;

 private:
  void fail(Error error) noexcept;
  [[nodiscard]] uint8_t* grow(size_t bytes) noexcept;
  [[nodiscard]] uint8_t* begin_option(Option option, size_t length) noexcept;
  void segments(std::string_view text, char separator, Option option) noexcept;

  MutableBytes buffer_;
  size_t used_ = 0;
  uint16_t last_option_ = 0;
  bool failed_ = false;
  Error error_{};
};

}  // namespace tailor::coap
