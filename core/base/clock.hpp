// SPDX-License-Identifier: Apache-2.0
// Time as the sans-I/O state machines see it: the caller says what time it is and asks when to come back. Knows no
// clock.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tailor {

/// Milliseconds on a clock that never goes back; its zero means nothing.
using MonotonicMs = uint64_t;

/// A deadline that never comes.
inline constexpr MonotonicMs kNever = UINT64_MAX;

[[nodiscard]] constexpr MonotonicMs earlier(MonotonicMs a, MonotonicMs b) noexcept {
  return std::min(a, b);
}

}  // namespace tailor
