// SPDX-License-Identifier: Apache-2.0
// The commands of update management, by tables.
#include "core/processor/processing.test.hpp"
#include "core/processor/versions.hpp"

namespace tailor::processor {
namespace {

using Log = std::vector<std::string>;
namespace wait_event = suit::wait_event;

class UpdateManagement : public Processing {
 protected:
  Error try_install(const std::function<void(SequenceWriter&)>& write) {
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    return install(write);
  }
};

TEST_F(UpdateManagement, UseBeforeNeedsATimeThatIsKnown) {
  using Kind = Time::Kind;
  struct Row {
    Time now;
    uint64_t end;
    Error error;
  };
  constexpr uint64_t kFar = 0x1'0000'0000;
  for (const Row& row : {
           Row{{Kind::kSynced, 999}, 1000, kNone},
           Row{{Kind::kSynced, 1000}, 1000, Error::kConditionFailed},
           Row{{Kind::kSynced, 1001}, 1000, Error::kConditionFailed},
           Row{{Kind::kSynced, kFar - 1}, kFar, kNone},
           Row{{Kind::kSynced, kFar}, 1, Error::kConditionFailed},
           Row{{Kind::kSynced, 5}, UINT64_MAX, kNone},
           Row{{Kind::kAtLeast, 999}, 1000, Error::kTimeUnknown},
           Row{{Kind::kAtLeast, 1000}, 1000, Error::kConditionFailed},
           Row{{Kind::kUnknown, 0}, 1000, Error::kTimeUnknown},
           Row{{Kind::kUnknown, 0}, 0, Error::kTimeUnknown},
       }) {
    platform_.now = row.now;
    EXPECT_EQ(try_install([&](SequenceWriter& s) {
                s.override_parameters({.use_before = row.end}).command(command::kUseBefore, 15);
              }),
              row.error)
        << row.now.seconds << " " << row.end;
  }
  EXPECT_EQ(try_install([](SequenceWriter& s) { s.command(command::kUseBefore, 15); }), Error::kConditionFailed);
}

TEST_F(UpdateManagement, ConditionsCompareWhatThePlatformSays) {
  struct Row {
    const char* what;
    std::optional<uint64_t> battery;
    suit::Parameters parameters;
    int64_t condition;
    Error error;
  };
  device_[0]->content = image_;
  for (const Row& row : {
           Row{"enough", 100, {.minimum_battery = 100}, command::kMinimumBattery, kNone},
           Row{"too low", 99, {.minimum_battery = 100}, command::kMinimumBattery, Error::kBatteryTooLow},
           Row{"unset", 99, {.uri = "p"}, command::kMinimumBattery, Error::kBatteryTooLow},
           Row{"no battery", {}, {.minimum_battery = 0}, command::kMinimumBattery, Error::kCommandUnsupported},
           Row{"matches", {}, {.digest = digest_of(image_)}, command::kImageNotMatch, Error::kConditionFailed},
           Row{"differs", {}, {.digest = digest_of({1})}, command::kImageNotMatch, kNone},
           Row{"no digest", {}, {.uri = "p"}, command::kImageNotMatch, Error::kConditionFailed},
       }) {
    platform_.battery = row.battery;
    EXPECT_EQ(try_install([&](SequenceWriter& s) { s.override_parameters(row.parameters).command(row.condition, 15); }),
              row.error)
        << row.what;
  }
}

TEST_F(UpdateManagement, TheUserMayAllowDeclineOrTakeTime) {
  const auto ask = [this](std::optional<int64_t> priority) {
    return try_install([&](SequenceWriter& s) {
      if (priority) s.override_parameters({.update_priority = priority});
      s.command(command::kUpdateAuthorized, 15).command(command::kInvoke, 2);
    });
  };
  EXPECT_EQ(ask(1), Error::kCommandUnsupported) << "nobody to ask";
  platform_.authorization = Answer::kYes;
  EXPECT_EQ(ask(-5), kNone);
  EXPECT_EQ(ask(std::nullopt), kNone);
  EXPECT_EQ(platform_.log, (Log{"authorize -5", "invoke 0", "authorize 0", "invoke 0"}));
  platform_.authorization = Answer::kNo;
  EXPECT_EQ(ask(7), Error::kUpdateNotAuthorized);
  platform_.authorization = Answer::kLater;
  author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
  author_.shared(sequence([](SequenceWriter& s) { s.command(command::kUpdateAuthorized, 15); }));
  EXPECT_EQ(install(Octets{0x80}), Error::kTimeout) << "waits; judging the manifest does not";
}

TEST_F(UpdateManagement, VersionsCompareAsFarAsTheManifestGoes) {
  struct Row {
    std::vector<int64_t> installed;
    const char* match;
    bool holds;
  };
  const Row kRows[] = {
      {{1, 2, 3}, "82 03 81 01", true},
      {{1, 2, 3}, "82 03 82 01 02", true},
      {{1, 2, 3}, "82 03 82 01 03", false},
      {{1, 2, 3}, "82 01 83 01 02 02", true},
      {{1, 2, 3}, "82 01 83 01 02 03", false},
      {{1, 2, 3}, "82 02 83 01 02 03", true},
      {{1, 2, 3}, "82 02 82 01 03", false},
      {{1, 2, 3}, "82 04 83 01 02 03", true},
      {{1, 2, 3}, "82 04 81 00", false},
      {{1, 2, 3}, "82 05 82 01 0a", true},
      {{1, 2, 3}, "82 05 83 01 02 03", false},
      {{1, 10}, "82 05 82 01 0a", false},
      {{2, 0, -1, 1}, "82 05 83 02 00 00", true},  // 2.0-rc.1 stands before 2.0.0
      {{2, 0, -1, 1}, "82 01 82 01 09", true},
      {{2, 0, -3}, "82 05 83 02 00 21", true},
      {{2}, "82 03 83 02 00 00", true},
      {{2}, "82 01 83 02 00 20", true},
      {{}, "82 03 81 00", true},
      {{-5}, "82 05 81 00", true},
  };
  for (const Row& row : kRows) {
    device_[0]->version = row.installed;
    const Octets match = testing::from_hex(row.match);
    EXPECT_EQ(try_install(
                  [&](SequenceWriter& s) { s.override_parameters({.version = match}).command(command::kVersion, 15); }),
              row.holds ? kNone : Error::kComponentVersionMismatch)
        << row.match;
    for (size_t length = 0; length < match.size(); ++length) {
      EXPECT_NE(
          try_install([&](SequenceWriter& s) { s.override_parameters({.version = ByteView(match).first(length)}); }),
          kNone);
    }
  }
  EXPECT_EQ(try_install([](SequenceWriter& s) { s.command(command::kVersion, 15); }), Error::kComponentVersionMismatch);
  device_[0]->version.reset();
  EXPECT_EQ(try_install([](SequenceWriter& s) {
              s.override_parameters({.version = "82 03 81 01"_hex}).command(command::kVersion, 15);
            }),
            Error::kCommandUnsupported);
  for (const char* bad : {"82 00 81 01", "82 06 81 01", "83 03 81 01 00", "82 03 80", "82 03 87 01 02 03 04 05 06 07",
                          "82 03 81 60", "82 03 81 01 00", "80", "f6"}) {
    EXPECT_NE(try_install([&](SequenceWriter& s) { s.override_parameters({.version = testing::from_hex(bad)}); }),
              kNone)
        << bad;
  }
}

// --- wait ---

class Waiting : public UpdateManagement {
 protected:
  /// Makes ready to install with one wait in front of an invoke.
  Error begin(const char* info) {
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    const Octets encoded = testing::from_hex(info);
    author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                     s.override_parameters({.wait_info = encoded}).command(command::kWait, 15);
                     s.command(command::kInvoke, 2);
                   }));
    platform_.log.clear();
    envelope_ = author_.envelope();
    authentic_.emplace(suit::authenticate(suit::Envelope::from_bytes(envelope_).value(), author_.anchors(), {}));
    processor_.emplace(Seams{platform_, payloads_, all_});
    const auto applicable = processor_->check(**authentic_);
    if (!applicable.ok()) return applicable.error();
    EXPECT_TRUE(processor_->start(*applicable, Procedure::kUpdate).ok());
    return kNone;
  }
  bool waits() {
    const auto progress = processor_->step();
    EXPECT_TRUE(progress.ok()) << (progress.ok() ? "" : name_of(progress.error()));
    return progress.ok() && *progress == Progress::kWait;
  }
};

