// SPDX-License-Identifier: Apache-2.0
// Reads CBOR item by item from memory, without copies, and only in deterministic encoding (RFC 8949 4.2.1): shortest
// heads, definite lengths, map keys ascending and unique. Knows no format above CBOR; map_reader.hpp walks maps.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/limits.hpp"
#include "core/cbor/head.hpp"

namespace tailor::cbor {

/// Consumes items from the front of a buffer, in one of two ways. A take says at once whether it succeeded, and leaves
/// the reader where it was when it did not. The others (number(), bytes(), ...) give 0 or nothing when they fail, and
/// so does everything after them: the reader is at its end, and status() says what the first failure was. Who decodes a
/// structure asks once, at the end, which costs a third of the code.
///
/// Either gives kTruncated when the item ends beyond the buffer, kCborWrongType when the next item is of another type,
/// and what decode_head() gives. Views point into the buffer, which must outlive them.
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

  // --- the first failure is kept ---
  /// A label that no document has: an integer that is beyond 32 bits.
  static constexpr int32_t kNoLabel = INT32_MIN;

  [[nodiscard]] Status status() const noexcept { return status_; }
  [[nodiscard]] bool failed() const noexcept { return !status_.ok(); }
  /// Fails, unless it has already.
  void fail(Error error) noexcept;
  /// Fails with an error that was found elsewhere; kOk changes nothing.
  void fail_with(Status status) noexcept {
    if (!status.ok()) fail(status.error());
  }
  /// Fails because of the order of two map keys, unless the format leaves it open.
  void fail_out_of_order(bool same) noexcept {
    if (same || !any_order_) fail(same ? Error::kDuplicateKey : Error::kCborNotCanonical);
  }
  /// Fails unless a condition holds.
  void require(bool condition, Error error) noexcept {
    if (!condition) fail(error);
  }
  /// Fails with kTrailingBytes unless everything was consumed.
  /// @returns what came first
  [[nodiscard]] Status finished() noexcept;

  /// An unsigned integer.
  uint64_t number() noexcept { return argument(Type::kUnsigned); }
  /// @returns kValueOutOfRange as well, for a number that does not fit
  int64_t integer() noexcept;
  /// An integer that names something.
  /// @returns kNoLabel for one that is beyond 32 bits
  int32_t label() noexcept;
  void bytes(ByteView& content) noexcept { string(Type::kBytes, content); }
  [[nodiscard]] ByteView bytes() noexcept;
  /// kCborMalformed as well, for text that is not UTF-8.
  [[nodiscard]] std::string_view text() noexcept;
  /// The number of elements of an array, which is not more than the bytes left.
  size_t array() noexcept { return count(Type::kArray); }
  /// The number of pairs of a map, which is not more than half of the bytes left.
  size_t map() noexcept { return count(Type::kMap); }
  uint64_t tag() noexcept { return argument(Type::kTag); }
  bool boolean() noexcept;
  void null() noexcept { simple(kNull); }
  /// Skips one whole item, checked to the bottom.
  void item() noexcept { skip(limits::kCborDepth); }
  void item(ByteView& encoded) noexcept;

  // --- each take tells ---
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
  uint64_t argument(Type type) noexcept;
  size_t count(Type type) noexcept;
  void string(Type type, ByteView& content) noexcept;
  void simple(uint8_t value) noexcept;
  void skip(size_t depth) noexcept;
  /// Goes back to where a take began when it failed.
  Status settle(ByteView before) noexcept;

  ByteView rest_;
  Status status_ = kOk;
  bool any_order_ = false;
};

/// Compares two encoded map keys as RFC 8949 4.2.1 orders them.
/// @returns kDuplicateKey when equal, kCborNotCanonical when `next` belongs before `previous`
[[nodiscard]] Status check_key_order(ByteView previous, ByteView next) noexcept;

}  // namespace tailor::cbor
