// SPDX-License-Identifier: Apache-2.0
// Reads CBOR item by item from memory, without copies, and only in deterministic encoding (RFC 8949 4.2.1): shortest
// heads, definite lengths, map keys ascending and unique. Knows no format above CBOR; map_reader.hpp walks maps.
#pragma once

#include <string_view>

#include "core/cbor/head.hpp"

namespace tailor::cbor {

/// Consumes items from the front of a buffer. A failed take leaves the reader where it was.
///
/// Every take gives kTruncated when the item ends beyond the buffer, kCborWrongType when the next item is of another
/// type, and what decode_head() gives. Views point into the buffer, which must outlive them.
class Reader {
 public:
  explicit Reader(ByteView bytes) noexcept : rest_(bytes) {}
  /// A reader for formats that leave the order of map keys open, as COSE does (RFC 9052 9): all else is as strict.
  [[nodiscard]] static Reader in_any_order(ByteView bytes) noexcept {
    Reader reader(bytes);
    reader.any_order_ = true;
    return reader;
  }
  /// kOk when a map key may follow another: later in order, or at least not the same.
  [[nodiscard]] Status check_next_key(ByteView previous, ByteView next) const noexcept;

  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  /// What was not consumed yet.
  [[nodiscard]] ByteView rest() const noexcept { return rest_; }
  /// Tells whether the next item is of this type; false at the end.
  [[nodiscard]] bool next_is(Type type) const noexcept {
    return !rest_.empty() && rest_[0] >> 5U == static_cast<unsigned>(type);
  }
  /// Tells whether the next item is null.
  [[nodiscard]] bool next_is_null() const noexcept { return !rest_.empty() && rest_[0] == (0xE0U | kNull); }

  [[nodiscard]] Result<uint64_t> take_unsigned() noexcept;
  /// @returns kValueOutOfRange as well, for a number that does not fit
  [[nodiscard]] Result<int64_t> take_int() noexcept;
  [[nodiscard]] Result<ByteView> take_bytes() noexcept;
  /// @returns kCborMalformed as well, for text that is not UTF-8
  [[nodiscard]] Result<std::string_view> take_text() noexcept;
  /// Takes the head of an array: the number of elements, which is not more than the bytes left.
  [[nodiscard]] Result<size_t> take_array() noexcept;
  /// Takes the head of a map: the number of pairs, which is not more than half of the bytes left.
  [[nodiscard]] Result<size_t> take_map() noexcept;
  [[nodiscard]] Result<uint64_t> take_tag() noexcept;
  [[nodiscard]] Result<bool> take_bool() noexcept;
  [[nodiscard]] Status take_null() noexcept;

  /// Takes one whole item, whatever it is, checked to the bottom, and returns its bytes with the head.
  /// @returns kCborTooDeep beyond limits::kCborDepth levels; kDuplicateKey and kCborNotCanonical for maps
  [[nodiscard]] Result<ByteView> take_item() noexcept;

  /// kTrailingBytes unless everything was consumed.
  [[nodiscard]] Status finish() const noexcept;

 private:
  Status take_head(Type type, uint64_t& argument) noexcept;
  Status take_string(Type type, ByteView& content) noexcept;
  Status skip(size_t depth) noexcept;
  Status skip_pairs(uint64_t count, size_t depth) noexcept;

  ByteView rest_;
  bool any_order_ = false;
};

/// Compares two encoded map keys as RFC 8949 4.2.1 orders them.
/// @returns kDuplicateKey when equal, kCborNotCanonical when `next` belongs before `previous`
[[nodiscard]] Status check_key_order(ByteView previous, ByteView next) noexcept;

}  // namespace tailor::cbor