TEST_F(Waiting, ForEventsThatThePlatformTells) {
  struct Row {
    const char* info;
    int64_t event;
    const char* asked;
  };
  for (const Row& row : {
           Row{"a1 01 20", wait_event::kAuthorization, "event 1 -1"},
           Row{"a1 02 05", wait_event::kPower, "event 2 5"},
           Row{"a1 03 01", wait_event::kNetwork, "event 3 1"},
           Row{"a1 04 82 42 6162 81 82 02 81 01", wait_event::kOtherDeviceVersion, "event 4 0ab"},
       }) {
    platform_.events = {{row.event, Answer::kLater}};
    ASSERT_EQ(begin(row.info), kNone);
    EXPECT_TRUE(waits());
    EXPECT_TRUE(waits());
    EXPECT_TRUE(processor_->awaited_uri().empty());
    EXPECT_EQ(platform_.log, (Log{row.asked, row.asked}));
    platform_.events[row.event] = Answer::kYes;
    EXPECT_FALSE(waits());
    EXPECT_EQ(platform_.log.back(), "invoke 0");
    ASSERT_EQ(begin(row.info), kNone);
    platform_.events[row.event] = Answer::kNo;
    EXPECT_EQ(processor_->step().error(), Error::kUpdateNotAuthorized);
    platform_.events.clear();
    ASSERT_EQ(begin(row.info), kNone);
    EXPECT_EQ(processor_->step().error(), Error::kParameterUnsupported) << "a platform that knows no such event";
  }
}

