// SPDX-License-Identifier: Apache-2.0
// The part of the power-loss proof that fits into every test run: each install mode, each kind of cut, small images.
// tests/powerfail/main.cpp is the long one.
#include <gtest/gtest.h>

#include "tests/powerfail/campaign.hpp"

namespace tailor::powerfail {
namespace {

constexpr Behaviour kStories[] = {Behaviour::kGood, Behaviour::kCrashes, Behaviour::kHangs, Behaviour::kGivesUp,
                                  Behaviour::kLies};

class PowerFail : public ::testing::TestWithParam<boot::InstallMode> {
 protected:
  static const Geometry& geometry(std::string_view name) {
    for (const Geometry& candidate : geometries()) {
      if (candidate.name == name) return candidate;
    }
    ADD_FAILURE() << "no geometry " << name;
    return geometries().front();
  }
  Maker maker;
};
INSTANTIATE_TEST_SUITE_P(Modes, PowerFail, ::testing::ValuesIn(kModes), [](const auto& with) {
  std::string name = name_of(with.param);
  name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
  return name;
});

TEST_P(PowerFail, AnUpdateSurvivesACutAtEveryGranuleAndErase) {
  for (const char* name : {"256/4/ff", "256/32/ff", "256/8/00"}) {
    Tally tally = Campaign(maker, geometry(name), GetParam(), Behaviour::kGood).cut_everywhere({});
    EXPECT_EQ(tally.faults, 0U) << tally.first_fault;
    EXPECT_GT(tally.cuts, 8 * tally.operations);
    // A cut costs no sector more than two erases, however often the journal is begun anew.
    for (const auto& [region, most] : tally.erases) {
      EXPECT_LE(most, tally.erases_plain[region] + 2) << name << ": " << region;
    }
  }
}

TEST_P(PowerFail, AnUpdateWithADependencySurvivesACutAtEveryGranuleAndErase) {
  for (const char* name : {"256/32/ff", "256/8/00"}) {
    Tally tally = Campaign(maker, geometry(name), GetParam(), Behaviour::kGood, Manifests::kTwo).cut_everywhere({});
    EXPECT_EQ(tally.faults, 0U) << tally.first_fault;
    EXPECT_GT(tally.cuts, 8 * tally.operations);
  }
}

TEST_P(PowerFail, AnUpdateSurvivesPairsOfCutsFromTheTrialsFirstRecordOn) {
  // A part of them, spread evenly; the long proof takes each.
  const uint64_t stride = GetParam() == boot::InstallMode::kInPlace ? 1 : 5;
  Tally tally = Campaign(maker, geometry("256/32/ff"), GetParam(), Behaviour::kGood)
                    .cut_everywhere({.depth = 2, .stride = stride, .only_after_install = true});
  EXPECT_EQ(tally.faults, 0U) << tally.first_fault;
  EXPECT_GT(tally.cuts, 5'000U);
}

TEST_P(PowerFail, AnImageThatIsNoGoodGoesAwayWhereverPowerIsCut) {
  for (const Behaviour behaviour : kStories) {
    if (behaviour == Behaviour::kGood || !Campaign::makes_sense(GetParam(), behaviour)) continue;
    Tally tally = Campaign(maker, geometry("256/32/ff"), GetParam(), behaviour).cut_everywhere({});
    EXPECT_EQ(tally.faults, 0U) << tally.first_fault;
    EXPECT_GT(tally.cuts, 8 * tally.operations);
  }
}

TEST_P(PowerFail, AnImageThatIsNoGoodGoesAwayAfterPairsOfCuts) {
  for (const Behaviour behaviour : kStories) {
    if (behaviour == Behaviour::kGood || !Campaign::makes_sense(GetParam(), behaviour)) continue;
    const uint64_t stride = GetParam() == boot::InstallMode::kInPlace ? 1 : 13;
    Tally tally = Campaign(maker, geometry("256/32/ff"), GetParam(), behaviour)
                      .cut_everywhere({.depth = 2, .stride = stride, .only_after_install = true});
    EXPECT_EQ(tally.faults, 0U) << tally.first_fault;
  }
}

TEST_P(PowerFail, AFaultOfTheFlashCostsAtMostTheUpdate) {
  Tally tally = Campaign(maker, geometry("256/32/ff"), GetParam(), Behaviour::kGood).fail_everywhere();
  EXPECT_EQ(tally.faults, 0U) << tally.first_fault;
}

TEST_P(PowerFail, UnreadableSectorsThatNobodyNeedsStopNoUpdate) {
  Tally tally = Campaign(maker, geometry("256/8/00"), GetParam(), Behaviour::kGood).unreadable_everywhere();
  EXPECT_EQ(tally.faults, 0U) << tally.first_fault;
  EXPECT_GT(tally.cuts, 10U);
}

TEST_P(PowerFail, ASectorThatDiesCostsTheUpdateAndNotTheDeviceWhereAnImageIsLeft) {
  Tally tally = Campaign(maker, geometry("256/32/ff"), GetParam(), Behaviour::kGood).die_everywhere();
  EXPECT_EQ(tally.faults, 0U) << tally.first_fault;
  if (!Campaign::makes_sense(GetParam(), Behaviour::kCrashes)) return;
  tally = Campaign(maker, geometry("256/32/ff"), GetParam(), Behaviour::kCrashes).die_everywhere();
  EXPECT_EQ(tally.faults, 0U) << tally.first_fault;
}

TEST(FastCrc, IsTheOneThatItStandsFor) {
  uint64_t random = 99;
  for (size_t length = 0; length < 100; ++length) {
    Octets bytes(length);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(testing::next_random(random) >> 24U);
    uint32_t expected = UINT32_MAX;
    for (const uint8_t byte : bytes) {
      expected ^= byte;
      for (int bit = 0; bit < 8; ++bit) expected = (expected >> 1U) ^ ((expected & 1U) != 0 ? 0xedb88320U : 0U);
    }
    Crc32 pieces;
    pieces.update(ByteView(bytes).first(length / 3));
    pieces.update(ByteView(bytes).subspan(length / 3));
    EXPECT_EQ(pieces.value(), ~expected) << length;
  }
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xcbf43926U);
}

}  // namespace
}  // namespace tailor::powerfail
