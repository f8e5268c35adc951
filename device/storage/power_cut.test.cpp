// SPDX-License-Identifier: Apache-2.0
// Power cuts during every flash operation of the record store, torn operations and pairs of cuts included: each change
// is there as a whole or not at all, and the store goes on.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "device/storage/record_store.hpp"
#include "testing/fake_flash.hpp"

namespace tailor::storage {
namespace {

using testing::Cut;
using testing::FakeFlash;
using testing::kAllCuts;

using Model = std::map<RecordId, std::string>;
struct Change {
  RecordId id;
  std::string value;
  bool erased = false;
};
using Step = std::vector<Change>;  // one change or one batch
using Script = std::vector<Step>;

/// A device that plays a script until the power goes, starts again, and is asked what it holds.
class Device {
 public:
  explicit Device(const tailor_flash_geometry_t& geometry, uint64_t seed = 1)
      : flash(geometry, seed), region(flash.port(), 0, geometry.size_bytes) {}

  void format() {
    RecordStore store(region);
    ASSERT_TRUE(store.format().ok());
  }
  /// Plays the script. Returns the models before and after the step during which the power went (or the last).
  std::pair<Model, Model> play(const Script& script) {
    RecordStore store(region);
    Model before, after;
    if (!store.mount().ok()) return {before, after};
    for (const Step& step : script) {
      before = after;
      std::vector<RecordChange> changes;
      for (const Change& change : step) {
        changes.push_back(change.erased ? RecordChange::erase(change.id)
                                        : RecordChange::put(change.id, as_bytes(change.value)));
        if (change.erased) {
          after.erase(change.id);
        } else {
          after[change.id] = change.value;
        }
      }
      const Status status = store.put_batch(changes);
      if (!flash.has_power()) return {before, after};
      EXPECT_TRUE(status.ok());
    }
    return {after, after};
  }
  bool starts(RecordStore& store) { return store.mount().ok(); }
  Model holds(const RecordStore& store) {
    Model model;
    std::vector<uint8_t> out(4096);
    for (RecordId id = 1; id < 20; ++id) {
      const auto value = store.get(id, out);
      if (value.ok()) model[id] = std::string(as_text(*value));
      if (!value.ok()) {
        EXPECT_EQ(value.error(), Error::kNotFound);
      }
    }
    return model;
  }

