// SPDX-License-Identifier: Apache-2.0
// Reading the options of one message: an iterator, the repeatable path and query lists, uint values and the block
// option. Works on the option bytes that decode() has checked; it knows nothing of exchanges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/coap/codes.hpp"

namespace tailor::coap {

struct OptionView {
  uint16_t number = 0;
  ByteView value;
  [[nodiscard]] bool is(Option option) const noexcept { return number == static_cast<uint16_t>(option); }
};

/// Walks the options of a message in their order.
class OptionReader {
 public:
  /// @param options  as Message::options: option bytes without the payload marker
  explicit OptionReader(ByteView options) noexcept : rest_(options) {}

  /// Reads the next option, up to the payload marker or the end.
  ///
  /// @returns true and the option; false at the end or where the bytes break RFC 7252 3.1 (then malformed() holds)
  [[nodiscard]] bool next(OptionView& option) noexcept;
  [[nodiscard]] bool malformed() const noexcept { return malformed_; }
  /// What follows the options: nothing, or the payload with its marker.
  [[nodiscard]] ByteView rest() const noexcept { return rest_; }

 private:
  [[nodiscard]] Result<uint16_t> extended(unsigned nibble) noexcept;
  [[nodiscard]] bool stop_malformed() noexcept;

  ByteView rest_;
  uint32_t number_ = 0;
  bool malformed_ = false;
};

/// Decodes an option of format uint (RFC 7252 3.2): big-endian, leading zeros allowed, empty is zero.
///
/// @returns kValueOutOfRange when it is longer than `max_bytes` (at most 4)
[[nodiscard]] Result<uint32_t> uint_value(ByteView value, size_t max_bytes) noexcept;

/// Finds the first option of a number; nullptr-like: is(option) is false when there is none.
[[nodiscard]] OptionView find_option(ByteView options, Option option) noexcept;

/// The values of one repeatable option: path segments, query arguments, location segments.
class OptionList {
 public:
  OptionList(ByteView options, Option option) noexcept : options_(options), option_(option) {}
  [[nodiscard]] size_t count() const noexcept;
  /// The text of the index-th value; empty when there are fewer.
  [[nodiscard]] std::string_view at(size_t index) const noexcept;
  /// Compares with "a/b/c"; a last segment "*" stands for exactly one segment that is not empty.
  [[nodiscard]] bool matches(std::string_view pattern) const noexcept;
  /// For a query "key=value": the value; empty when there is no such key.
  [[nodiscard]] std::string_view argument(std::string_view key) const noexcept;

 private:
  ByteView options_;
  Option option_;
};

/// The Block1 and Block2 option value: NUM, M, SZX (RFC 7959 2.2).
struct Block {
  uint32_t number = 0;
  bool more = false;
  uint8_t szx = 6;  ///< block size is 2^(szx + 4)

  static constexpr uint8_t kMaxSzx = 6;
  static constexpr uint32_t kMaxNumber = (1U << 20U) - 1;

  [[nodiscard]] constexpr uint32_t size() const noexcept { return 16U << szx; }
  [[nodiscard]] constexpr uint32_t offset() const noexcept { return number << (szx + 4U); }
  [[nodiscard]] constexpr uint32_t value() const noexcept { return (number << 4U) | (more ? 8U : 0U) | szx; }
  /// @returns kCoapMalformed for a value longer than three bytes or SZX 7, which only CoAP over TCP knows
  [[nodiscard]] static Result<Block> from_value(ByteView value) noexcept;
  friend bool operator==(const Block&, const Block&) = default;
};

}  // namespace tailor::coap
