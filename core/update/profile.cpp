// SPDX-License-Identifier: Apache-2.0
#include "core/update/profile.hpp"

namespace tailor::update {

std::string_view name_of(DeliveryMode mode) noexcept {
  switch (mode) {
    case DeliveryMode::kPull:
      return "pull";
    case DeliveryMode::kPush:
      return "push";
    case DeliveryMode::kHybrid:
      return "hybrid";
  }
  return "pull";
}

Result<DeliveryMode> delivery_mode_from_name(std::string_view name) noexcept {
  for (const DeliveryMode mode : {DeliveryMode::kPull, DeliveryMode::kPush, DeliveryMode::kHybrid}) {
    if (name_of(mode) == name) return mode;
  }
  return Error::kValueOutOfRange;
}

Result<DeliveryMode> delivery_mode_from_code(uint64_t code) noexcept {
  for (const DeliveryMode mode : {DeliveryMode::kPull, DeliveryMode::kPush, DeliveryMode::kHybrid}) {
    if (static_cast<uint64_t>(mode) == code) return mode;
  }
  return Error::kValueOutOfRange;
}

bool starts_with(const ComponentId& id, const ComponentId& prefix) noexcept {
  if (prefix.size() > id.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (!equal(id[i], prefix[i])) return false;
  }
  return true;
}

}  // namespace tailor::update