TEST_F(Waiting, ForTimes) {
  constexpr uint64_t kSunday = 3 * 86400;  // 1970-01-04
  using Kind = Time::Kind;
  struct Row {
    const char* what;
    const char* info;
    std::optional<int32_t> offset;
    std::vector<std::pair<Time, bool>> times;  // and whether it waits
  };
  const Row kRows[] = {
      {"time",
       "a1 05 19 03e8",
       {},
       {{{Kind::kUnknown, 0}, true}, {{Kind::kAtLeast, 999}, true}, {{Kind::kAtLeast, 1000}, false}}},
      {"time, synchronized", "a1 05 19 03e8", {}, {{{Kind::kSynced, 999}, true}, {{Kind::kSynced, 1000}, false}}},
      {"time of day that is still to come",
       "a1 08 19 0e10",
       {},
       {{{Kind::kSynced, 100}, true}, {{Kind::kSynced, 3600}, false}}},
      {"time of day that is over",
       "a1 08 19 0e10",
       {},
       {{{Kind::kSynced, 4000}, true},
        {{Kind::kSynced, 86399}, true},
        {{Kind::kSynced, 86400 + 3599}, true},
        {{Kind::kSynced, 86400 + 3600}, false}}},
      {"time of day that passed unseen",
       "a1 08 19 0e10",
       {},
       {{{Kind::kSynced, 100}, true}, {{Kind::kSynced, 50000}, false}}},
      {"time of day needs more than a floor", "a1 08 00", {}, {{{Kind::kAtLeast, 86400}, true}}},
      {"day of week", "a1 09 00", {}, {{{Kind::kSynced, kSunday - 1}, true}, {{Kind::kSynced, kSunday}, false}}},
      {"day of week, now", "a1 09 04", {}, {{{Kind::kSynced, 0}, false}}},
      {"local time of day",
       "a1 06 19 0e10",
       3600,
       {{{Kind::kSynced, 86400 - 3600 - 1}, true},
        {{Kind::kSynced, 86400 - 1}, true},
        {{Kind::kSynced, 86400}, false}}},
      {"local day of week",
       "a1 07 00",
       3600,
       {{{Kind::kSynced, kSunday - 3601}, true}, {{Kind::kSynced, kSunday - 3600}, false}}},
      {"behind UTC", "a1 07 00", -3600, {{{Kind::kSynced, kSunday}, true}, {{Kind::kSynced, kSunday + 3600}, false}}},
      {"on Sunday at one",
       "a2 08 19 0e10 09 00",
       {},
       {{{Kind::kSynced, kSunday - 86400}, true},
        {{Kind::kSynced, kSunday - 10000}, true},
        {{Kind::kSynced, kSunday}, true},
        {{Kind::kSynced, kSunday + 3600}, false}}},
  };
  for (const Row& row : kRows) {
    platform_.local_offset = row.offset;
    ASSERT_EQ(begin(row.info), kNone) << row.what;
    for (const auto& [now, is_waiting] : row.times) {
      platform_.now = now;
      EXPECT_EQ(waits(), is_waiting) << row.what << " at " << now.seconds;
    }
  }
  platform_.local_offset.reset();
  for (const char* local : {"a1 06 00", "a1 07 00"}) {
    ASSERT_EQ(begin(local), kNone);
    EXPECT_EQ(processor_->step().error(), Error::kParameterUnsupported) << "no time zone";
  }
}

