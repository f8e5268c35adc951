// SPDX-License-Identifier: Apache-2.0
// The report is the journal from which an interrupted update goes on: power fails at every single flash operation of an
// update of several commands, and the report of its outcome tells of the time before the restart and of the time after.
#include <algorithm>
#include <set>

#include "core/report/sealed.hpp"
#include "core/report/suit_report.hpp"
#include "tests/device/written_update.hpp"

namespace tailor::sim {
namespace {

using update::UpdateState;
/// Sections and offsets of records.
using Places = std::multiset<std::pair<int64_t, uint32_t>>;

constexpr uint64_t kMorning = 1'795'190'400;
constexpr uint64_t kMidday = kMorning + 10'000;
constexpr uint64_t kAfternoon = kMorning + 20'000;
constexpr size_t kImageBytes = 1'200;  // three blocks of 512

/// An update that runs one command before its fetch in the morning and another in the afternoon, so that its records
/// tell when it was run. There is room for all of them.
Bytes day_envelope(World& world, const UpdateSpec& spec) {
  using namespace suit;
  const Bytes image = World::image_of(spec);
  const Uuid vendor = vendor_id(spec.vendor);
  authoring::ManifestModel model;
  model.sequence_number = spec.sequence;
  model.components = {{spec.component}};
  const Bytes digest = digest_of(image, crypto::HashAlgorithm::kSha256);
  model.shared.override_parameters(authoring::Parameters()
                                       .vendor(vendor)
                                       .device_class(class_id(vendor, spec.class_name))
                                       .image_digest({crypto::HashAlgorithm::kSha256, digest})
                                       .image_size(image.size()));
  model.shared.command(command::kVendorIdentifier, 0).command(command::kClassIdentifier, 0);
  authoring::Sequence install, morning, afternoon, inner, validate, invoke;
  morning.command(command::kUseBefore, 0).command(command::kVendorIdentifier, reporting::kRecordOnSuccess);
  afternoon.command(command::kClassIdentifier, reporting::kRecordOnSuccess);
  inner.command(command::kVendorIdentifier, reporting::kRecordOnSuccess);
  install.override_parameters(
      authoring::Parameters().uri("/img/" + to_base64url(crypto::sha256(image).value())).use_before(kMidday));
  install.command(command::kVendorIdentifier, reporting::kRecordOnSuccess);
  install.try_each({morning, afternoon}, false).run_sequence(inner);
  install.command(command::kFetch, reporting::kRecordOnSuccess);
  install.command(command::kImageMatch, reporting::kRecordOnSuccess);
  validate.command(command::kImageMatch, 0);
  invoke.command(command::kInvoke, 0);
  model.add(manifest_key::kInstall, install);
  model.add(manifest_key::kValidate, validate);
  model.add(manifest_key::kInvoke, invoke);
  return World::signed_envelope(authoring::encode_envelope(model, {}).value(), world.signer);
}

/// A device that has just been offered that update.
struct Day {
  World world;
  explicit Day(uint64_t begins) {
    world.device.settings.trust_wall_clock = true;
    world.device.wall_seconds = begins;
    world.device.boot();
    EXPECT_TRUE(world.until_registered());
    UpdateSpec spec;
    spec.bytes = kImageBytes;
    world.first.has_image(World::image_of(spec));
    world.second.has_image(World::image_of(spec));
    world.first.offers(day_envelope(world, spec));
  }

  /// The places that the report of the outcome tells of.
  Places told() {
    Places places;
    EXPECT_TRUE(world.until([&] { return world.first.heard("confirmed"); }, 3600))
        << ::testing::PrintToString(world.first.states());
    if (world.first.reports.empty()) return places;
    const auto around = update::decode_report(world.first.reports.back()).value();
    const auto inside = report::unseal(around.suit_report, world.ca.keys.at(0));
    if (!inside.ok()) return places;
    const auto report = report::decode_suit_report(*inside).value();
    EXPECT_FALSE(report.failure.has_value());
    EXPECT_EQ(report.records_missing, 0U);
    for (report::Entries entries(report.records); entries.more();) {
      const auto record = entries.take_record().value();
      places.emplace(record.section, record.offset);
    }
    return places;
  }

