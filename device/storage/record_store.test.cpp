// SPDX-License-Identifier: Apache-2.0
// The store without faults, then with flash that fails or lost bits. Power cuts: power_cut.test.cpp.
#include "device/storage/record_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "testing/fake_flash.hpp"

namespace tailor::storage {
namespace {

using testing::FakeFlash;

std::vector<uint8_t> value_of(size_t size, uint8_t seed) {
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(seed + i * 7);
  return bytes;
}

class Store : public ::testing::TestWithParam<tailor_flash_geometry_t> {
 protected:
  void SetUp() override { ASSERT_TRUE(store.format().ok()); }
  void TearDown() override { EXPECT_EQ(flash.violation(), ""); }

  std::string get(const RecordStore& from, RecordId id) {
    std::vector<uint8_t> out(limits::kTrustStoreBytes);
    const auto value = from.get(id, out);
    return value.ok() ? std::string(as_text(*value)) : std::string(name_of(value.error()));
  }
  std::string get(RecordId id) { return get(store, id); }
  RecordStore& restarted() {
    again.emplace(region);
    EXPECT_TRUE(again->mount().ok());
    return *again;
  }

  FakeFlash flash{GetParam()};
  FlashRegion region{flash.port(), 0, GetParam().size_bytes};
  RecordStore store{region};
  std::optional<RecordStore> again;
};

INSTANTIATE_TEST_SUITE_P(Geometries, Store,
                         ::testing::Values(tailor_flash_geometry_t{4096, 512, 1, 0xff},
                                           tailor_flash_geometry_t{4096, 256, 4, 0xff},
                                           tailor_flash_geometry_t{8192, 4096, 8, 0x00},
                                           tailor_flash_geometry_t{16384, 2048, 32, 0xff}));

TEST_P(Store, KeepsRecordsOverARestart) {
  ASSERT_TRUE(store.put(1, as_bytes("one")).ok());
  ASSERT_TRUE(store.put(2, as_bytes("two")).ok());
  ASSERT_TRUE(store.put(1, as_bytes("uno")).ok());
  ASSERT_TRUE(store.put(3, {}).ok());
  ASSERT_TRUE(store.erase(2).ok());
  for (RecordStore* view : {&store, &restarted()}) {
    EXPECT_EQ(get(*view, 1), "uno");
    EXPECT_EQ(get(*view, 2), "NotFound");
    EXPECT_EQ(get(*view, 3), "");
    EXPECT_EQ(view->records(), 2U);
    EXPECT_EQ(*view->size_of(1), 3U);
  }
}

TEST_P(Store, AppliesABatchInItsOrder) {
  ASSERT_TRUE(store.put(4, as_bytes("old")).ok());
  const RecordChange changes[] = {RecordChange::put(1, as_bytes("a")), RecordChange::erase(4),
                                  RecordChange::put(2, as_bytes("b")), RecordChange::put(1, as_bytes("c"))};
  ASSERT_TRUE(store.put_batch(changes).ok());
  for (RecordStore* view : {&store, &restarted()}) {
    EXPECT_EQ(get(*view, 1), "c");
    EXPECT_EQ(get(*view, 2), "b");
    EXPECT_EQ(get(*view, 4), "NotFound");
  }
}

TEST_P(Store, GoesOnForEverInItsTwoBanks) {
  const std::vector<uint8_t> big = value_of(region.size() / 8, 1);
  ASSERT_TRUE(store.put(7, big).ok());
  for (int i = 0; i < 2000; ++i) {
    const std::string text = "counter " + std::to_string(i);
    ASSERT_TRUE(store.put(1, as_bytes(text)).ok()) << i;
    if (i % 97 == 0) {
      ASSERT_EQ(get(restarted(), 1), text);
    }
  }
  std::vector<uint8_t> out(big.size());
  ASSERT_TRUE(restarted().get(7, out).ok());
  EXPECT_EQ(out, big);
  // Wear is spread: no sector is erased much more often than another.
  uint32_t least = UINT32_MAX, most = 0;
  for (uint32_t sector = 0; sector < GetParam().size_bytes / GetParam().sector_bytes; ++sector) {
    least = std::min(least, flash.erases(sector));
    most = std::max(most, flash.erases(sector));
  }
  EXPECT_LE(most, least + 1);
}

TEST_P(Store, RefusesWhatDoesNotFitAndChangesNothing) {
  const size_t half = region.size() / 2;
  const size_t room = half - region.round_up(24) - region.round_up(12 + 4);
  ASSERT_TRUE(store.put(1, as_bytes("kept")).ok());
  std::vector<uint8_t> value = value_of(room, 1);
  while (region.round_up(static_cast<uint32_t>(12 + value.size())) > room) value.pop_back();
  ASSERT_TRUE(store.put(2, value).ok()) << "exactly full";
  ASSERT_TRUE(store.put(2, value).ok()) << "replacing in a full store";
  EXPECT_EQ(store.put(3, {}).error(), Error::kStorageFull);
  value.resize(value.size() + region.granule_bytes());
  EXPECT_EQ(store.put(2, value).error(), Error::kStorageFull);
  EXPECT_EQ(store.put(2, value_of(70000, 1)).error(), Error::kStorageFull);
  for (RecordStore* view : {&store, &restarted()}) {
    EXPECT_EQ(get(*view, 1), "kept");
    EXPECT_EQ(*view->size_of(2), value.size() - region.granule_bytes());
  }
  ASSERT_TRUE(store.erase(2).ok()) << "room can be made in a full store";
  EXPECT_TRUE(store.put(3, as_bytes("now")).ok());
}

TEST_P(Store, HoldsAsManyRecordsAsTheLimitSays) {
  for (RecordId id = 1; id <= limits::kStoreRecords; ++id) ASSERT_TRUE(store.put(id, as_bytes("x")).ok()) << id;
  EXPECT_EQ(store.put(200, as_bytes("x")).error(), Error::kStorageFull);
  const RecordChange swap[] = {RecordChange::erase(1), RecordChange::put(200, as_bytes("y"))};
  EXPECT_EQ(store.put_batch(swap).error(), Error::kStorageFull) << "counted as if puts came first";
  ASSERT_TRUE(store.erase(1).ok());
  EXPECT_TRUE(store.put(200, as_bytes("y")).ok());
  EXPECT_EQ(restarted().records(), limits::kStoreRecords);
}

TEST_P(Store, RefusesIdsAndBatchesBeyondTheLimits) {
  EXPECT_EQ(store.put(0, {}).error(), Error::kValueOutOfRange);
  EXPECT_EQ(store.put(0xffff, {}).error(), Error::kValueOutOfRange);
  const std::vector<RecordChange> many(limits::kStoreBatch + 1, RecordChange::put(1, {}));
  EXPECT_EQ(store.put_batch(many).error(), Error::kStorageFull);
  EXPECT_TRUE(store.put_batch(std::span(many).first(limits::kStoreBatch)).ok());
  EXPECT_TRUE(store.put_batch({}).ok());
}

TEST_P(Store, SaysWhenTheBufferIsTooSmall) {
  ASSERT_TRUE(store.put(1, as_bytes("four")).ok());
  std::array<uint8_t, 3> small{};
  EXPECT_EQ(store.get(1, small).error(), Error::kBufferTooSmall);
}

TEST_P(Store, DoesNothingBeforeMount) {
  RecordStore fresh(region);
  std::array<uint8_t, 4> out{};
  EXPECT_EQ(fresh.get(1, out).error(), Error::kStateConflict);
  EXPECT_EQ(fresh.put(1, {}).error(), Error::kStateConflict);
  EXPECT_EQ(fresh.erase(1).error(), Error::kStateConflict);
  EXPECT_EQ(fresh.purge().error(), Error::kStateConflict);
}

TEST_P(Store, DoesNotTakeBlankOrForeignFlashForAStore) {
  std::fill(flash.cells().begin(), flash.cells().end(), GetParam().erased_value);
  RecordStore fresh(region);
  EXPECT_EQ(fresh.mount().error(), Error::kRecordMalformed);
  std::fill(flash.cells().begin(), flash.cells().end(), uint8_t{0x55});
  EXPECT_EQ(fresh.mount().error(), Error::kRecordMalformed);
}

TEST_P(Store, PurgeLeavesNoOldSecret) {
  const std::string secret = "old secret, sixteen bytes and more";
  ASSERT_TRUE(store.put(1, as_bytes(secret)).ok());
  ASSERT_TRUE(store.put(2, as_bytes("kept")).ok());
  ASSERT_TRUE(store.erase(1).ok());
  const auto find = [&] {
    return std::search(flash.cells().begin(), flash.cells().end(), secret.begin(), secret.end()) != flash.cells().end();
  };
  EXPECT_TRUE(find());
  ASSERT_TRUE(store.purge().ok());
  EXPECT_FALSE(find());
  EXPECT_EQ(get(restarted(), 2), "kept");
}

TEST_P(Store, TellsALostBitFromAValue) {
  ASSERT_TRUE(store.put(1, as_bytes("value that loses a bit")).ok());
  const std::string text = "loses";
  const auto at = std::search(flash.cells().begin(), flash.cells().end(), text.begin(), text.end());
  ASSERT_NE(at, flash.cells().end());
  *at = static_cast<uint8_t>(*at ^ 0x10);
  EXPECT_EQ(get(1), "RecordMalformed");
  // Compaction drops what cannot be read; the store goes on.
  ASSERT_TRUE(store.put(2, as_bytes("fine")).ok());
  ASSERT_TRUE(store.purge().ok());
  EXPECT_EQ(get(restarted(), 1), "NotFound");
  EXPECT_EQ(get(restarted(), 2), "fine");
}

TEST_P(Store, SurvivesTheFailureOfAnyCall) {
  ASSERT_TRUE(store.put(1, as_bytes("one")).ok());
  ASSERT_TRUE(store.put(2, value_of(region.size() / 8, 3)).ok());
  const FakeFlash::Snapshot start = flash.snapshot();
  for (uint64_t call = 1;; ++call) {
    flash.restore(start);
    RecordStore victim(region);
    ASSERT_TRUE(victim.mount().ok());
    const RecordChange changes[] = {RecordChange::put(1, as_bytes("new")), RecordChange::erase(2)};
    flash.fail_call_at(call);
    const uint64_t before = flash.calls();
    const bool changed = victim.put_batch(changes).ok() && victim.purge().ok();
    const bool reached = flash.calls() - before >= call;
    flash.fail_call_at(0);
    if (!reached) {
      EXPECT_TRUE(changed);
      break;
    }
    // A failed write is made good in the other bank; a failed erase or read is reported.
    const std::string value = get(victim, 1);
    if (changed) {
      EXPECT_EQ(value, "new") << call;
    }
    EXPECT_TRUE(value == "one" || value == "new") << call << " " << value;
    EXPECT_EQ(get(victim, 2) == "NotFound", value == "new") << call;
    // The same object goes on, and a restart sees what it left.
    ASSERT_TRUE(victim.put(3, as_bytes("after")).ok()) << call;
    EXPECT_EQ(get(victim, 1), value) << call;
    EXPECT_EQ(get(restarted(), 3), "after") << call;
    EXPECT_EQ(get(restarted(), 1), value) << call;
  }
}

}  // namespace
}  // namespace tailor::storage