TEST_F(Waiting, AllEventsAtOnceAndAnewAfterARestart) {
  platform_.events = {{wait_event::kPower, Answer::kYes}, {wait_event::kNetwork, Answer::kLater}};
  ASSERT_EQ(begin("a2 02 01 03 01"), kNone);
  EXPECT_TRUE(waits());
  platform_.events = {{wait_event::kPower, Answer::kLater}, {wait_event::kNetwork, Answer::kYes}};
  EXPECT_TRUE(waits());
  ASSERT_EQ(begin("a2 02 01 03 01"), kNone) << "power failed";
  EXPECT_TRUE(waits());
  platform_.events[wait_event::kPower] = Answer::kYes;
  EXPECT_FALSE(waits());
}

TEST_F(Waiting, InfoIsCheckedBeforeAnythingRuns) {
  struct Row {
    const char* info;
    Error error;
  };
  for (const Row& row : {
           Row{"a0", Error::kMissingKey},
           Row{"80", Error::kCborWrongType},
           Row{"a1 00 00", Error::kParameterUnsupported},
           Row{"a1 0a 00", Error::kParameterUnsupported},
           Row{"a1 20 00", Error::kParameterUnsupported},
           Row{"a1 05 20", Error::kCborWrongType},
           Row{"a1 08 1a 00015180", Error::kValueOutOfRange},
           Row{"a1 09 07", Error::kValueOutOfRange},
           Row{"a1 07 07", Error::kValueOutOfRange},
           Row{"a1 04 81 40", Error::kValueOutOfRange},
           Row{"a1 04 82 40 80", Error::kValueOutOfRange},
           Row{"a1 04 82 40 81 82 09 81 01", Error::kValueOutOfRange},
           Row{"a1 01 60", Error::kCborWrongType},
           Row{"a2 02 01 01 01", Error::kCborNotCanonical},
           Row{"a1 01 00 00", Error::kTrailingBytes},
       }) {
    EXPECT_EQ(begin(row.info), row.error) << row.info;
  }
  EXPECT_EQ(try_install([](SequenceWriter& s) { s.command(command::kWait, 15); }), Error::kParameterMissing);
}

// --- parameters of several components ---

