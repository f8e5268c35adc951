// SPDX-License-Identifier: Apache-2.0
// The model is trusted by every power-loss proof, so it is tested itself: contract breaches are caught, and a cut
// leaves what its name says and nothing more.
#include "testing/flash/nor_flash.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace tailor::testing {
namespace {

using Octets = std::vector<uint8_t>;

class Nor : public ::testing::TestWithParam<tailor_flash_geometry_t> {
 protected:
  static constexpr uint32_t kSector = 256;
  uint32_t granule = GetParam().write_granule_bytes;
  uint8_t erased = GetParam().erased_value;
  NorFlash flash{GetParam()};

  tailor_port_status_t write(uint32_t offset, const Octets& bytes) {
    return flash.port().write(flash.port().context, offset, bytes.data(), static_cast<uint32_t>(bytes.size()));
  }
  tailor_port_status_t erase(uint32_t offset) { return flash.port().erase(flash.port().context, offset); }
  Octets read(uint32_t offset, uint32_t length, tailor_port_status_t expected = TAILOR_PORT_OK) {
    Octets out(length);
    EXPECT_EQ(flash.port().read(flash.port().context, offset, out.data(), length), expected);
    return out;
  }
  Octets pattern(uint8_t seed, uint32_t count = 1) const {
    Octets out(granule * count);
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<uint8_t>((seed + i * 29) ^ 0x55);
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(Geometries, Nor,
                         ::testing::Values(tailor_flash_geometry_t{1024, 256, 1, 0xff},
                                           tailor_flash_geometry_t{1024, 256, 4, 0x00},
                                           tailor_flash_geometry_t{1024, 256, 8, 0xff},
                                           tailor_flash_geometry_t{1024, 256, 32, 0x00}));

TEST_P(Nor, KeepsTheContractAgainstItsCaller) {
  EXPECT_EQ(write(0, pattern(1)), TAILOR_PORT_OK);
  EXPECT_EQ(read(0, granule), pattern(1));
  EXPECT_EQ(flash.violation(), "");
  const struct {
    uint32_t offset;
    Octets bytes;
  } rows[] = {{0, pattern(1)}, {1024, pattern(1)}, {1024 - granule, pattern(1, 2)}, {0xffffff00U, pattern(1)}};
  for (const auto& row : rows) EXPECT_EQ(write(row.offset, row.bytes), TAILOR_PORT_CONTRACT) << row.offset;
  EXPECT_EQ(erase(1024), TAILOR_PORT_CONTRACT);
  EXPECT_EQ(erase(4), TAILOR_PORT_CONTRACT);
  read(1020, 8, TAILOR_PORT_CONTRACT);
  EXPECT_NE(flash.violation(), "");
  EXPECT_EQ(erase(0), TAILOR_PORT_OK);
  EXPECT_EQ(write(0, pattern(2)), TAILOR_PORT_OK);
  EXPECT_EQ(flash.erases(0), 1U);
}

TEST_P(Nor, WritesDownEveryGranuleAndEverySector) {
  ASSERT_EQ(write(256, pattern(1, 3)), TAILOR_PORT_OK);
  ASSERT_EQ(erase(512), TAILOR_PORT_OK);
  const auto& operations = flash.operations();
  ASSERT_EQ(operations.size(), 4U);
  EXPECT_EQ(operations[1].offset, 256 + granule);
  EXPECT_EQ(operations[1].data.size(), granule);
  EXPECT_TRUE(operations[3].is_erase);
  // The same operations on the same cells give the same cells.
  Cells again(GetParam());
  for (const FlashOperation& operation : operations) {
    if (operation.is_erase) {
      again.erase(operation.offset);
    } else {
      EXPECT_EQ(again.program(operation), Cells::Answer::kDone);
    }
  }
  EXPECT_EQ(again.hash(), flash.cells().hash());
}

TEST_P(Nor, ACutLeavesWhatItsNameSays) {
  const FlashOperation program{false, 256, pattern(3)};
  const Octets blank(granule, erased);
  for (const Loss loss : kAllLosses) {
    Cells cells(GetParam());
    cells.cut(program, loss, 99);
    flash.load(cells, 5);
    std::set<Octets> seen;
    for (int i = 0; i < 40; ++i) {
      flash.restart();
      seen.insert(read(256, granule, loss == Loss::kUnreadable ? TAILOR_PORT_FAILED : TAILOR_PORT_OK));
    }
    EXPECT_EQ(read(256 + granule, kSector - granule), Octets(kSector - granule, erased)) << "a neighbour changed";
    EXPECT_EQ(cells.sound(256, granule), loss == Loss::kNothing || loss == Loss::kDone) << name_of(loss);
    switch (loss) {
      case Loss::kNothing:
      case Loss::kUnseen:
        EXPECT_EQ(seen, std::set<Octets>{blank});
        break;
      case Loss::kDone:
        EXPECT_EQ(seen, std::set<Octets>{pattern(3)});
        break;
      case Loss::kFlicker:
        EXPECT_EQ(seen, (std::set<Octets>{blank, pattern(3)}));
        break;
      case Loss::kUnstable:
        EXPECT_GT(seen.size(), 4U);
        break;
      case Loss::kHalf:
      case Loss::kRandom:
        EXPECT_EQ(seen.size(), 1U) << "stays what it is";
        break;
      case Loss::kUnreadable:
        break;
    }
    for (const Octets& value : seen) {
      for (uint32_t i = 0; i < granule && loss != Loss::kUnreadable; ++i) {
        EXPECT_EQ((value[i] ^ erased) & ~(pattern(3)[i] ^ erased), 0) << "a bit moved that had not to";
      }
    }
    EXPECT_EQ(erase(256), TAILOR_PORT_OK);
    EXPECT_EQ(write(256, pattern(4)), TAILOR_PORT_OK) << "an erase makes good";
    EXPECT_EQ(read(256, granule), pattern(4));
  }
}

TEST_P(Nor, ACutEraseLeavesItsSectorInDoubtAndNoOther) {
  Cells written(GetParam());
  for (uint32_t at = 256; at < 768; at += granule)
    ASSERT_EQ(written.program({false, at, pattern(7)}), Cells::Answer::kDone);
  for (const Loss loss : kAllLosses) {
    Cells cells = written;
    cells.cut({true, 256, {}}, loss, 99);
    flash.load(cells, 5);
    EXPECT_EQ(read(512, granule), pattern(7));
    EXPECT_TRUE(cells.sound(512, 256));
    EXPECT_EQ(cells.sound(256, 256), loss == Loss::kNothing || loss == Loss::kDone) << name_of(loss);
    EXPECT_EQ(loss == Loss::kNothing, cells.hash() == written.hash());
    if (loss == Loss::kFlicker) {
      std::set<Octets> seen;
      for (int i = 0; i < 40; ++i) {
        flash.restart();
        seen.insert(read(256, 256));
      }
      EXPECT_EQ(seen.size(), 2U) << "as a whole";
    }
    EXPECT_EQ(erase(256), TAILOR_PORT_OK);
    EXPECT_EQ(read(256, 256), Octets(256, erased));
    EXPECT_EQ(flash.violation(), "");
  }
  EXPECT_TRUE(written.sound(256, 256)) << "a copy was changed with its original";
}

TEST_P(Nor, WritesToTouchedGranulesAreCountedAndRefusedByPartsWithCodes) {
  Cells cells(GetParam());
  cells.cut({false, 0, pattern(3)}, Loss::kHalf, 1);
  flash.load(cells, 1);
  EXPECT_EQ(write(0, pattern(4)), granule >= 8 ? TAILOR_PORT_FAILED : TAILOR_PORT_OK);
  EXPECT_EQ(flash.doubtful_writes(), 1U);
  EXPECT_EQ(flash.violation(), "") << "the caller cannot know";
}

TEST_P(Nor, FailsTheChosenCallAndWorksAgain) {
  flash.fail_operation(2, Loss::kNothing);
  EXPECT_EQ(write(0, pattern(1, 3)), TAILOR_PORT_FAILED);
  EXPECT_EQ(write(granule, pattern(1, 2)), TAILOR_PORT_OK);
  flash.fail_operation(1, Loss::kRandom);
  EXPECT_EQ(erase(0), TAILOR_PORT_FAILED);
  EXPECT_EQ(erase(0), TAILOR_PORT_OK);
  flash.fail_read(2);
  read(0, 4);
  read(0, 4, TAILOR_PORT_FAILED);
  read(0, 4);
}

}  // namespace
}  // namespace tailor::testing
