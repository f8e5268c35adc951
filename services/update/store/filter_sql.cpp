// SPDX-License-Identifier: Apache-2.0
// See filter_sql.hpp. Column names come from the table below and nothing else: no text of a filter becomes SQL.
#include "services/update/store/filter_sql.hpp"

namespace tailor::update_server {
namespace {

const char* column_of(Field field) {
  switch (field) {
    case Field::kId:
      return "id";
    case Field::kVendor:
      return "vendor";
    case Field::kClass:
      return "device_class";
    case Field::kLifeCycle:
      return "life_cycle";
    case Field::kState:
      return "state";
    case Field::kReason:
      return "reason";
    case Field::kMode:
      return "preferred_mode";
    case Field::kVersion:
      return "main_version";
    case Field::kDigest:
      return "main_digest";
    case Field::kSequence:
      return "main_sequence";
    case Field::kTrustStoreVersion:
      return "trust_store_version";
    case Field::kRegisteredAt:
      return "registered_at_ms";
    case Field::kLastSeen:
      return "last_seen_ms";
  }
  return "id";
}

const char* operator_of(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess:
      return " < ?";
    case Comparison::kLessEqual:
      return " <= ?";
    case Comparison::kGreater:
      return " > ?";
    case Comparison::kGreaterEqual:
      return " >= ?";
    default:
      return " = ?";
  }
}

/// Times are normalized to hex in the tree and are numbers in the database.
store::Value parameter_of(Field field, const std::string& value) {
  if (info_of(field).kind != FieldKind::kTime) return store::Value(value);
  const Outcome<uint64_t> ms = store::parse_hex_u64(value);
  return store::Value(static_cast<int64_t>(ms.ok() ? ms.value() : 0));
}

/// `column = ?` or, for a wildcard, a comparison of the beginning.
void add_equality(const FilterNode& node, const std::string& value, SqlCondition& out) {
  const std::string column = column_of(node.field);
  const auto prefix = prefix_of(node, value);
  if (!prefix) {
    out.text += column + " = ?";
    out.params.push_back(parameter_of(node.field, value));
    return;
  }
  out.text += "substr(" + column + ", 1, ?) = ?";
  out.params.emplace_back(static_cast<int64_t>(prefix->size()));
  out.params.emplace_back(*prefix);
}

void add_comparison(const FilterNode& node, SqlCondition& out) {
  const std::string column = column_of(node.field);
  const bool negative = node.comparison == Comparison::kNotEqual || node.comparison == Comparison::kOut;
  const bool equality = negative || node.comparison == Comparison::kEqual || node.comparison == Comparison::kIn;
  if (!equality) {
    out.text += column + operator_of(node.comparison);
    out.params.push_back(parameter_of(node.field, node.values.front()));
    return;
  }
  out.text += negative ? "(" + column + " IS NULL OR NOT (" : "(";
  for (size_t i = 0; i < node.values.size(); ++i) {
    if (i != 0) out.text += " OR ";
    add_equality(node, node.values[i], out);
  }
  out.text += negative ? "))" : ")";
}

void add(const FilterNode& node, SqlCondition& out) {
  if (node.kind == FilterNode::Kind::kComparison) return add_comparison(node, out);
  out.text += "(";
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (i != 0) out.text += node.kind == FilterNode::Kind::kAnd ? " AND " : " OR ";
    add(node.children[i], out);
  }
  out.text += ")";
}

}  // namespace

SqlCondition compile(const FilterNode& filter) {
  SqlCondition condition;
  add(filter, condition);
  return condition;
}

}  // namespace tailor::update_server
