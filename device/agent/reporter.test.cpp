// SPDX-License-Identifier: Apache-2.0
#include "device/agent/reporter.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "testing/fake_flash.hpp"

namespace tailor::agent {
namespace {

using testing::FakeFlash;

constexpr ServerSet kBoth = 3;

class Reports : public ::testing::Test {
 protected:
  Reports() {
    EXPECT_TRUE(store.format().ok());
    start();
  }
  void start() {
    reporter_.emplace(store);
    EXPECT_TRUE(reporter_->load().ok());
  }
  /// Adds a report; returns its number.
  uint64_t add(Keep keep, ByteView suit_report = {}) {
    update::Report report;
    report.suit_report = suit_report;
    EXPECT_TRUE(reporter_->add(report, kBoth, keep).ok());
    return report.number;
  }
  /// Numbers that wait for a server, in the order in which it gets them. It acknowledges each.
  std::vector<uint64_t> taken_by(size_t server) {
    std::vector<uint64_t> numbers;
    std::array<uint8_t, kReportBytes> bytes{};
    uint64_t number = 0;
    for (;;) {
      const auto oldest = reporter_->oldest_for(server, bytes, number);
      if (!oldest.ok()) return numbers;
      EXPECT_EQ(update::decode_report(*oldest).value().number, number);
      numbers.push_back(number);
      EXPECT_TRUE(reporter_->acknowledge(server, number).ok());
    }
  }
  void restart() {
    EXPECT_TRUE(store.mount().ok());
    start();
  }
  FakeFlash flash{{16 * 1024, 1024, 4, 0xff}};
  storage::RecordStore store{FlashRegion(flash.port(), 0, 16 * 1024)};
  std::optional<Reporter> reporter_;  // of this start
};

TEST_F(Reports, GoToEachServerOnceInTheirOrder) {
  const uint64_t first = add(Keep::kInFlash), second = add(Keep::kInMemory), third = add(Keep::kInFlash);
  EXPECT_EQ(taken_by(1), (std::vector<uint64_t>{first, second, third}));
  EXPECT_FALSE(reporter_->waits_for(1));
  EXPECT_TRUE(reporter_->waits_for(0));
  EXPECT_EQ(taken_by(0), (std::vector<uint64_t>{first, second, third}));
}

TEST_F(Reports, TheOldestInFlashGivesWay) {
  std::vector<uint64_t> numbers;
  for (int i = 0; i < record::kReportSlots; ++i) {
    numbers.push_back(add(Keep::kInFlash));
    for (int between = 0; between < 7; ++between) add(Keep::kInMemory);  // numbers need not follow each other
  }
  numbers.push_back(add(Keep::kInFlash));
  numbers.erase(numbers.begin());
  numbers.insert(numbers.end() - 1, numbers.back() - 1);  // the one in memory
  EXPECT_EQ(taken_by(0), numbers);
}

TEST_F(Reports, ThoseInMemoryCostNoFlashAndGiveWayToTheNext) {
  add(Keep::kInMemory);
  const uint64_t operations = flash.operations();
  uint64_t newest = 0;
  for (int i = 0; i < 1000; ++i) newest = add(Keep::kInMemory);
  EXPECT_EQ(taken_by(0), std::vector<uint64_t>{newest});
  EXPECT_EQ(taken_by(1), std::vector<uint64_t>{newest});
  EXPECT_EQ(flash.operations(), operations);
}

TEST_F(Reports, NoNumberIsGivenTwiceWhateverIsLost) {
  const uint64_t in_flash = add(Keep::kInFlash);
  uint64_t highest = 0;
  for (int i = 0; i < 10; ++i) highest = add(Keep::kInMemory);
  restart();
  EXPECT_EQ(taken_by(0), std::vector<uint64_t>{in_flash});
  EXPECT_GT(add(Keep::kInMemory), highest);
  restart();
  EXPECT_GT(reporter_->next_number(), highest + Reporter::kReservedNumbers);
}

TEST_F(Reports, NumbersGoOnWhenThoseSetApartAreUsedUp) {
  const uint64_t first = add(Keep::kInMemory);
  for (uint64_t i = 1; i <= Reporter::kReservedNumbers; ++i) ASSERT_EQ(add(Keep::kInMemory), first + i);
  restart();
  EXPECT_GT(reporter_->next_number(), first + Reporter::kReservedNumbers);
}

TEST_F(Reports, AnotherListOfServersGetsWhatWaits) {
  const uint64_t flash_number = add(Keep::kInFlash), memory_number = add(Keep::kInMemory);
  ASSERT_TRUE(reporter_->readdress(4).ok());
  EXPECT_FALSE(reporter_->waits_for(0));
  EXPECT_EQ(taken_by(2), (std::vector<uint64_t>{flash_number, memory_number}));
}

}  // namespace
}  // namespace tailor::agent
