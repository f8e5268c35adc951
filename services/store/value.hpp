// SPDX-License-Identifier: Apache-2.0
// What goes into and comes out of a database: text, 64-bit signed integers and null, nothing else. The codecs here map
// everything richer onto these three, the same way for SQLite and PostgreSQL; docs/formats/store.md lists them.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/uuid.hpp"
#include "hosted/failure.hpp"

namespace tailor::store {

/// One bound parameter or one column of one row.
class Value {
 public:
  Value() = default;                                               ///< null
  Value(std::string text) : held_(std::move(text)) {}              // NOLINT(google-explicit-constructor)
  Value(std::string_view text) : held_(std::string(text)) {}       // NOLINT(google-explicit-constructor)
  Value(const char* text) : held_(std::string(text)) {}            // NOLINT(google-explicit-constructor)
  Value(bool flag) : held_(static_cast<int64_t>(flag ? 1 : 0)) {}  // NOLINT(google-explicit-constructor)
  template <std::signed_integral T>
  Value(T number) : held_(static_cast<int64_t>(number)) {}  // NOLINT(google-explicit-constructor)
  /// Unsigned values of 64 bits do not fit a signed column: they go through hex_u64().
  template <std::unsigned_integral T>
  requires(sizeof(T) < 8 && !std::same_as<T, bool>) Value(T number)  // NOLINT(google-explicit-constructor)
      : held_(static_cast<int64_t>(number)) {}
  template <std::unsigned_integral T>
  requires(sizeof(T) == 8) Value(T)
  = delete;
  Value(const Uuid& id);  // NOLINT(google-explicit-constructor)
  template <typename T>
  Value(const std::optional<T>& maybe) {  // NOLINT(google-explicit-constructor)
    if (maybe) *this = Value(*maybe);
  }

  [[nodiscard]] bool is_null() const noexcept { return std::holds_alternative<std::monostate>(held_); }
  [[nodiscard]] const std::string* text() const noexcept { return std::get_if<std::string>(&held_); }
  [[nodiscard]] const int64_t* integer() const noexcept { return std::get_if<int64_t>(&held_); }
  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::monostate, std::string, int64_t> held_;
};

using Params = std::vector<Value>;
using Row = std::vector<Value>;
using Rows = std::vector<Row>;

/// Encodes an unsigned 64-bit number as 16 lower-case hex digits, whose text order is the number's order.
[[nodiscard]] std::string hex_u64(uint64_t number);
/// @returns kRecordMalformed unless `text` is what hex_u64() writes
[[nodiscard]] Outcome<uint64_t> parse_hex_u64(std::string_view text);

/// Encodes bytes as lower-case hex digits: the one form of binary values in both databases.
[[nodiscard]] std::string hex_bytes(ByteView bytes);
/// @returns kRecordMalformed unless `text` is what hex_bytes() writes
[[nodiscard]] Outcome<std::vector<uint8_t>> parse_hex_bytes(std::string_view text);

/// Takes the columns of a row in order and keeps the first error, so that a record is read without a check per column.
class RowReader {
 public:
  explicit RowReader(const Row& row) noexcept : row_(row) {}

  std::string text();
  int64_t integer();
  bool flag() { return integer() != 0; }
  uint64_t u64();
  std::vector<uint8_t> bytes();
  Uuid uuid();
  std::optional<std::string> maybe_text();
  std::optional<int64_t> maybe_integer();

  /// @returns kRecordMalformed when a column was missing, of another type, undecodable, or left over
  [[nodiscard]] Outcome<void> finish() const;

 private:
  const Value* next(bool may_be_null);
  void note(const char* what);

  const Row& row_;
  size_t column_ = 0;
  std::string problem_;
};

}  // namespace tailor::store