  void boots_in_the_afternoon() {
    world.device.switch_off();
    world.device.wall_seconds = kAfternoon;
    world.device.boot();
  }
};

Places without(const Places& all, const Places& some) {
  Places rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::inserter(rest, rest.end()));
  return rest;
}

struct Expected {
  Places morning = Day(kMorning).told();
  Places afternoon = Day(kAfternoon).told();
  Places only_morning = without(morning, afternoon), only_afternoon = without(afternoon, morning);
  Places both_times = without(morning, only_morning);

  [[nodiscard]] bool tells_apart() const {
    return only_morning.size() == 1 && only_afternoon.size() == 1 && both_times.size() == 4;
  }
  /// Nothing twice, nothing of what is always run left out, and one of the two times at least.
  void holds_for(const Places& told) const {
    for (const auto& place : told) EXPECT_EQ(told.count(place), 1U) << place.first << ", byte " << place.second;
    EXPECT_EQ(without(both_times, told), Places());
    EXPECT_EQ(without(without(told, morning), afternoon), Places());
    EXPECT_TRUE(tells_of_morning(told) || tells_of_afternoon(told));
  }
  [[nodiscard]] bool tells_of_morning(const Places& told) const { return without(only_morning, told).empty(); }
  [[nodiscard]] bool tells_of_afternoon(const Places& told) const { return without(only_afternoon, told).empty(); }
};

TEST(DeviceJournal, TheReportTellsOfBothTimesWhereverInTheUpdatePowerFailed) {
  const Expected expected;
  ASSERT_TRUE(expected.tells_apart());
  for (const testing::Cut cut : {testing::Cut::kBefore, testing::Cut::kTorn, testing::Cut::kAfter}) {
    size_t both = 0, from_the_journal_alone = 0;
    uint64_t operation = 1;
    for (bool was_cut = true; was_cut; ++operation) {
      SCOPED_TRACE(std::string(testing::name_of(cut)) + " at " + std::to_string(operation));
      Day day(kMorning);
      was_cut = day.world.loses_power_at(operation, cut);
      if (!was_cut) break;
      const size_t blocks = day.world.first.blocks + day.world.second.blocks;
      day.boots_in_the_afternoon();
      const bool has_more_to_run = day.world.state() <= UpdateState::kFetching;
      const Places told = day.told();
      ASSERT_EQ(day.world.device.running(), "v2");
      expected.holds_for(told);
      if (blocks > 0) {
        EXPECT_TRUE(expected.tells_of_morning(told)) << "it was run before the first block was asked for";
      }
      EXPECT_TRUE(expected.tells_of_afternoon(told) || !has_more_to_run);
      both += expected.tells_of_morning(told) && expected.tells_of_afternoon(told) ? 1 : 0;
      from_the_journal_alone += expected.tells_of_afternoon(told) ? 0 : 1;
      EXPECT_EQ(day.world.device.flash.violation(), "");
    }
    EXPECT_GT(operation, 20U) << testing::name_of(cut);
    EXPECT_GT(both, 0U) << testing::name_of(cut);
    EXPECT_GT(from_the_journal_alone, 0U) << testing::name_of(cut) << ": when all was staged, nothing is run again";
  }
}

// Power goes without any flash operation under way: after each step of the network, from the offer to the outcome.
TEST(DeviceJournal, TheReportTellsOfBothTimesWhereverTheDeviceWasSwitchedOff) {
  const Expected expected;
  ASSERT_TRUE(expected.tells_apart());
  size_t both = 0, steps = 1;
  for (bool ended = false; !ended; ++steps) {
    SCOPED_TRACE("at step " + std::to_string(steps));
    Day day(kMorning);
    size_t seen = 0;
    day.world.until([&] { return ++seen >= steps || day.world.first.heard("confirmed"); });
    ended = day.world.first.heard("confirmed");
    if (ended) break;
    day.boots_in_the_afternoon();
    const Places told = day.told();
    ASSERT_EQ(day.world.device.running(), "v2");
    expected.holds_for(told);
    both += expected.tells_of_morning(told) && expected.tells_of_afternoon(told) ? 1 : 0;
  }
  EXPECT_GT(steps, 20U);
  EXPECT_GT(both, 0U);
}

}  // namespace
}  // namespace tailor::sim
