// SPDX-License-Identifier: Apache-2.0
#include "core/update/awaited.hpp"

#include <iterator>

namespace tailor::update {
namespace {

struct Row {
  std::string_view name;
  std::string_view words;
};
constexpr Row kRows[] = {
    {"trigger", "an operator's trigger"},
    {"authorization", "somebody's consent"},
    {"power", "power"},
    {"network", "the network"},
    {"other-device-version", "another device's version"},
    {"time", "a point in time"},
    {"time-of-day", "a time of day"},
    {"day-of-week", "a day of the week"},
    {"time-of-day-utc", "a time of day (UTC)"},
    {"day-of-week-utc", "a day of the week (UTC)"},
};
static_assert(std::size(kRows) == kAwaitedKinds);

}  // namespace

std::string_view name_of(Awaited awaited) noexcept {
  return kRows[static_cast<uint8_t>(awaited)].name;
}

std::string_view words_of(Awaited awaited) noexcept {
  return kRows[static_cast<uint8_t>(awaited)].words;
}

Result<Awaited> awaited_from_name(std::string_view name) noexcept {
  for (uint8_t code = 0; code < kAwaitedKinds; ++code) {
    if (kRows[code].name == name) return static_cast<Awaited>(code);
  }
  return Error::kValueOutOfRange;
}

Result<Awaited> awaited_from_code(uint64_t code) noexcept {
  if (code >= kAwaitedKinds) return Error::kValueOutOfRange;
  return static_cast<Awaited>(code);
}

}  // namespace tailor::update
