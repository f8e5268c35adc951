// SPDX-License-Identifier: Apache-2.0
#include "hosted/utc_clock.hpp"

#include <gtest/gtest.h>

namespace tailor {
namespace {

TEST(UtcClock, TextsOfInstants) {
  const std::pair<int64_t, const char*> rows[] = {{0, "1970-01-01T00:00:00Z"},
                                                  {951'782'400'000, "2000-02-29T00:00:00Z"},
                                                  {1'763'654'100'123, "2025-11-20T15:55:00.123Z"},
                                                  {-1'000, "1969-12-31T23:59:59Z"}};
  for (const auto& [ms, text] : rows) {
    EXPECT_EQ(to_rfc3339(from_unix_ms(ms)), text);
    EXPECT_EQ(to_unix_ms(from_rfc3339(text).value()), ms);
  }
}

TEST(UtcClock, OtherTextsAreRefused) {
  for (const char* text :
       {"", "2026", "2026-11-20", "2026-11-20T15:55:00", "2026-11-20T15:55:00+00:00", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-20T24:00:00Z", "2026-11-20T15:60:00Z", "2026-11-20T15:55:60Z",
        "2026-11-20T15:55:00.1Z", "2026-11-20 15:55:00Z", "2026-11-20T15:55:00Zx"}) {
    EXPECT_EQ(from_rfc3339(text).error().code, Error::kValueOutOfRange) << text;
  }
}

TEST(UtcClock, FakeMovesOnlyWhenTold) {
  FakeUtcClock clock(from_unix_seconds(100));
  EXPECT_EQ(clock.now(), clock.now());
  clock.advance(std::chrono::seconds(5));
  EXPECT_EQ(to_unix_seconds(clock.now()), 105);
}

TEST(UtcClock, SystemClockIsAfterThisCodeWasWritten) {
  EXPECT_GT(SystemUtcClock().now(), from_rfc3339("2024-01-01T00:00:00Z").value());
}

}  // namespace
}  // namespace tailor
