// SPDX-License-Identifier: Apache-2.0
// Vendors and classes as people name them: by the name that the UUID is derived from, or by the UUID itself.
#pragma once

#include <string>

#include "hosted/uuid_make.hpp"

namespace tailor::authoring {

[[nodiscard]] inline Uuid vendor_of(const std::string& text) {
  const Result<Uuid> uuid = Uuid::from_text(text);
  return uuid.ok() ? uuid.value() : vendor_id(text);
}
[[nodiscard]] inline Uuid class_of(const Uuid& vendor, const std::string& text) {
  const Result<Uuid> uuid = Uuid::from_text(text);
  return uuid.ok() ? uuid.value() : class_id(vendor, text);
}

}  // namespace tailor::authoring
