// SPDX-License-Identifier: Apache-2.0
// RSQL filters over devices: `class==1492af14-...;(state==refused,state==reverted);version!=2.0`. Parsed to a tree that
// is evaluated here for one device and compiled to SQL in store/. docs/protocols/rsql.md has grammar and fields.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/update/domain/model.hpp"

namespace tailor::update_server {

/// What may be asked of a device. Each field has one kind of value.
enum class Field : uint8_t {
  kId,
  kVendor,
  kClass,
  kLifeCycle,
  kState,
  kReason,
  kMode,
  kVersion,
  kDigest,
  kSequence,
  kTrustStoreVersion,
  kRegisteredAt,
  kLastSeen,
};
enum class FieldKind : uint8_t { kText, kNumber, kTime };

struct FieldInfo {
  Field field;
  std::string_view name;
  FieldKind kind;
};
[[nodiscard]] const FieldInfo* find_field(std::string_view name) noexcept;
[[nodiscard]] const FieldInfo& info_of(Field field) noexcept;

enum class Comparison : uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kIn, kOut };

/// A node: a comparison, or a group of children. Values are normalized: UUIDs and digests in lower case, numbers as 16
/// hex digits, times as milliseconds in 16 hex digits, so that comparing texts compares values.
struct FilterNode {
  enum class Kind : uint8_t { kComparison, kAnd, kOr };
  Kind kind = Kind::kComparison;
  Field field = Field::kId;
  Comparison comparison = Comparison::kEqual;
  std::vector<std::string> values;
  std::vector<FilterNode> children;
};

/// Limits of one filter: far above what a person writes, far below what hurts a database.
inline constexpr size_t kFilterBytes = 4096;
inline constexpr size_t kFilterDepth = 8;
inline constexpr size_t kFilterComparisons = 64;
inline constexpr size_t kFilterListValues = 256;

/// Reads a filter. An empty text is not a filter.
///
/// Grammar: or = and *("," and); and = term *(";" term); term = "(" or ")" / field operator value;
/// operator: == != =lt= =le= =gt= =ge= < <= > >= =in= =out=; the last two take a list in parentheses; a value with
/// reserved characters stands in single or double quotes, with a backslash before a quote. `*` at the end of a text
/// value of == and != matches any rest.
/// @returns kUsageInvalid with the position and what was expected there
[[nodiscard]] Outcome<FilterNode> parse_filter(std::string_view text);

/// The value of a field as comparisons see it; nothing when the device has none (no component, no reason).
[[nodiscard]] std::optional<std::string> field_value(const Device& device, Field field);

/// Whether the device fits. A field without a value fits only != and =out=.
[[nodiscard]] bool matches(const FilterNode& filter, const Device& device);

/// Whether a text value ends in the wildcard, and the part before it.
[[nodiscard]] std::optional<std::string_view> prefix_of(const FilterNode& comparison, const std::string& value);

}  // namespace tailor::update_server
