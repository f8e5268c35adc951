// SPDX-License-Identifier: Apache-2.0
#include "device/storage/flash_region.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "device/storage/crc32.hpp"
#include "testing/fake_flash.hpp"

namespace tailor {
namespace {

using testing::FakeFlash;

TEST(FlashRegion, RefusesGeometryThatThePortHeaderForbids) {
  const struct {
    const char* name;
    tailor_flash_geometry_t geometry;
    uint32_t base, size;
    bool good;
  } rows[] = {
      {"whole device", {4096, 512, 4, 0xff}, 0, 4096, true},
      {"last sector", {4096, 512, 32, 0x00}, 3584, 512, true},
      {"granule beyond the limit", {4096, 512, 64, 0xff}, 0, 512, false},
      {"granule no power of two", {4096, 512, 3, 0xff}, 0, 512, false},
      {"sector too small", {4096, 128, 4, 0xff}, 0, 512, false},
      {"sector no power of two", {3000, 300, 4, 0xff}, 0, 300, false},
      {"empty", {4096, 512, 4, 0xff}, 0, 0, false},
      {"base inside a sector", {4096, 512, 4, 0xff}, 256, 512, false},
      {"a part of a sector", {4096, 512, 4, 0xff}, 0, 700, false},
      {"one sector too far", {4096, 512, 4, 0xff}, 3584, 1024, false},
      {"base beyond the end", {4096, 512, 4, 0xff}, 8192, 512, false},
  };
  for (const auto& row : rows) {
    tailor_flash_t flash{};
    flash.geometry = row.geometry;
    EXPECT_EQ(FlashRegion(flash, row.base, row.size).check().ok(), row.good) << row.name;
  }
  EXPECT_FALSE(FlashRegion().check().ok());
}

class Region : public ::testing::Test {
 protected:
  FakeFlash flash{{4096, 512, 8, 0xff}};
  FlashRegion region{flash.port(), 512, 1024};
};

TEST_F(Region, KeepsToItsBounds) {
  std::array<uint8_t, 16> bytes{};
  EXPECT_EQ(region.read(1016, bytes).error(), Error::kFlashContract);
  EXPECT_EQ(region.write(1016, bytes).error(), Error::kFlashContract);
  EXPECT_EQ(region.read(0xfffffff8U, bytes).error(), Error::kFlashContract);
  EXPECT_EQ(region.erase_sector(1024).error(), Error::kFlashContract);
  EXPECT_EQ(region.erase(512, 1024).error(), Error::kFlashContract);
  EXPECT_EQ(region.write(4, bytes).error(), Error::kFlashContract);
  EXPECT_EQ(region.write(8, ByteView{bytes}.first(12)).error(), Error::kFlashContract);
  EXPECT_EQ(flash.violation(), "") << "the region lets a breach through to the port";
  EXPECT_TRUE(region.write(1008, bytes).ok());
  EXPECT_EQ(flash.cells()[512 + 1008], 0);
}

TEST_F(Region, NamesTheFailedOperation) {
  std::array<uint8_t, 8> bytes{};
  flash.fail_call_at(1);
  EXPECT_EQ(region.read(0, bytes).error(), Error::kFlashReadFailed);
  flash.fail_call_at(1);
  EXPECT_EQ(region.write(0, bytes).error(), Error::kFlashWriteFailed);
  flash.fail_call_at(1);
  EXPECT_EQ(region.erase_sector(0).error(), Error::kFlashEraseFailed);
}

TEST_F(Region, FindsWhereDataEnds) {
  EXPECT_EQ(*region.end_of_data(0, 1024), 0U);
  EXPECT_TRUE(*region.reads_erased(0, 1024));
  for (const uint32_t at : {0U, 63U, 64U, 65U, 1023U}) {
    flash.cells()[512 + at] = 0x7f;
    EXPECT_EQ(*region.end_of_data(0, 1024), at + 1);
    EXPECT_FALSE(*region.reads_erased(0, at + 1));
    EXPECT_TRUE(*region.reads_erased(at + 1, 1023 - at));
    flash.cells()[512 + at] = 0xff;
  }
}

TEST_F(Region, WriterGathersPiecesIntoGranules) {
  std::vector<uint8_t> data(100);
  std::iota(data.begin(), data.end(), uint8_t{1});
  for (const size_t piece : {1U, 3U, 7U, 8U, 9U, 31U, 100U}) {
    ASSERT_TRUE(region.erase(0, 1024).ok());
    FlashWriter writer(region, 16);
    for (size_t at = 0; at < data.size(); at += piece) {
      ASSERT_TRUE(writer.append(ByteView{data}.subspan(at, std::min(piece, data.size() - at))).ok());
    }
    EXPECT_EQ(*writer.finish(), 16U + 104U);
    std::vector<uint8_t> read(104);
    ASSERT_TRUE(region.read(16, read).ok());
    EXPECT_TRUE(equal(ByteView{read}.first(100), data)) << piece;
    EXPECT_EQ(read[100], 0xff);
    EXPECT_EQ(*region.crc(16, 100), crc32(data));
  }
  EXPECT_EQ(flash.violation(), "");
}

}  // namespace
}  // namespace tailor
