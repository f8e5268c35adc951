// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace tailor::cli {
namespace {

TEST(Table, AlignsColumnsAndEndsLinesWithoutBlanks) {
  Table table({"ID", "VERSION", "STATE"});
  EXPECT_TRUE(table.empty());
  table.add({"a", "1.0", "idle"});
  table.add({"b\u00fccher", "2"});
  std::ostringstream out;
  table.write(out);
  EXPECT_EQ(out.str(),
            "ID      VERSION  STATE\n"
            "a       1.0      idle\n"
            "b\u00fccher  2\n");
}

TEST(Table, ADeviceCannotWriteToTheTerminal) {
  Table table({"VERSION"});
  table.add({"1.0\x1b[2J\n\x7f"});
  std::ostringstream out;
  table.write(out);
  EXPECT_EQ(out.str(), "VERSION\n1.0?[2J??\n");
}

}  // namespace
}  // namespace tailor::cli
