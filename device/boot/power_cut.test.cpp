// SPDX-License-Identifier: Apache-2.0
// The proof: power fails at every flash operation of an update and of a revert, in the middle of it too, and again at
// every operation of what follows. The device always boots a whole image, old or new, finishes the update, fetches
// nothing twice but the block that was cut, and takes the next update.
#include "device/boot/device.test.hpp"

namespace tailor::boot {
namespace {

const TestImage kV0{"v0", 5};
const TestImage kV1{"v1", 10};
const TestImage kV2{"v2", 20};
const TestImage kBad{"v2-bad", 20, Behaviour::kCrashes};
const TestImage kV3{"v3", 30};

struct Geometry {
  uint32_t granule;
  uint8_t erased;
};
class PowerCut : public ::testing::TestWithParam<Geometry> {
 protected:
  Device device{GetParam().granule, GetParam().erased};

  /// Flash operations from here until `name` runs confirmed.
  uint64_t operations_until(const std::string& name) {
    const uint64_t before = device.flash.operations();
    EXPECT_TRUE(device.runs_until(name)) << device.running();
    return device.flash.operations() - before;
  }
  void TearDown() override { EXPECT_EQ(device.flash.violation(), ""); }
};
INSTANTIATE_TEST_SUITE_P(Geometries, PowerCut,
                         ::testing::Values(Geometry{4, 0xff}, Geometry{1, 0x00}, Geometry{32, 0xff}));

std::string where(uint64_t first, Cut cut) {
  return "cut " + std::to_string(first) + " " + testing::name_of(cut);
}

TEST_P(PowerCut, AnUpdateSurvivesACutAtEveryOperation) {
  ASSERT_TRUE(device.provisioned_with(kV0).receives(kV1).runs_until("v1"));
  const FakeFlash::Snapshot factory = device.flash.snapshot();
  device.receives(kV2);
  const uint64_t total = operations_until("v2");
  EXPECT_EQ(device.fetched(), kV2.size);
  for (uint64_t first = 1; first <= total; ++first) {
    for (const Cut cut : kAllCuts) {
      device.flash.restore(factory);
      device.refused.clear();
      device.receives(kV2).loses_power_at(first, cut);
      ASSERT_FALSE(device.runs_until("v2")) << where(first, cut);
      device.power_on();
      ASSERT_TRUE(device.runs_until("v2")) << where(first, cut) << ": " << device.running();
      EXPECT_LE(device.fetched(), kV2.size + Device::kBlock) << where(first, cut);
      EXPECT_EQ(device.state().counter({}), 20U);
      ASSERT_TRUE(device.receives(kV3).runs_until("v3")) << where(first, cut);
      EXPECT_EQ(device.fetched(), kV3.size);
    }
  }
}

TEST_P(PowerCut, AnUpdateSurvivesEveryPairOfCuts) {
  ASSERT_TRUE(device.provisioned_with(kV0).receives(kV1).runs_until("v1"));
  const FakeFlash::Snapshot factory = device.flash.snapshot();
  device.receives(kV2);
  const uint64_t total = operations_until("v2");
  size_t cases = 0;
  for (uint64_t first = 1; first <= total; ++first) {
    for (const Cut cut : {Cut::kHalf, Cut::kTorn}) {
      device.flash.restore(factory);
      device.receives(kV2).loses_power_at(first, cut);
      device.runs_until("v2");
      device.power_on();
      const FakeFlash::Snapshot after_first = device.flash.snapshot();
      for (uint64_t second = 1;; ++second) {
        bool reached = false;
        for (const Cut again : kAllCuts) {
          device.flash.restore(after_first);
          device.loses_power_at(second, again);
          if (device.runs_until("v2")) {
            device.power_on();
            break;
          }
          reached = true;
          ++cases;
          device.power_on();
          ASSERT_TRUE(device.runs_until("v2"))
              << where(first, cut) << ", then " << where(second, again) << ": " << device.running();
        }
        if (!reached) break;
      }
    }
  }
  EXPECT_GT(cases, total * total / 2);
  RecordProperty("cases", static_cast<int>(cases));
}

TEST_P(PowerCut, ARevertSurvivesACutAtEveryOperationAndEveryPair) {
  ASSERT_TRUE(device.provisioned_with(kV0).receives(kV1).runs_until("v1"));
  const FakeFlash::Snapshot factory = device.flash.snapshot();
  device.receives(kBad);
  const uint64_t total = operations_until("v1");
  EXPECT_EQ(device.refused.count("v2-bad"), 1U);
  const auto goes_back = [this](const std::string& name) {
    ASSERT_TRUE(device.runs_until("v1")) << name << ": " << device.running();
    ASSERT_EQ(device.refused.count("v2-bad"), 1U) << name << ": the revert was not told";
    ASSERT_EQ(device.outcome().kind, OutcomeKind::kReverted) << name;
    ASSERT_TRUE(device.outcome().error == Error::kTrialCrashed || device.outcome().error == Error::kTrialNotConfirmed);
    ASSERT_EQ(device.state().counter({}), 10U) << name << ": the counter rose before confirm";
  };
  for (uint64_t first = 1; first <= total; ++first) {
    for (const Cut cut : kAllCuts) {
      device.flash.restore(factory);
      device.refused.clear();
      device.receives(kBad).loses_power_at(first, cut);
      device.runs_until("v1");
      device.power_on();
      const FakeFlash::Snapshot after_first = device.flash.snapshot();
      const std::set<std::string> refused_then = device.refused;
      goes_back(where(first, cut));
      ASSERT_TRUE(device.receives(kV3).runs_until("v3")) << where(first, cut);
      if (cut != Cut::kTorn) continue;
      for (uint64_t second = 1;; ++second) {
        device.flash.restore(after_first);
        device.refused = refused_then;
        device.receives(kBad).loses_power_at(second, Cut::kHalf);
        const bool done = device.runs_until("v1");
        device.power_on();
        if (done) break;
        goes_back(where(first, cut) + ", then " + where(second, Cut::kHalf));
      }
    }
  }
}

TEST_P(PowerCut, ManyCutsInARowStillConverge) {
  ASSERT_TRUE(device.provisioned_with(kV0).receives(kV1).runs_until("v1"));
  const FakeFlash::Snapshot factory = device.flash.snapshot();
  device.policy.trial_attempts = 255;
  uint32_t random = 12345;
  for (int round = 0; round < 300; ++round) {
    device.flash.restore(factory);
    device.receives(kV2);
    int cuts = 0;
    while (true) {
      random = random * 1664525U + 1013904223U;
      const uint64_t operation = 1 + (random >> 8U) % (cuts < 20 ? 24U : 400U);
      device.loses_power_at(operation, kAllCuts[(random >> 4U) % 4]);
      const bool done = device.runs_until("v2");
      device.power_on();
      if (done) break;
      ASSERT_LT(++cuts, 200);
    }
  }
}

TEST_P(PowerCut, TheFailureOfAnyFlashCallDelaysAnUpdateAndBreaksNothing) {
  ASSERT_TRUE(device.provisioned_with(kV0).receives(kV1).runs_until("v1"));
  const FakeFlash::Snapshot factory = device.flash.snapshot();
  const uint64_t before = device.flash.calls();
  ASSERT_TRUE(device.receives(kV2).runs_until("v2"));
  const uint64_t total = device.flash.calls() - before;
  for (uint64_t call = 1; call <= total; call += 1) {
    device.flash.restore(factory);
    device.refused.clear();
    device.receives(kV2);
    device.flash.fail_call_at(call);
    const bool updated = device.runs_until("v2");
    device.flash.fail_call_at(0);
    // One unreadable byte while the new image is verified or confirms itself may cost the trial; never the device.
    if (!updated) {
      ASSERT_TRUE(device.refused.contains("v2")) << call << ": " << device.running();
      ASSERT_EQ(device.running(), "v1") << call;
    }
    ASSERT_TRUE(device.receives(kV3).runs_until("v3")) << call << ": " << device.running();
  }
}

}  // namespace
}  // namespace tailor::boot
