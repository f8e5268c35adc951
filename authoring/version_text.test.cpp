// SPDX-License-Identifier: Apache-2.0
#include "authoring/version_text.hpp"

#include <gtest/gtest.h>

namespace tailor::authoring {
namespace {

TEST(VersionText, ReadsAndWrites) {
  const struct {
    const char* text;
    std::vector<int64_t> value;
  } rows[] = {{"1", {1}},          {"1.2.0", {1, 2, 0}},           {"1.2.0-rc.1", {1, 2, 0, -1, 1}},
              {"2-beta", {2, -2}}, {"3.1-alpha.4", {3, 1, -3, 4}}, {"9223372036854775807", {INT64_MAX}}};
  for (const auto& row : rows) {
    const auto value = version_from_text(row.text);
    ASSERT_TRUE(value.ok()) << row.text;
    EXPECT_EQ(*value, row.value) << row.text;
    EXPECT_EQ(version_to_text(row.value), row.text);
  }
}

TEST(VersionText, RefusesOtherTexts) {
  for (const char* text : {"", ".", "1.", ".1", "1..2", "v1", "1.rc", "rc", "1-rc-rc", "1-gamma", "-1", "1 ", "1.2x",
                           "9223372036854775808"}) {
    EXPECT_EQ(version_from_text(text).error().code, Error::kValueOutOfRange) << text;
  }
}

TEST(VersionText, Rules) {
  const struct {
    const char* text;
    int64_t comparison;
  } rows[] = {{">1", 1}, {">=1", 2}, {"=1", 3}, {"<=1", 4}, {"<1", 5}};
  for (const auto& row : rows) {
    const auto rule = version_rule_from_text(row.text);
    ASSERT_TRUE(rule.ok()) << row.text;
    EXPECT_EQ(rule->comparison, row.comparison) << row.text;
    EXPECT_EQ(rule->value, std::vector<int64_t>{1});
    EXPECT_EQ(std::string(comparison_text(row.comparison)) + "1", row.text);
  }
  EXPECT_FALSE(version_rule_from_text("1").ok());
  EXPECT_FALSE(version_rule_from_text(">=").ok());
  EXPECT_EQ(comparison_text(6), "");
}

}  // namespace
}  // namespace tailor::authoring
