// SPDX-License-Identifier: Apache-2.0
// A UUID as 16 bytes (RFC 9562), with its text form. Making version 5 UUIDs needs SHA-1 and stands in hosted/.
#pragma once

#include <array>
#include <compare>
#include <string_view>

#include "core/base/bytes.hpp"

namespace tailor {

/// Device, vendor and class identifiers (RFC 9124 3.3, 3.4; SUIT manifest 8.4.8.1).
struct Uuid {
  std::array<uint8_t, 16> bytes{};

  static constexpr size_t kTextLength = 36;

  [[nodiscard]] ByteView view() const noexcept { return bytes; }
  [[nodiscard]] bool is_nil() const noexcept { return *this == Uuid{}; }
  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;

  /// @returns kValueOutOfRange unless `raw` has 16 bytes
  [[nodiscard]] static Result<Uuid> from_bytes(ByteView raw) noexcept;

  /// Reads the 8-4-4-4-12 form, in either case.
  /// @returns kValueOutOfRange for any other text
  [[nodiscard]] static Result<Uuid> from_text(std::string_view text) noexcept;

  /// Writes the lower-case 8-4-4-4-12 form, without a terminating NUL.
  [[nodiscard]] std::array<char, kTextLength> to_text() const noexcept;
};

}  // namespace tailor
