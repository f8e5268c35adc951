// SPDX-License-Identifier: Apache-2.0
#include "device/agent/staging_component.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "testing/fake_flash.hpp"

namespace tailor::agent {
namespace {

using processor::Expectation;
using testing::FakeFlash;

constexpr uint32_t kSector = 512;
constexpr uint32_t kBlock = 64;

crypto::Sha256Digest manifest(uint8_t name) {
  crypto::Sha256Digest digest{};
  digest.fill(name);
  return digest;
}

class Staging : public ::testing::Test {
 protected:
  Staging() {
    EXPECT_TRUE(store.format().ok());
    for (size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<uint8_t>(i * 7 + i / 256);
  }
  [[nodiscard]] boot::SlotWriter::Regions regions() {
    return {{flash.port(), 32 * kSector, 4 * kSector},
            {flash.port(), 36 * kSector, 2 * kSector},
            {flash.port(), 38 * kSector, kSector}};
  }
  [[nodiscard]] Expectation of_payload() const {
    Expectation expected;
    expected.size = static_cast<uint32_t>(payload.size());
    return expected;
  }
  /// Receives the payload from where the component wants it, as the processor does.
  Status receive(StagingComponent& component, const Expectation& expected) {
    TAILOR_TRY_ASSIGN(uint32_t offset, component.open(expected));
    while (offset < payload.size()) {
      const size_t count = std::min<size_t>(kBlock, payload.size() - offset);
      fetched += count;
      TAILOR_TRY(component.write(offset, ByteView(payload).subspan(offset, count)));
      offset += static_cast<uint32_t>(count);
    }
    return component.finish(offset);
  }
  std::vector<uint8_t> content(StagingComponent& component) {
    const auto size = component.size();
    EXPECT_TRUE(size.ok());
    std::vector<uint8_t> out(size.ok() ? *size : 0);
    const auto read = component.read(0, out);
    EXPECT_TRUE(read.ok() && *read == out.size());
    uint8_t beyond = 0;
    EXPECT_EQ(component.read(static_cast<uint32_t>(out.size()), {&beyond, 1}).value(), 0U);
    return out;
  }

  FakeFlash flash{{40 * kSector, kSector, 8, 0xff}};
  storage::RecordStore store{FlashRegion(flash.port(), 0, 32 * kSector)};
  std::vector<uint8_t> payload = std::vector<uint8_t>(1500);
  size_t fetched = 0;
};

TEST_F(Staging, KeepsAPayloadForTheManifestThatFetchedIt) {
  StagingComponent component(store, regions());
  component.expect(manifest(1), kBlock);
  EXPECT_EQ(component.size().value(), 0U);
  ASSERT_TRUE(receive(component, of_payload()).ok());
  EXPECT_EQ(content(component), payload);
  component.expect(manifest(2), kBlock);
  EXPECT_EQ(component.size().value(), 0U) << "what another manifest fetched is not this one's";
  ASSERT_TRUE(receive(component, of_payload()).ok());
  EXPECT_EQ(fetched, 2 * payload.size());
}

TEST_F(Staging, ARestartFetchesNothingTwice) {
  for (const uint32_t size : {static_cast<uint32_t>(payload.size()), Expectation::kUnknownSize}) {
    Expectation expected;
    expected.size = size;
    {
      StagingComponent component(store, regions());
      component.expect(manifest(static_cast<uint8_t>(size)), kBlock);
      ASSERT_TRUE(receive(component, expected).ok());
    }
    ASSERT_TRUE(store.mount().ok());
    StagingComponent component(store, regions());
    component.expect(manifest(static_cast<uint8_t>(size)), kBlock);
    EXPECT_EQ(component.open(expected).value(), payload.size());
    EXPECT_TRUE(component.is_whole());
    ASSERT_TRUE(component.write(static_cast<uint32_t>(payload.size()), {}).ok());
    ASSERT_TRUE(component.finish(static_cast<uint32_t>(payload.size())).ok());
    EXPECT_EQ(content(component), payload);
    ASSERT_TRUE(receive(component, expected).ok()) << "a manifest that fetches again gets it again";
    EXPECT_EQ(content(component), payload);
  }
  EXPECT_EQ(fetched, 4 * payload.size());
}

TEST_F(Staging, AnotherPayloadOfTheSameManifestIsAnother) {
  StagingComponent component(store, regions());
  component.expect(manifest(1), kBlock);
  ASSERT_TRUE(receive(component, of_payload()).ok());
  for (const bool of_size : {true, false}) {
    component.expect(manifest(1), kBlock);
    Expectation other = of_payload();
    const auto digest = manifest(9);
    of_size ? void(other.size = 1499) : void(other.digest = digest);
    EXPECT_EQ(component.open(other).value(), 0U);
    EXPECT_FALSE(component.is_whole());
  }
}

TEST_F(Staging, RefusesWhatIsNotInOrder) {
  StagingComponent component(store, regions());
  component.expect(manifest(1), kBlock);
  EXPECT_EQ(component.finish(0).error(), Error::kStateConflict);
  EXPECT_EQ(component.write(0, payload).error(), Error::kStateConflict);
  Expectation expected;
  expected.size = 4 * kSector + 1;
  EXPECT_EQ(component.open(expected).error(), Error::kImageTooLarge);
  expected.size = 4 * kSector;
  EXPECT_TRUE(component.open(expected).ok());
  expected.metadata = payload;
  EXPECT_EQ(component.open(expected).error(), Error::kParameterUnsupported);
  ASSERT_TRUE(component.open(of_payload()).ok());
  ASSERT_TRUE(component.write(0, ByteView(payload).first(kBlock)).ok());
  EXPECT_EQ(component.finish(kBlock + 1).error(), Error::kImageSizeMismatch);
}

TEST_F(Staging, WhatIsRemovedIsGoneAlsoAfterARestart) {
  StagingComponent component(store, regions());
  component.expect(manifest(1), kBlock);
  EXPECT_TRUE(component.remove().ok()) << "there is nothing";
  ASSERT_TRUE(receive(component, of_payload()).ok());
  ASSERT_TRUE(component.remove().ok());
  EXPECT_EQ(component.size().value(), 0U);
  StagingComponent again(store, regions());
  again.expect(manifest(1), kBlock);
  EXPECT_EQ(again.open(of_payload()).value(), 0U);
}

// Power fails at each flash operation of a reception, before, in the middle and after it: what comes out is the
// payload, and what was marked is not fetched again.
TEST_F(Staging, APowerCutAnywhereLosesAMarkAtMost) {
  {
    // Something of before is in the way.
    StagingComponent component(store, regions());
    component.expect(manifest(9), kBlock);
    std::vector<uint8_t> old(2000, 0x5a);
    std::swap(old, payload);
    ASSERT_TRUE(receive(component, of_payload()).ok());
    std::swap(old, payload);
  }
  const FakeFlash::Snapshot before = flash.snapshot();
  for (const testing::Cut cut : testing::kAllCuts) {
    for (uint64_t operation = 1;; ++operation) {
      SCOPED_TRACE(std::string(testing::name_of(cut)) + " at " + std::to_string(operation));
      flash.restore(before);
      ASSERT_TRUE(store.mount().ok());
      fetched = 0;
      flash.cut_power_at(operation, cut);
      {
        StagingComponent component(store, regions());
        component.expect(manifest(1), kBlock);
        static_cast<void>(receive(component, of_payload()));
      }
      const bool was_cut = !flash.has_power();
      flash.power_on();
      ASSERT_TRUE(store.mount().ok());
      StagingComponent component(store, regions());
      component.expect(manifest(1), kBlock);
      ASSERT_TRUE(receive(component, of_payload()).ok());
      ASSERT_EQ(content(component), payload);
      EXPECT_LE(fetched, payload.size() + 3 * kBlock);
      EXPECT_EQ(flash.violation(), "");
      if (!was_cut) {
        EXPECT_GT(operation, 20U);
        break;
      }
    }
  }
}

}  // namespace
}  // namespace tailor::agent
