// SPDX-License-Identifier: Apache-2.0
#include "hosted/json_error.hpp"

#include <gtest/gtest.h>

namespace tailor {
namespace {

TEST(JsonError, NamesTheByteWhereItStopsBeingJson) {
  const std::pair<const char*, const char*> rows[] = {
      {"{}", ""},
      {"[1, 2]", ""},
      {"", "at byte 0: no JSON (RFC 8259)"},
      {"{\"a\": }", "at byte 6: no JSON (RFC 8259)"},
      {"[1,", "at byte 3: no JSON (RFC 8259)"},
      {"{} x", "at byte 3: no JSON (RFC 8259)"},
      {"\"\x80\"", "at byte 1: no JSON (RFC 8259)"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(json_error(text), expected) << text;
}

}  // namespace
}  // namespace tailor
