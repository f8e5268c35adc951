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

TEST_P(Area, StoresWhatArrivesInPieces) {
  const std::string whole = "an envelope that arrives in pieces of any size";
  for (size_t piece = 1; piece <= whole.size(); ++piece) {
    ASSERT_TRUE(area.erase().ok());
    ManifestArea::Writer writer(area);
    for (size_t at = 0; at < whole.size(); at += piece) {
      ASSERT_EQ(area.length().error(), Error::kNotFound) << "it counts as a whole or not at all";
      ASSERT_TRUE(writer.append(as_bytes(std::string_view(whole).substr(at, piece))).ok());
    }
    ASSERT_TRUE(writer.finish(3).ok());
    EXPECT_EQ(loaded(), whole);
    EXPECT_EQ(area.length().value(), whole.size());
    EXPECT_EQ(area.session().value(), 3U);
    std::array<uint8_t, 8> part;
    ASSERT_TRUE(area.read(3, part).ok());
    EXPECT_EQ(as_text(part), whole.substr(3, 8));
  }
}

TEST_P(Area, AWriterRefusesWhatDoesNotFit) {
  const uint32_t header = GetParam() == 32 ? 32 : 28;
  ASSERT_TRUE(area.erase().ok());
  ManifestArea::Writer writer(area);
  const std::vector<uint8_t> all_but_one(512 - header - 1, 'x');
  ASSERT_TRUE(writer.append(all_but_one).ok());
  EXPECT_EQ(writer.append("78 78"_hex).error(), Error::kManifestTooLarge);
  ASSERT_TRUE(writer.append("78"_hex).ok()) << "what did not fit left nothing behind";
  EXPECT_EQ(writer.append("78"_hex).error(), Error::kManifestTooLarge);
  ASSERT_TRUE(writer.finish(1).ok());
  EXPECT_EQ(area.length().value(), 512 - header);
}

TEST(DependencyRegion, IsWhatTheRootLeaves) {
  FakeFlash small({16 * 1024, 1024, 4, 0xff});
  FakeFlash large({16 * 1024, 8192, 4, 0xff});
  const auto of = [](const FakeFlash& flash, uint32_t size) {
    return dependency_region(FlashRegion(flash.port(), 0, size));
  };
  // A root takes 2,048 bytes and what is around them: three sectors of 1,024.
  EXPECT_EQ(of(small, 3 * 1024).size(), 0U);
  EXPECT_EQ(of(small, 4 * 1024).size(), 1024U);
  EXPECT_EQ(of(small, 4 * 1024).base(), 3 * 1024U);
  EXPECT_EQ(of(large, 8192).size(), 0U);
  EXPECT_EQ(of(large, 2 * 8192).size(), 8192U);
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
