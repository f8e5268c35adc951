// SPDX-License-Identifier: Apache-2.0
// RFC 3339 texts of instants, by the C++20 calendar.
#include "hosted/utc_clock.hpp"

#include <cstdio>

namespace tailor {
namespace {

/// Reads exactly `digits` decimal digits.
bool read_number(std::string_view& text, size_t digits, int& out) {
  if (text.size() < digits) return false;
  out = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool read_char(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string to_rfc3339(UtcTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[48];
  int length = std::snprintf(text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                             static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                             static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                             static_cast<int>(clock.seconds().count()));
  std::string out(text, static_cast<size_t>(length));
  if (clock.subseconds().count() != 0) {
    length = std::snprintf(text, sizeof(text), ".%03d", static_cast<int>(clock.subseconds().count()));
    out.append(text, static_cast<size_t>(length));
  }
  return out + "Z";
}

Outcome<UtcTime> from_rfc3339(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0;
  bool good = read_number(text, 4, year) && read_char(text, '-') && read_number(text, 2, month) &&
              read_char(text, '-') && read_number(text, 2, day) && read_char(text, 'T') && read_number(text, 2, hour) &&
              read_char(text, ':') && read_number(text, 2, minute) && read_char(text, ':') &&
              read_number(text, 2, second);
  if (good && !text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    good = read_number(text, 3, ms);
  }
  good = good && text == "Z";
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!good || !date.ok() || hour > 23 || minute > 59 || second > 59) {
    return fail(Error::kValueOutOfRange, "not a time like 2026-11-20T15:55:00Z");
  }
  return UtcTime(std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                 std::chrono::seconds(second) + std::chrono::milliseconds(ms));
}

}  // namespace tailor
