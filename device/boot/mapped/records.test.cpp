// SPDX-License-Identifier: Apache-2.0
// What is read in place is what the record store gives, whatever was written and wherever power failed.
#include "device/boot/mapped/records.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "device/storage/record_store.hpp"
#include "testing/fake_flash.hpp"

namespace tailor::boot::mapped {
namespace {

using storage::RecordChange;
using storage::RecordStore;
using testing::FakeFlash;

class MappedRecordsTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  /// What the store says after its mount, beside what was read in place before it.
  void expect_same(const char* when) {
    std::vector<std::vector<uint8_t>> in_place;
    const ByteView memory = MappedFlash{flash_.cells().data()}.view(region_);
    for (uint16_t id = 1; id <= 4; ++id) {
      const auto found = find_record(memory, GetParam(), id);
      ASSERT_TRUE(found.ok() || found.error() == Error::kNotFound) << when;
      in_place.push_back(found.ok() ? std::vector<uint8_t>(found->begin(), found->end()) : std::vector<uint8_t>());
    }
    RecordStore store(region_);
    ASSERT_TRUE(store.mount().ok()) << when;
    for (uint16_t id = 1; id <= 4; ++id) {
      std::array<uint8_t, 256> buffer;
      const auto value = store.get(id, buffer);
      const std::vector<uint8_t> stored =
          value.ok() ? std::vector<uint8_t>(value->begin(), value->end()) : std::vector<uint8_t>();
      ASSERT_EQ(stored, in_place[id - 1U]) << when << " record " << id;
    }
  }
  /// One change of one to three records.
  Status change(RecordStore& store, std::mt19937& random) {
    std::vector<std::vector<uint8_t>> values;
    std::vector<RecordChange> changes;
    for (unsigned i = 0; i < 3; ++i) values.emplace_back(1 + random() % 60, static_cast<uint8_t>(random()));
    for (size_t count = 1 + random() % 3; count > 0; --count) {
      const auto id = static_cast<uint16_t>(1 + random() % 4);
      changes.push_back(random() % 5 == 0 ? RecordChange::erase(id) : RecordChange::put(id, values[count - 1]));
    }
    return store.put_batch(changes);
  }

  FakeFlash flash_{{4096, 512, GetParam(), 0xff}};
  FlashRegion region_{flash_.port(), 1024, 2048};
};

TEST_P(MappedRecordsTest, FindsWhatTheStoreHas) {
  RecordStore store(region_);
  ASSERT_TRUE(store.format().ok());
  std::mt19937 random(GetParam());
  for (int round = 0; round < 200; ++round) {
    ASSERT_TRUE(change(store, random).ok());
    ASSERT_NO_FATAL_FAILURE(expect_same("after a change"));
  }
}

TEST_P(MappedRecordsTest, FindsWhatTheStoreWillHaveAfterAPowerCut) {
  for (uint64_t operation = 1; operation < 40; ++operation) {
    for (const testing::Cut cut : testing::kAllCuts) {
      if (cut == testing::Cut::kUnseen) continue;  // such cells read as erased to both; the store learns by writing
      RecordStore store(region_);
      ASSERT_TRUE(store.format().ok());
      std::mt19937 random(static_cast<unsigned>(operation));
      flash_.cut_power_at(operation, cut);
      while (change(store, random).ok()) {
      }
      flash_.power_on();
      ASSERT_NO_FATAL_FAILURE(expect_same(testing::name_of(cut))) << operation;
    }
  }
}

TEST_P(MappedRecordsTest, RefusesWhatIsNoStore) {
  const ByteView memory = MappedFlash{flash_.cells().data()}.view(region_);
  EXPECT_EQ(find_record(memory, GetParam(), 1).error(), Error::kRecordMalformed);
  RecordStore store(region_);
  ASSERT_TRUE(store.format().ok());
  EXPECT_EQ(find_record(memory, GetParam(), 1).error(), Error::kNotFound);
}

INSTANTIATE_TEST_SUITE_P(Granules, MappedRecordsTest, ::testing::Values(1, 4, 8, 32));

}  // namespace
}  // namespace tailor::boot::mapped
