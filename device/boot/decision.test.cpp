// SPDX-License-Identifier: Apache-2.0
// The decision without power cuts: trials, reverts, fall-back, anti-rollback, and what the running image may ask for.
#include "device/boot/decision.hpp"

#include "device/boot/device.test.hpp"

namespace tailor::boot {
namespace {

const TestImage kV1{"v1", 10};
const TestImage kV2{"v2", 20};

TEST(BootDecision, RefusesADeviceThatWasNeverProvisioned) {
  Device device;
  EXPECT_TRUE(device.boots());
  EXPECT_EQ(device.running(), "nothing: NotFound");
}

TEST(BootDecision, RunsAnUpdateOnTrialThenConfirmed) {
  Device device;
  ASSERT_TRUE(device.provisioned_with(kV1).receives(kV2).runs_until("v2"));
  EXPECT_EQ(device.trials(), 1);
  EXPECT_EQ(device.outcome().kind, OutcomeKind::kConfirmed);
  EXPECT_EQ(device.outcome().sequence, 20U);
  EXPECT_EQ(device.state().active, Slot::kB);
  EXPECT_EQ(device.state().counter({}), 20U);
}

TEST(BootDecision, AnImageThatOnlyResetsGetsAllItsAttemptsAndNoMore) {
  for (const uint8_t attempts : {uint8_t{1}, uint8_t{3}, uint8_t{7}}) {
    Device device;
    device.policy.trial_attempts = attempts;
    ASSERT_TRUE(device.provisioned_with(kV1).receives({"hangs", 20, Behaviour::kHangs}).runs_until("v1"));
    EXPECT_EQ(device.trials(), attempts);
    EXPECT_EQ(device.outcome(), (Outcome{OutcomeKind::kReverted, Error::kTrialNotConfirmed, false, 20}));
    EXPECT_EQ(device.state().counter({}), 10U);
  }
}

TEST(BootDecision, ACrashThatIsSeenAndAnImageThatGivesUpGoBackAtOnce) {
  Device device;
  ASSERT_TRUE(device.provisioned_with(kV1).receives({"crashes", 20, Behaviour::kCrashes}).runs_until("v1"));
  EXPECT_EQ(device.trials(), 1);
  EXPECT_EQ(device.outcome().error, Error::kTrialCrashed);
  ASSERT_TRUE(device.receives({"gives up", 20, Behaviour::kGivesUp}).runs_until("v1"));
  EXPECT_EQ(device.trials(), 2);
  EXPECT_EQ(device.outcome().error, Error::kNotEnrolled);
  ASSERT_TRUE(device.receives(kV2).runs_until("v2"));
}

TEST(BootDecision, ADamagedActiveImageFallsBackOnlyToWhatTheCounterAllows) {
  // The previous image is below the counter: better nothing than a way back to it.
  Device device;
  ASSERT_TRUE(device.provisioned_with(kV1).receives(kV2).runs_until("v2"));
  device.flash.cells()[26 * 256 + 5] ^= 1;
  EXPECT_TRUE(device.boots());
  EXPECT_EQ(device.running(), "nothing: NoValidImage");

  // A staged image that verifies is above it.
  Device staged;
  staged.provisioned_with(kV1);
  BootControl control(staged.layout());
  ASSERT_TRUE(control.open().ok());
  const std::vector<uint8_t> envelope = kV2.envelope(), image = kV2.bytes();
  const ByteView pieces[] = {envelope};
  staged.receives(kV2);
  ASSERT_TRUE(control.begin({{}, 20, kV2.size}, pieces, 64).ok());
  ASSERT_TRUE(control.write(0, image).ok());
  ASSERT_TRUE(control.stage().ok());
  staged.flash.cells()[22 * 256] ^= 1;
  EXPECT_TRUE(staged.boots());
  EXPECT_EQ(staged.running(), "v2");
  EXPECT_EQ(staged.outcome().kind, OutcomeKind::kFellBack);
  EXPECT_EQ(staged.outcome().error, Error::kImageDigestMismatch);
  EXPECT_EQ(staged.state().active, Slot::kB);
  EXPECT_EQ(staged.state().counter({}), 20U);
}

TEST(BootDecision, EveryChangedBitOfAnInstalledImageStopsIt) {
  Device device;
  device.provisioned_with(kV1);
  for (uint32_t at = 0; at < kV1.size; at += 7) {
    device.flash.cells()[22 * 256 + at] ^= 0x20;
    EXPECT_TRUE(device.boots());
    EXPECT_EQ(device.running(), "nothing: NoValidImage") << at;
    device.flash.cells()[22 * 256 + at] ^= 0x20;
  }
  EXPECT_TRUE(device.runs_until("v1"));
}

TEST(BootDecision, AStoredImageBelowTheCounterDoesNotBoot) {
  Device device;
  device.provisioned_with(kV1);
  BootControl control(device.layout());
  ASSERT_TRUE(control.open().ok());
  ASSERT_TRUE(control.raise_counter({}, 11).ok());
  EXPECT_TRUE(device.boots());
  EXPECT_EQ(device.running(), "nothing: NoValidImage");
}

TEST(BootDecision, AnUnwritableJournalStartsNoTrialAndKeepsTheOldImageRunning) {
  Device device;
  device.provisioned_with(kV1);
  BootControl control(device.layout());
  ASSERT_TRUE(control.open().ok());
  const std::vector<uint8_t> envelope = kV2.envelope(), image = kV2.bytes();
  const ByteView pieces[] = {envelope};
  ASSERT_TRUE(control.begin({{}, 20, kV2.size}, pieces, 64).ok());
  ASSERT_TRUE(control.write(0, image).ok());
  ASSERT_TRUE(control.stage().ok());
  ASSERT_TRUE(control.install().ok());

  // Reads work, writes and erases do not.
  tailor_flash_t worn = device.flash.port();
  worn.write = [](void*, uint32_t, const uint8_t*, uint32_t) { return TAILOR_PORT_FAILED; };
  worn.erase = [](void*, uint32_t) { return TAILOR_PORT_FAILED; };
  Layout layout = device.layout();
  layout.journal = {worn, 0, 4 * 256};
  TestVerifier verifier;
  BootDecision decision(layout, verifier);
  const auto choice = decision.decide();
  ASSERT_TRUE(choice.ok());
  EXPECT_EQ(choice->slot, Slot::kA);
  EXPECT_FALSE(choice->on_trial);
  EXPECT_EQ(choice->outcome.error, Error::kFlashEraseFailed);
}

TEST(BootDecision, EndTrialChangesNothingWithoutATrial) {
  Device device;
  ASSERT_TRUE(device.provisioned_with(kV1).receives(kV2).runs_until("v2"));
  const State before = device.state();
  TestVerifier verifier;
  BootDecision decision(device.layout(), verifier);
  EXPECT_TRUE(decision.end_trial(Error::kTrialCrashed).ok());
  EXPECT_EQ(device.state(), before);
}

TEST(Verdict, PassesOnlyWhenBothWordsSaySo) {
  EXPECT_FALSE(Verdict().passes());
  Verdict verdict = Verdict::pass();
  EXPECT_TRUE(verdict.passes());
  EXPECT_EQ(verdict.distance(), 0U);
  auto* bytes = reinterpret_cast<uint8_t*>(&verdict);
  for (size_t bit = 0; bit < sizeof verdict * 8; ++bit) {
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(verdict.passes()) << bit;
    EXPECT_NE(verdict.distance(), 0U) << bit;
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
  }
  std::fill(bytes, bytes + sizeof verdict, uint8_t{0});
  EXPECT_FALSE(verdict.passes());
  std::fill(bytes, bytes + sizeof verdict, uint8_t{0xff});
  EXPECT_FALSE(verdict.passes());
}

// --- the second look -------------------------------------------------------------------------------------------------

/// A device that has decided, and whose flash something changes before the second look.
struct Looked {
  Looked() { device.provisioned_with(kV1); }
  Result<BootChoice> decides() { return BootDecision(device.layout(), verifier, device.policy).decide(); }
  Verdict looks_again(const BootChoice& choice) {
    return BootDecision(device.layout(), verifier, device.policy).look_again(choice);
  }
  Device device;
  TestVerifier verifier;
};

TEST(SecondLook, SeesWhatTheDecisionSawAndWritesNothing) {
  Looked looked;
  const auto choice = looked.decides();
  ASSERT_TRUE(choice.ok());
  const auto before = looked.device.flash.cells();
  EXPECT_TRUE(looked.looks_again(*choice).passes());
  EXPECT_EQ(looked.device.flash.cells(), before);
}

TEST(SecondLook, RefusesEachThingThatIsNotAsTheDecisionSaidIt) {
  struct Row {
    const char* name;
    void (*change)(Looked& looked, BootChoice& choice);
  };
  const Row kRows[] = {
      {"image", [](Looked& looked, BootChoice&) { looked.device.flash.cells()[22 * 256 + 300] ^= 1; }},
      {"manifest", [](Looked& looked, BootChoice&) { looked.device.flash.cells()[4 * 256 + 30] ^= 1; }},
      {"journal",
       [](Looked& looked, BootChoice&) { std::fill_n(looked.device.flash.cells().begin(), 1024, uint8_t{0xee}); }},
      {"counter",
       [](Looked& looked, BootChoice&) {
         BootControl control(looked.device.layout());
         ASSERT_TRUE(control.open().ok());
         ASSERT_TRUE(control.raise_counter({}, 11).ok());
       }},
      {"slot", [](Looked&, BootChoice& choice) { choice.slot = Slot::kB; }},
      {"a trial that is none", [](Looked&, BootChoice& choice) { choice.on_trial = true; }},
      {"a trial of the other slot",
       [](Looked&, BootChoice& choice) {
         choice.on_trial = true;
         choice.slot = Slot::kB;
       }},
      {"sequence", [](Looked&, BootChoice& choice) { choice.image.sequence = 11; }},
      {"length", [](Looked&, BootChoice& choice) { choice.image.image_bytes -= 1; }},
      {"digest", [](Looked&, BootChoice& choice) { choice.image.digest[31] ^= 1; }},
  };
  for (const Row& row : kRows) {
    Looked looked;
    auto choice = looked.decides();
    ASSERT_TRUE(choice.ok());
    row.change(looked, *choice);
    EXPECT_FALSE(looked.looks_again(*choice).passes()) << row.name;
  }
}

TEST(SecondLook, LooksAtTheImageOnTrial) {
  Looked looked;
  ASSERT_TRUE(looked.device.receives({"v2", 20, Behaviour::kHangs}).boots());  // v1 takes it and asks for its trial
  const auto choice = looked.decides();
  ASSERT_TRUE(choice.ok() && choice->on_trial);
  EXPECT_TRUE(looked.looks_again(*choice).passes());
  looked.device.flash.cells()[26 * 256 + 300] ^= 1;
  EXPECT_FALSE(looked.looks_again(*choice).passes());
}

}  // namespace
}  // namespace tailor::boot