TEST_F(UpdateManagement, OverrideMultipleSelectsItsLastComponent) {
  author_.components(3);
  platform_.add(testing::component_id(1), "1").present_slot = 1;
  EXPECT_EQ(install(testing::from_hex("88 18 22 a3 00 a1 05 00 01 a1 05 01 02 a1 05 00 17 02 0c f5 05 0f")), kNone);
  EXPECT_EQ(platform_.log, (Log{"invoke 2"}));
  struct Row {
    const char* sequence;
    Error error;
  };
  for (const Row& row : {
           Row{"82 18 22 a0", Error::kComponentIndexInvalid},
           Row{"82 18 22 a1 03 a1 05 00", Error::kComponentIndexInvalid},
           Row{"82 18 22 a1 20 a1 05 00", Error::kComponentIndexInvalid},
           Row{"82 18 22 a1 00 a1 06 00", Error::kParameterUnsupported},
           Row{"82 18 22 a2 01 a1 05 00 00 a1 05 00", Error::kCborNotCanonical},
           Row{"82 18 22 a1 00 a1 0d f5", Error::kCommandNotAllowed},
       }) {
    author_ = std::move(testing::Author().components(3).member(manifest_key::kValidate, {0x80}));
    EXPECT_EQ(install(testing::from_hex(row.sequence)), row.error) << row.sequence;
  }
}

TEST_F(UpdateManagement, CopyParametersTakesThoseThatAreSet) {
  author_.components(3);
  payloads_.payloads["q"] = {9};
  EXPECT_EQ(install([](SequenceWriter& s) {
              s.set_component_index(0).override_parameters({.image_size = 1000, .uri = "p"});
              s.set_component_index(1).override_parameters({.uri = "q"});
            }),
            kNone);
  // To component 2: the URI of 0, then its size and the (unset) slot; of 1 nothing that is set but the URI.
  const Octets copy = testing::from_hex(
      "8c 0c 00 14 a2 0e 19 03e8 15 61 70 0c 01 14 a1 15 61 71 0c 02 18 23 a2 00 83 15 0e 05 01 81 05");
  author_ = std::move(testing::Author().components(3).member(manifest_key::kValidate, {0x80}));
  Octets sequence = copy;
  const Octets fetch = testing::from_hex("15 02");
  sequence.insert(sequence.end(), fetch.begin(), fetch.end());
  sequence[0] = 0x8E;
  EXPECT_EQ(install(sequence), kNone);
  EXPECT_EQ(device_[2]->content, image_);
  for (const char* bad : {"84 0c 00 18 23 a0", "84 0c 00 18 23 a1 00 80", "84 0c 00 18 23 a1 09 81 05",
                          "84 0c 00 18 23 a1 00 81 06", "84 0c 00 18 23 a1 00 05"}) {
    author_ = std::move(testing::Author().components(3).member(manifest_key::kValidate, {0x80}));
    EXPECT_NE(install(testing::from_hex(bad)), kNone) << bad;
  }
}

TEST_F(UpdateManagement, ParametersHaveARoomThatEnds) {
  author_.components(3);
  const std::string sixteen =
      "14 b0 01 50 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 02 50 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb 04 01 05 00 0e 01 12 40"
      "15 61 70 16 00 17 40 18 18 50 cccccccccccccccccccccccccccccccc 18 19 40 18 1a 00 18 1b 00 18 1c 44 82 03 81 01"
      "18 1d 43 a1 02 01 18 1e 40";
  const std::string full = "0c 00" + sixteen + "0c 01" + sixteen + "0c 02" + sixteen;
  static_assert(limits::kParameters == 48);
  EXPECT_EQ(install(testing::from_hex("8c" + full)), kNone);
  author_ = std::move(testing::Author().components(3).member(manifest_key::kValidate, {0x80}));
  EXPECT_EQ(install(testing::from_hex("98 18" + full + full)), kNone) << "setting them again takes no room";
  author_ = std::move(testing::Author().components(3).member(manifest_key::kValidate, {0x80}));
  EXPECT_EQ(install(testing::from_hex("8e" + full + "14 a1 03 58 24 82 2f 58 20" + std::string(64, '0'))),
            Error::kManifestTooLarge)
      << "one past";
}

}  // namespace
}  // namespace tailor::processor
