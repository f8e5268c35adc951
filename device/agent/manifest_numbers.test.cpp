// SPDX-License-Identifier: Apache-2.0
#include "device/agent/manifest_numbers.hpp"

#include <gtest/gtest.h>

#include <string>

#include "testing/fake_flash.hpp"

namespace tailor::agent {
namespace {

using namespace literals;
using testing::FakeFlash;

constexpr auto kRoot = "81 41 01"_hex, kDependency = "81 41 02"_hex;

class Numbers : public ::testing::Test {
 protected:
  Numbers() { EXPECT_TRUE(store.format().ok()); }
  uint64_t of(ByteView id) {
    const auto number = numbers.confirmed(id);
    EXPECT_TRUE(number.ok());
    return number.ok() ? *number : UINT64_MAX;
  }
  FakeFlash flash{{16 * 1024, 1024, 4, 0xff}};
  storage::RecordStore store{FlashRegion(flash.port(), 0, 16 * 1024)};
  ManifestNumbers numbers{store};
};

TEST_F(Numbers, RiseWhenAnUpdateIsConfirmedAndNotBefore) {
  EXPECT_EQ(of(kRoot), 0U);
  ASSERT_TRUE(numbers.stage(kDependency, 7).ok());
  ASSERT_TRUE(numbers.stage(kRoot, UINT64_MAX).ok());
  ASSERT_TRUE(numbers.stage(kRoot, UINT64_MAX).ok()) << "the same again, after a restart";
  EXPECT_EQ(of(kRoot), 0U);
  ASSERT_TRUE(numbers.confirm().ok());
  EXPECT_EQ(of(kRoot), UINT64_MAX);
  EXPECT_EQ(of(kDependency), 7U);
  ASSERT_TRUE(numbers.confirm().ok()) << "once more, after a restart";
  EXPECT_EQ(of(kDependency), 7U);
  ASSERT_TRUE(store.mount().ok());
  EXPECT_EQ(of(kDependency), 7U) << "a restart";
}

TEST_F(Numbers, NeverFall) {
  ASSERT_TRUE(numbers.stage(kRoot, 9).ok());
  ASSERT_TRUE(numbers.confirm().ok());
  ASSERT_TRUE(numbers.stage(kRoot, 3).ok());
  ASSERT_TRUE(numbers.confirm().ok());
  EXPECT_EQ(of(kRoot), 9U);
}

TEST_F(Numbers, OfAnUpdateThatWasGivenUpCountForNothing) {
  ASSERT_TRUE(numbers.stage(kRoot, 9).ok());
  ASSERT_TRUE(numbers.begin().ok());
  ASSERT_TRUE(numbers.begin().ok());
  ASSERT_TRUE(numbers.confirm().ok());
  EXPECT_EQ(of(kRoot), 0U);
}

TEST_F(Numbers, AreRefusedWhereTheyCouldNotBeConfirmed) {
  std::array<uint8_t, 3> id{0x81, 0x41, 0};
  for (uint8_t place = 0; place < limits::kComponents; ++place) {
    id[2] = place;
    ASSERT_TRUE(numbers.stage(id, 1).ok()) << int{place};
  }
  ASSERT_TRUE(numbers.confirm().ok());
  id[2] = 100;
  EXPECT_EQ(numbers.stage(id, 1).error(), Error::kStorageFull);
  id[2] = 0;
  EXPECT_TRUE(numbers.stage(id, 2).ok()) << "a place that is known needs no room";
}

TEST_F(Numbers, ARecordThatIsNoneIsRefused) {
  const struct {
    const char* name;
    std::vector<uint8_t> bytes;
  } rows[] = {{"empty", {}},
              {"another version", {2, 0, 0, 0}},
              {"set where zero is due", {1, 0, 1, 0}},
              {"an entry short", {1, 1, 0, 0}},
              {"an entry too much", std::vector<uint8_t>{1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0, 0, 0, 0, 0}}};
  for (const auto& row : rows) {
    ASSERT_TRUE(store.put(record::kManifestNumbers, row.bytes).ok());
    EXPECT_EQ(numbers.confirmed(kRoot).error(), Error::kRecordMalformed) << row.name;
    EXPECT_EQ(numbers.stage(kRoot, 1).error(), Error::kRecordMalformed) << row.name;
  }
}

// Power fails at each flash operation of a confirmation: all numbers have risen, or none.
TEST_F(Numbers, RiseAllAtOnce) {
  ASSERT_TRUE(numbers.stage(kRoot, 5).ok());
  ASSERT_TRUE(numbers.stage(kDependency, 6).ok());
  const FakeFlash::Snapshot before = flash.snapshot();
  for (const testing::Cut cut : testing::kAllCuts) {
    for (uint64_t operation = 1;; ++operation) {
      flash.restore(before);
      ASSERT_TRUE(store.mount().ok());
      flash.cut_power_at(operation, cut);
      static_cast<void>(numbers.confirm());
      const bool was_cut = !flash.has_power();
      flash.power_on();
      ASSERT_TRUE(store.mount().ok());
      ASSERT_EQ(of(kRoot) == 5, of(kDependency) == 6) << operation;
      ASSERT_TRUE(numbers.confirm().ok());
      EXPECT_EQ(of(kRoot), 5U);
      if (!was_cut) break;
    }
  }
}

}  // namespace
}  // namespace tailor::agent
