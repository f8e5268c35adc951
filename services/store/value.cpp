// SPDX-License-Identifier: Apache-2.0
// The codecs of value.hpp. Decoding is strict: what the encoder would not have written is a damaged record.
#include "services/store/value.hpp"

#include <algorithm>

#include "hosted/encoding.hpp"

namespace tailor::store {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

Failure damaged(const char* what) {
  return fail(Error::kRecordMalformed, what);
}

}  // namespace

Value::Value(const Uuid& id) {
  const auto text = id.to_text();
  held_ = std::string(text.data(), text.size());
}

std::string hex_u64(uint64_t number) {
  std::string text(16, '0');
  for (size_t i = 16; i-- > 0; number >>= 4U) text[i] = kDigits[number & 0xFU];
  return text;
}

Outcome<uint64_t> parse_hex_u64(std::string_view text) {
  if (text.size() != 16) return damaged("number is not 16 hex digits");
  uint64_t number = 0;
  for (const char c : text) {
    const int value = digit_value(c);
    if (value < 0) return damaged("number is not 16 hex digits");
    number = (number << 4U) | static_cast<uint64_t>(value);
  }
  return number;
}

std::string hex_bytes(ByteView bytes) {
  return to_hex(bytes);
}

Outcome<std::vector<uint8_t>> parse_hex_bytes(std::string_view text) {
  const bool upper = std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'F'; });
  Outcome<Bytes> bytes = from_hex(text);
  if (upper || !bytes.ok()) return damaged("binary value is not lower-case hex digits");
  return bytes;
}

void RowReader::note(const char* what) {
  if (problem_.empty()) problem_ = "column " + std::to_string(column_) + ": " + what;
}

const Value* RowReader::next(bool may_be_null) {
  ++column_;
  if (column_ > row_.size()) {
    note("missing");
    return nullptr;
  }
  const Value& value = row_[column_ - 1];
  if (value.is_null()) {
    if (!may_be_null) note("null");
    return nullptr;
  }
  return &value;
}

std::string RowReader::text() {
  const Value* value = next(false);
  if (value == nullptr) return {};
  if (value->text() == nullptr) {
    note("not text");
    return {};
  }
  return *value->text();
}

int64_t RowReader::integer() {
  const Value* value = next(false);
  if (value == nullptr) return 0;
  if (value->integer() == nullptr) {
    note("not an integer");
    return 0;
  }
  return *value->integer();
}

uint64_t RowReader::u64() {
  const Outcome<uint64_t> number = parse_hex_u64(text());
  if (!number.ok()) {
    note("not 16 hex digits");
    return 0;
  }
  return number.value();
}

std::vector<uint8_t> RowReader::bytes() {
  Outcome<std::vector<uint8_t>> bytes = parse_hex_bytes(text());
  if (!bytes.ok()) {
    note("not hex digits");
    return {};
  }
  return std::move(bytes).value();
}

Uuid RowReader::uuid() {
  const Result<Uuid> id = Uuid::from_text(text());
  if (!id.ok()) {
    note("not a UUID");
    return {};
  }
  return id.value();
}

std::optional<std::string> RowReader::maybe_text() {
  const Value* value = next(true);
  if (value == nullptr) return std::nullopt;
  if (value->text() == nullptr) {
    note("not text");
    return std::nullopt;
  }
  return *value->text();
}

std::optional<int64_t> RowReader::maybe_integer() {
  const Value* value = next(true);
  if (value == nullptr) return std::nullopt;
  if (value->integer() == nullptr) {
    note("not an integer");
    return std::nullopt;
  }
  return *value->integer();
}

Outcome<void> RowReader::finish() const {
  if (!problem_.empty()) return fail(Error::kRecordMalformed, problem_);
  if (column_ != row_.size()) return damaged("row has more columns than its record");
  return kOk;
}

}  // namespace tailor::store
