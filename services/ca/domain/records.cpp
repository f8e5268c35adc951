// SPDX-License-Identifier: Apache-2.0
// Texts of the enumerations that are stored and shown.
#include "services/ca/domain/records.hpp"

namespace tailor::ca {
namespace {

constexpr std::string_view kOrigins[] = {"code", "psk", "idevid", "renewal", "service"};

}  // namespace

std::string_view to_text(Origin origin) noexcept {
  return kOrigins[static_cast<size_t>(origin)];
}

std::optional<Origin> origin_from_text(std::string_view text) noexcept {
  for (size_t i = 0; i < std::size(kOrigins); ++i) {
    if (text == kOrigins[i]) return static_cast<Origin>(i);
  }
  return std::nullopt;
}

}  // namespace tailor::ca
