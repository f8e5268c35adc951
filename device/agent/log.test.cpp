// SPDX-License-Identifier: Apache-2.0
#include "device/agent/log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tailor::agent {
namespace {

struct Lines {
  std::vector<std::string> lines;
  tailor_log_t port{
      this, [](void* context, tailor_log_level_t, const char* event, const char* text, size_t length) {
        static_cast<Lines*>(context)->lines.push_back(std::string(event) + " " + std::string(text, length));
      }};
};

TEST(LogLine, KeysAndValues) {
  Lines lines;
  LogLine(&lines.port, TAILOR_LOG_INFO, "a.b").text("server", "coaps://a").number("n", UINT64_MAX).number("z", 0);
  LogLine(&lines.port, TAILOR_LOG_INFO, "c.d").error(Error::kTimeout).digest("digest", "0102030405060708ff"_hex);
  LogLine(&lines.port, TAILOR_LOG_INFO, "e.f").uuid("id", Uuid{});
  ASSERT_EQ(lines.lines.size(), 3U);
  EXPECT_EQ(lines.lines[0], "a.b server=coaps://a n=18446744073709551615 z=0");
  EXPECT_EQ(lines.lines[1], "c.d error=Timeout digest=0102030405060708");
  EXPECT_EQ(lines.lines[2], "e.f id=00000000-0000-0000-0000-000000000000");
}

TEST(LogLine, AValueCannotForgeALine) {
  Lines lines;
  LogLine(&lines.port, TAILOR_LOG_INFO, "a.b").text("where", "x\nenrol.done error=\"no\"\x80");
  EXPECT_EQ(lines.lines[0], "a.b where=x_enrol.done_error=_no__");
}

TEST(LogLine, IsCutAtItsBuffer) {
  Lines lines;
  LogLine(&lines.port, TAILOR_LOG_INFO, "a").text("k", std::string(1000, 'v'));
  EXPECT_EQ(lines.lines[0].size(), 2 + 224U);
}

}  // namespace
}  // namespace tailor::agent
