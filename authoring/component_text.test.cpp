// SPDX-License-Identifier: Apache-2.0
#include "authoring/component_text.hpp"

#include <gtest/gtest.h>

namespace tailor::authoring {
namespace {

Bytes bytes_of(std::string_view text) {
  return Bytes(text.begin(), text.end());
}

TEST(ComponentText, RoundTrip) {
  const struct {
    const char* text;
    ComponentParts parts;
  } rows[] = {
      {"", {}},
      {"app", {bytes_of("app")}},
      {"app/config", {bytes_of("app"), bytes_of("config")}},
      {"0x00", {{0}}},
      {"0x00/app", {{0}, bytes_of("app")}},
      {"0x3078", {bytes_of("0x")}},  // a text that looks like hexadecimal keeps its meaning
  };
  for (const auto& row : rows) {
    const auto parts = component_from_text(row.text);
    ASSERT_TRUE(parts.ok()) << row.text;
    EXPECT_EQ(parts.value(), row.parts) << row.text;
    EXPECT_EQ(component_to_text(row.parts), row.text);
  }
}

TEST(ComponentText, RefusesWhatDevicesWouldRefuse) {
  const std::string long_part(65, 'a');
  for (const std::string& text :
       {std::string("/"), std::string("app/"), std::string("/app"), std::string("a//b"), std::string("0x"),
        std::string("0x0"), std::string("0xzz"), std::string("a/b/c/d/e"), long_part}) {
    const auto parts = component_from_text(text);
    ASSERT_FALSE(parts.ok()) << text;
    EXPECT_EQ(parts.error().code, Error::kValueOutOfRange) << text;
  }
  EXPECT_TRUE(component_from_text(std::string(64, 'a')).ok());
  EXPECT_TRUE(component_from_text("a/b/c/d").ok());
}

}  // namespace
}  // namespace tailor::authoring
