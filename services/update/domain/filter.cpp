// SPDX-License-Identifier: Apache-2.0
// Evaluation of filters; the parser stands in filter_parser.cpp.
#include "services/update/domain/filter.hpp"

#include <algorithm>

#include "hosted/uuid_make.hpp"
#include "services/store/value.hpp"

namespace tailor::update_server {
namespace {

constexpr FieldInfo kFields[] = {
    {Field::kId, "id", FieldKind::kText},
    {Field::kVendor, "vendor", FieldKind::kText},
    {Field::kClass, "class", FieldKind::kText},
    {Field::kLifeCycle, "life_cycle", FieldKind::kText},
    {Field::kState, "state", FieldKind::kText},
    {Field::kReason, "reason", FieldKind::kText},
    {Field::kMode, "mode", FieldKind::kText},
    {Field::kVersion, "version", FieldKind::kText},
    {Field::kDigest, "digest", FieldKind::kText},
    {Field::kSequence, "sequence", FieldKind::kNumber},
    {Field::kTrustStoreVersion, "trust_store_version", FieldKind::kNumber},
    {Field::kRegisteredAt, "registered_at", FieldKind::kTime},
    {Field::kLastSeen, "last_seen", FieldKind::kTime},
};

std::string hex_time(int64_t ms) {
  return store::hex_u64(static_cast<uint64_t>(ms));
}

bool equals(const FilterNode& node, const std::string& wanted, const std::string& have) {
  if (const auto prefix = prefix_of(node, wanted)) return have.starts_with(*prefix);
  return have == wanted;
}

bool holds(const FilterNode& node, const std::optional<std::string>& have) {
  const bool negative = node.comparison == Comparison::kNotEqual || node.comparison == Comparison::kOut;
  if (!have) return negative;
  const auto equal = [&](const std::string& wanted) { return equals(node, wanted, *have); };
  const bool any = std::any_of(node.values.begin(), node.values.end(), equal);
  switch (node.comparison) {
    case Comparison::kEqual:
    case Comparison::kIn:
      return any;
    case Comparison::kNotEqual:
    case Comparison::kOut:
      return !any;
    case Comparison::kLess:
      return *have < node.values.front();
    case Comparison::kLessEqual:
      return *have <= node.values.front();
    case Comparison::kGreater:
      return *have > node.values.front();
    case Comparison::kGreaterEqual:
      return *have >= node.values.front();
  }
  return false;
}

}  // namespace

const FieldInfo* find_field(std::string_view name) noexcept {
  for (const FieldInfo& info : kFields) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

const FieldInfo& info_of(Field field) noexcept {
  return kFields[static_cast<size_t>(field)];
}

std::optional<std::string> field_value(const Device& device, Field field) {
  const Component* main = device.main_component();
  switch (field) {
    case Field::kId:
      return uuid_text(device.id);
    case Field::kVendor:
      return uuid_text(device.vendor);
    case Field::kClass:
      return uuid_text(device.device_class);
    case Field::kLifeCycle:
      return std::string(update::name_of(device.life_cycle));
    case Field::kState:
      return std::string(update::name_of(device.update.state));
    case Field::kReason:
      if (!device.update.reason && !device.update.awaited) return std::nullopt;
      return reason_text(device.update);
    case Field::kMode:
      return std::string(update::name_of(device.preferred_mode));
    case Field::kVersion:
      if (main == nullptr) return std::nullopt;
      return main->version;
    case Field::kDigest:
      if (main == nullptr) return std::nullopt;
      return digest_text(main->digest);
    case Field::kSequence:
      if (main == nullptr) return std::nullopt;
      return store::hex_u64(main->sequence_number);
    case Field::kTrustStoreVersion:
      return store::hex_u64(device.trust_store_version);
    case Field::kRegisteredAt:
      return hex_time(device.registered_at_ms);
    case Field::kLastSeen:
      return hex_time(device.last_seen_ms);
  }
  return std::nullopt;
}

std::optional<std::string_view> prefix_of(const FilterNode& comparison, const std::string& value) {
  const bool equality = comparison.comparison == Comparison::kEqual || comparison.comparison == Comparison::kNotEqual;
  if (!equality || info_of(comparison.field).kind != FieldKind::kText || !value.ends_with('*')) return std::nullopt;
  return std::string_view(value).substr(0, value.size() - 1);
}

bool matches(const FilterNode& filter, const Device& device) {
  const auto fits = [&](const FilterNode& child) { return matches(child, device); };
  switch (filter.kind) {
    case FilterNode::Kind::kAnd:
      return std::all_of(filter.children.begin(), filter.children.end(), fits);
    case FilterNode::Kind::kOr:
      return std::any_of(filter.children.begin(), filter.children.end(), fits);
    case FilterNode::Kind::kComparison:
      return holds(filter, field_value(device, filter.field));
  }
  return false;
}

}  // namespace tailor::update_server