  FakeFlash flash;
  FlashRegion region;
};

/// Small and long values, replacement, batches, removal, and enough of it for several compactions in 2 x 1 KiB.
Script the_script() {
  const std::string key(64, 'k'), certificate(300, 'c'), renewed(310, 'r');
  return {
      {{1, key}},
      {{2, certificate}},
      {{1, std::string(64, 'K')}, {2, renewed}, {3, "enrolled"}},
      {{4, "1"}},
      {{4, "2"}, {5, std::string(70, 'x')}},
      {{2, certificate}, {3, "registered"}},
      {{5, "", true}, {6, "six"}},
      {{4, "3"}},
      {{1, key}, {2, renewed}, {4, "4"}, {6, "", true}},
      {{3, "retired"}},
  };
}

class PowerCut : public ::testing::TestWithParam<tailor_flash_geometry_t> {};
INSTANTIATE_TEST_SUITE_P(Geometries, PowerCut,
                         ::testing::Values(tailor_flash_geometry_t{2048, 256, 1, 0xff},
                                           tailor_flash_geometry_t{2048, 512, 8, 0xff},
                                           tailor_flash_geometry_t{2048, 1024, 4, 0x00}));

TEST_P(PowerCut, EachChangeIsWholeOrAbsentAfterOneCutAndAfterTwo) {
  const Script script = the_script();
  Device device(GetParam());
  device.format();
  const FakeFlash::Snapshot formatted = device.flash.snapshot();
  const uint64_t start = device.flash.operations();
  device.play(script);
  const uint64_t total = device.flash.operations() - start;
  ASSERT_GT(total, 30U);

  size_t cases = 0, old_kept = 0, new_there = 0;
  for (uint64_t first = 1; first <= total; ++first) {
    for (const Cut cut : kAllCuts) {
      const std::string where = "cut " + std::to_string(first) + " " + name_of(cut);
      device.flash.restore(formatted);
      device.flash.cut_power_at(first, cut);
      const auto [before, after] = device.play(script);
      ASSERT_FALSE(device.flash.has_power());
      const FakeFlash::Snapshot cut_state = device.flash.snapshot();

      // Recovery is cut at each of its own operations, then allowed to finish.
      for (uint64_t second = 0;; ++second) {
        for (const Cut again : kAllCuts) {
          device.flash.restore(cut_state);
          device.flash.power_on();
          if (second > 0) {
            device.flash.cut_power_at(second, again);
            RecordStore interrupted(device.region);
            device.starts(interrupted);
          }
          const bool recovered_before_the_cut = device.flash.has_power();
          device.flash.power_on();
          RecordStore store(device.region);
          ASSERT_TRUE(device.starts(store)) << where << ", then " << second << name_of(again);
          const Model held = device.holds(store);
          ASSERT_TRUE(held == before || held == after) << where << ", then " << second << name_of(again);
          // Decided for good, and still usable, with room for the largest change of the script.
          RecordStore reader(device.region);
          ASSERT_TRUE(device.starts(reader));
          ASSERT_EQ(device.holds(reader), held) << where;
          ASSERT_TRUE(store.put(9, as_bytes("after the cut")).ok()) << where;
          ASSERT_TRUE(store.put(9, as_bytes("")).ok()) << where;
          RecordStore last(device.region);
          ASSERT_TRUE(device.starts(last));
          Model expected = held;
          expected[9] = "";
          ASSERT_EQ(device.holds(last), expected) << where;
          ++cases;
          if (held == before) ++old_kept;
          if (held == after) ++new_there;
          if (second == 0 || recovered_before_the_cut) break;
        }
        RecordStore probe(device.region);
        device.flash.restore(cut_state);
        const uint64_t mark = device.flash.operations();
        ASSERT_TRUE(device.starts(probe));
        if (second >= device.flash.operations() - mark) break;
      }
    }
  }
  EXPECT_EQ(device.flash.violation(), "");
  EXPECT_GT(old_kept, 0U);
  EXPECT_GT(new_there, 0U);
  RecordProperty("cases", static_cast<int>(cases));
}

TEST_P(PowerCut, ManyTornBitPatternsNeverPassForARecord) {
  const Script script = the_script();
  for (uint64_t seed = 2; seed < 40; ++seed) {
    Device device(GetParam(), seed);
    device.format();
    const FakeFlash::Snapshot formatted = device.flash.snapshot();
    for (uint64_t first = 1; first <= 60; ++first) {
      device.flash.restore(formatted);
      device.flash.power_on();
      device.flash.cut_power_at(first, Cut::kTorn);
      const auto [before, after] = device.play(script);
      device.flash.power_on();
      RecordStore store(device.region);
      ASSERT_TRUE(device.starts(store)) << seed << " " << first;
      const Model held = device.holds(store);
      ASSERT_TRUE(held == before || held == after) << seed << " " << first;
    }
  }
}

TEST_P(PowerCut, ABankHeaderThatIsHalfThereNeverComesBack) {
  // Cells of a cut write may read as unwritten today and as written tomorrow. The header of the other bank is cut, the
  // device goes on in the old bank; then the header's cells, unless they were erased, turn into the whole header.
  Device device(GetParam());
  device.format();
  RecordStore store(device.region);
  ASSERT_TRUE(device.starts(store));
  ASSERT_TRUE(store.put(1, as_bytes("before")).ok());
  const FakeFlash::Snapshot start = device.flash.snapshot();
  const uint64_t mark = device.flash.operations();
  ASSERT_TRUE(store.purge().ok());  // one compaction, then the old bank's sectors are erased
  const uint64_t sectors = GetParam().size_bytes / 2 / GetParam().sector_bytes;
  const uint64_t purge = device.flash.operations() - mark;
  const std::vector<uint8_t> whole(device.flash.cells().begin() + 1024, device.flash.cells().begin() + 1024 + 24);
  const auto same_header = [&](size_t count) {
    return std::equal(whole.begin(), whole.begin() + static_cast<int>(count), device.flash.cells().begin() + 1024);
  };
  size_t cases = 0;
  for (uint64_t cut_at = 1; cut_at <= purge - sectors; ++cut_at) {
    device.flash.restore(start);
    device.flash.power_on();
    RecordStore cut_store(device.region);
    ASSERT_TRUE(device.starts(cut_store));
    device.flash.cut_power_at(cut_at, Cut::kTorn);
    ASSERT_FALSE(cut_store.purge().ok());
    device.flash.power_on();
    RecordStore next(device.region);
    ASSERT_TRUE(device.starts(next));
    if (same_header(24)) continue;  // the cut came after the header
    ASSERT_TRUE(next.put(1, as_bytes("after")).ok());
    const bool blank = std::all_of(device.flash.cells().begin() + 1024, device.flash.cells().begin() + 1024 + 24,
                                   [&](uint8_t cell) { return cell == GetParam().erased_value; });
    if (!blank) std::copy(whole.begin(), whole.end(), device.flash.cells().begin() + 1024);
    RecordStore last(device.region);
    ASSERT_TRUE(device.starts(last));
    ASSERT_EQ(device.holds(last)[1], "after") << cut_at;
    ++cases;
  }
  EXPECT_GT(cases, 0U);
}

TEST_P(PowerCut, AppendsNothingIntoCellsThatAreNotErased) {
  Device device(GetParam());
  device.format();
  device.flash.cells()[200] = 0x33;  // what a cut write left behind a header that reads as erased
  RecordStore store(device.region);
  ASSERT_TRUE(device.starts(store));
  const std::string value(300, 'v');
  ASSERT_TRUE(store.put(1, as_bytes(value)).ok());
  EXPECT_EQ(device.holds(store)[1], value);
}

TEST_P(PowerCut, ACutFormatIsReportedAndCanBeRepeated) {
  for (uint64_t cut_at = 1;; ++cut_at) {
    for (const Cut cut : kAllCuts) {
      Device device(GetParam());
      device.flash.cut_power_at(cut_at, cut);
      RecordStore store(device.region);
      if (store.format().ok()) return;
      device.flash.power_on();
      RecordStore again(device.region);
      const Status mounted = again.mount();
      EXPECT_TRUE(mounted.ok() || mounted.error() == Error::kRecordMalformed);
      ASSERT_TRUE(again.format().ok());
      EXPECT_TRUE(again.put(1, as_bytes("x")).ok());
    }
  }
}

}  // namespace
}  // namespace tailor::storage
