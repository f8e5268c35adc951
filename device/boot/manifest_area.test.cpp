// SPDX-License-Identifier: Apache-2.0
#include "device/boot/manifest_area.hpp"

#include <gtest/gtest.h>

#include <string>

#include "testing/fake_flash.hpp"

namespace tailor::boot {
namespace {

using namespace literals;
using testing::FakeFlash;

class Area : public ::testing::TestWithParam<uint32_t> {
 protected:
  Status store(uint64_t session, std::string_view first, std::string_view second) {
    TAILOR_TRY(area.erase());
    const ByteView pieces[] = {as_bytes(first), as_bytes(second)};
    return area.store(session, pieces);
  }
  std::string loaded() {
    std::array<uint8_t, 512> out;
    const auto bytes = area.load(out);
    return bytes.ok() ? std::string(as_text(*bytes)) : std::string(name_of(bytes.error()));
  }

  FakeFlash flash{{1024, 512, GetParam(), 0xff}};
  ManifestArea area{FlashRegion(flash.port(), 512, 512)};
};
INSTANTIATE_TEST_SUITE_P(Granules, Area, ::testing::Values(1U, 4U, 32U));

TEST_P(Area, KeepsWhatIsStored) {
  EXPECT_EQ(loaded(), "NotFound");
  ASSERT_TRUE(store(7, "head and ", "manifest").ok());
  EXPECT_EQ(loaded(), "head and manifest");
  EXPECT_EQ(*area.session(), 7U);
  ASSERT_TRUE(store(8, "", "").ok());
  EXPECT_EQ(loaded(), "");
  ASSERT_TRUE(area.erase().ok());
  EXPECT_EQ(loaded(), "NotFound");
  EXPECT_EQ(area.session().error(), Error::kNotFound);
}

TEST_P(Area, WritesTheHeaderThatDocsFormatsFlashShows) {
  constexpr auto kHeader = "54 4c 42 4d 01 00 00 00 02 00 00 00 00 00 00 00 05 00 00 00 b1 09 43 e2 34 9e 19 bb"_hex;
  constexpr auto kContent = "d8 6b a2 02 03"_hex;
  const ByteView pieces[] = {kContent};
  ASSERT_TRUE(area.store(2, pieces).ok());
  EXPECT_TRUE(equal(ByteView(flash.cells()).subspan(512, kHeader.size()), kHeader));
}

TEST_P(Area, RefusesWhatDoesNotFit) {
  const uint32_t header = GetParam() == 32 ? 32 : 28;
  const std::string fits(512 - header, 'x');
  EXPECT_TRUE(store(1, fits, "").ok());
  EXPECT_EQ(loaded(), fits);
  EXPECT_EQ(store(1, fits, "x").error(), Error::kManifestTooLarge);
  EXPECT_EQ(loaded(), "NotFound") << "something was written";
  std::array<uint8_t, 3> small;
  ASSERT_TRUE(store(1, "four", "").ok());
  EXPECT_EQ(area.load(small).error(), Error::kBufferTooSmall);
}

TEST_P(Area, TellsEveryLostBit) {
  ASSERT_TRUE(store(7, "head and ", "manifest").ok());
  const FakeFlash::Snapshot good = flash.snapshot();
  const uint32_t content = GetParam() == 32 ? 32 : 28;
  for (uint32_t at = 0; at < content + 17; ++at) {
    if (at >= 28 && at < content) continue;  // padding
    for (unsigned bit = 0; bit < 8; ++bit) {
      flash.restore(good);
      flash.cells()[512 + at] = static_cast<uint8_t>(flash.cells()[512 + at] ^ (1U << bit));
      ASSERT_EQ(loaded(), "NotFound") << at;
      ASSERT_FALSE(area.session().ok()) << at;
    }
  }
}

}  // namespace
}  // namespace tailor::boot
