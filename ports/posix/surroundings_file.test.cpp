// SPDX-License-Identifier: Apache-2.0
#include "ports/posix/surroundings_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace tailor::posix {
namespace {

class Surroundings : public ::testing::Test {
 protected:
  void says(const std::string& text) { std::ofstream(path_) << text; }
  ~Surroundings() override { std::remove(path_.c_str()); }
  std::string path_ = ::testing::TempDir() + "/surroundings-" + std::to_string(::getpid());
  SurroundingsFile file_{path_, -3600};
  const tailor_surroundings_t& port_ = file_.port();
};

TEST_F(Surroundings, TellsWhatItsLinesSay) {
  says("# comment\npower  off\nbattery 1200 # mWh\ndevice 0a1b 1.4.0\ndevice ff 2.0.-1.3\n");
  bool power = true;
  uint64_t left = 0;
  int64_t parts[TAILOR_VERSION_PARTS];
  size_t count = 0;
  ASSERT_EQ(port_.power(port_.context, &power), TAILOR_PORT_OK);
  EXPECT_FALSE(power);
  ASSERT_EQ(port_.battery_mwh(port_.context, &left), TAILOR_PORT_OK);
  EXPECT_EQ(left, 1200U);
  const uint8_t id[] = {0x0a, 0x1b}, other[] = {0xff}, stranger[] = {0x0a};
  ASSERT_EQ(port_.other_version(port_.context, id, 2, parts, &count), TAILOR_PORT_OK);
  ASSERT_EQ(count, 3U);
  EXPECT_EQ(parts[1], 4);
  ASSERT_EQ(port_.other_version(port_.context, other, 1, parts, &count), TAILOR_PORT_OK);
  ASSERT_EQ(count, 4U);
  EXPECT_EQ(parts[2], -1);
  EXPECT_EQ(port_.other_version(port_.context, stranger, 1, parts, &count), TAILOR_PORT_WAIT);
  says("power on\n");
  ASSERT_EQ(port_.power(port_.context, &power), TAILOR_PORT_OK);
  EXPECT_TRUE(power) << "it is read anew";
}

TEST_F(Surroundings, WhatIsNotSaidIsNotKnownYet) {
  bool power = false;
  uint64_t left = 0;
  int64_t parts[TAILOR_VERSION_PARTS];
  size_t count = 0;
  const uint8_t id[] = {0x0a};
  for (const char* text : {"", "power\n", "power maybe\n", "battery -1\n", "battery 1x\n", "device 0a\n",
                           "device 0a 1..2\n", "device 0a 1.\n", "device 0a 1.2.3.4.5.6.7\n", "device 0a x\n"}) {
    says(text);
    EXPECT_EQ(port_.power(port_.context, &power), TAILOR_PORT_WAIT) << text;
    EXPECT_EQ(port_.battery_mwh(port_.context, &left), TAILOR_PORT_WAIT) << text;
    EXPECT_EQ(port_.other_version(port_.context, id, 1, parts, &count), TAILOR_PORT_WAIT) << text;
  }
}

TEST_F(Surroundings, WhatIsNotConfiguredIsNotThere) {
  const SurroundingsFile none("", std::nullopt);
  EXPECT_EQ(none.port().power, nullptr);
  EXPECT_EQ(none.port().battery_mwh, nullptr);
  EXPECT_EQ(none.port().local_offset_seconds, nullptr);
  EXPECT_EQ(none.port().other_version, nullptr);
  int32_t offset = 0;
  ASSERT_EQ(port_.local_offset_seconds(port_.context, &offset), TAILOR_PORT_OK);
  EXPECT_EQ(offset, -3600);
}

}  // namespace
}  // namespace tailor::posix
