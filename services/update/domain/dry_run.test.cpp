// SPDX-License-Identifier: Apache-2.0
// What a profile tells about a manifest before any device has seen it, and what it does not tell.
#include "services/update/domain/dry_run.hpp"

#include <gtest/gtest.h>

#include "core/report/capabilities.hpp"
#include "services/update/testing/sample.hpp"
#include "testing/suit/author.hpp"

namespace tailor::update_server {
namespace {

using suit::SequenceWriter;
namespace command = suit::command;
namespace manifest_key = suit::manifest_key;

std::optional<Objection> judge(const Bytes& envelope, const Device& device, const Capability* capability = nullptr) {
  const Outcome<DryRun> run = DryRun::prepare(envelope, testing::kNow);
  EXPECT_TRUE(run.ok()) << run.error().to_text();
  return run->run(device, capability);
}

TEST(DryRun, AProfileThatFitsIsNotInTheWay) {
  for (const testing::EnvelopeSpec& spec :
       {testing::EnvelopeSpec{}, testing::EnvelopeSpec{.integrated = true},
        testing::EnvelopeSpec{.sever_install = true}, testing::EnvelopeSpec{.sequence_number = 1},
        testing::EnvelopeSpec{.uri = "coaps://elsewhere.example/fw"}}) {
    const auto found = judge(testing::envelope(spec), testing::device());
    EXPECT_FALSE(found.has_value()) << found->to_text();
  }
}

TEST(DryRun, NamesCommandPathByteAndRule) {
  struct Row {
    const char* name;
    testing::EnvelopeSpec spec;
    Error reason;
    const char* command;
    const char* path;
    const char* rule;
  };
  const Row rows[] = {
      {"vendor",
       {.vendor = testing::kOtherClass},
       Error::kVendorMismatch,
       "condition-vendor-identifier",
       "manifest.common.shared-sequence[1].vendor-identifier",
       "the device's vendor is fa6b4a53-"},
      {"class",
       {.device_class = testing::kOtherClass},
       Error::kClassMismatch,
       "condition-class-identifier",
       "manifest.common.shared-sequence[2].class-identifier",
       "the device's class is 1492af14-"},
      {"sequence number",
       {.sequence_number = 0},
       Error::kSequenceNumberTooLow,
       "",
       "manifest.manifest-sequence-number",
       "0x00 was installed with 1"},
  };
  for (const Row& row : rows) {
    const Bytes envelope = testing::envelope(row.spec);
    const auto found = judge(envelope, testing::device());
    ASSERT_TRUE(found.has_value()) << row.name;
    EXPECT_EQ(found->reason, row.reason) << row.name;
    EXPECT_EQ(found->command, row.command) << row.name;
    EXPECT_EQ(found->path, row.path) << row.name;
    EXPECT_NE(found->rule.find(row.rule), std::string::npos) << found->rule;
    ASSERT_TRUE(found->offset.has_value()) << row.name;
    EXPECT_LT(*found->offset, envelope.size());
    EXPECT_EQ(found->to_text().find("at byte " + std::to_string(*found->offset)), 0U) << found->to_text();
  }
}

/// A manifest with one install sequence, for component [00].
Bytes installing(const std::function<void(SequenceWriter&)>& write) {
  tailor::testing::Author author;
  author.member(manifest_key::kInstall, tailor::testing::sequence(write));
  return author.envelope();
}

TEST(DryRun, WhatTheProfileTellsDecidesAndTheRestIsAssumed) {
  const crypto::Sha256Digest installed = testing::digest_of_byte(1), other = testing::digest_of_byte(2);
  const auto nothing = Error{};
  const auto version = [](std::string_view match) {
    return installing([bytes = tailor::testing::from_hex(match)](SequenceWriter& s) {
      s.override_parameters({.version = bytes}).command(command::kVersion, 15);
    });
  };
  struct Row {
    const char* name;
    Bytes envelope;
    Error reason;
  };
  const Row rows[] = {
      {"the precursor that is installed", installing([&](SequenceWriter& s) {
         s.override_parameters({.digest = installed}).command(command::kImageMatch, 15);
       }),
       nothing},
      {"another precursor", installing([&](SequenceWriter& s) {
         s.override_parameters({.digest = other}).command(command::kImageMatch, 15);
       }),
       Error::kImageDigestMismatch},
      {"a payload that is not here", installing([&](SequenceWriter& s) {
         s.override_parameters({.digest = other, .image_size = 5, .uri = "coaps://elsewhere/x"});
         s.command(command::kFetch, 2).command(command::kImageMatch, 15);
       }),
       nothing},
      {"a version that is installed", version("82 03 81 01"), nothing},  // 1.0 = 1
      {"a version that is not", version("82 01 81 01"), Error::kComponentVersionMismatch},
      {"a time that is over", installing([&](SequenceWriter& s) {
         s.override_parameters({.use_before = 5}).command(command::kUseBefore, 15);
       }),
       Error::kConditionFailed},
      {"a time to come", installing([&](SequenceWriter& s) {
         s.override_parameters({.use_before = static_cast<uint64_t>(testing::kNow / 1000 + 60)})
             .command(command::kUseBefore, 15);
       }),
       nothing},
      {"a battery that nobody knows", installing([&](SequenceWriter& s) {
         s.override_parameters({.minimum_battery = 900}).command(command::kMinimumBattery, 15);
       }),
       nothing},
      {"somebody who is asked", installing([](SequenceWriter& s) { s.command(command::kUpdateAuthorized, 15); }),
       nothing},
      {"a slot that nobody knows",
       installing([](SequenceWriter& s) { s.override_parameters({.slot = 1}).command(command::kComponentSlot, 15); }),
       nothing},
      {"giving up", installing([](SequenceWriter& s) { s.command(command::kAbort, 15); }), Error::kManifestAborted},
      {"a command that does not exist", installing([](SequenceWriter& s) { s.command(100, 15); }),
       Error::kCommandUnsupported},
      {"nothing to do for an update", tailor::testing::Author().envelope(), Error::kSequenceMissing},
      {"a component that the profile does not list",
       tailor::testing::Author()
           .components(2)
           .member(manifest_key::kInstall, tailor::testing::sequence([](SequenceWriter& s) {
                     s.set_component_index(1).override_parameters({.uri = "x"}).command(command::kFetch, 2);
                   }))
           .envelope(),
       nothing},
  };
  for (const Row& row : rows) {
    const auto found = judge(row.envelope, testing::device());
    EXPECT_EQ(found ? found->reason : nothing, row.reason) << row.name << (found ? ": " + found->to_text() : "");
  }
}

Capability capability(std::vector<int32_t> commands) {
  const report::ComponentCapability component{suit::decode_component_id("81 41 00"_hex).value(), false};
  const int32_t parameters[] = {1, 2, 3, 14, 21};
  const int32_t algorithms[] = {-9, -16};
  report::Capabilities told;
  told.components = std::span(&component, 1);
  told.lists[report::list_index(suit::capability_key::kCommands)] = commands;
  told.lists[report::list_index(suit::capability_key::kParameters)] = parameters;
  told.lists[report::list_index(suit::capability_key::kCryptoAlgorithms)] = algorithms;
  Bytes room(256);
  return capability_from(report::encode(told, room).value()).value();
}

TEST(DryRun, ACapabilityReportSaysWhatADeviceLacks) {
  const Capability all = capability({1, 2, 3, 12, 20, 21});
  const Bytes plain = testing::envelope();
  EXPECT_FALSE(judge(plain, testing::device(), &all).has_value());

  const Capability no_fetch = capability({1, 2, 3, 12, 20});
  const auto command = judge(plain, testing::device(), &no_fetch);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->reason, Error::kCommandUnsupported);
  EXPECT_EQ(command->command, "directive-fetch");
  EXPECT_EQ(command->path, "manifest.install[1].fetch");

  const Bytes arguments = installing([](SequenceWriter& s) {
    s.override_parameters({.uri = "x", .fetch_arguments = "00"_hex}).command(suit::command::kFetch, 2);
  });
  const auto parameter = judge(arguments, testing::device(), &all);
  ASSERT_TRUE(parameter.has_value());
  EXPECT_EQ(parameter->reason, Error::kParameterUnsupported);
  EXPECT_EQ(parameter->path, "manifest.install[0].override-parameters.fetch-arguments");

  Capability other_algorithms = all;
  other_algorithms.algorithms = {-19};
  EXPECT_EQ(judge(plain, testing::device(), &other_algorithms)->reason, Error::kAlgorithmUnsupported);

  const Bytes two =
      tailor::testing::Author()
          .components(2)
          .member(manifest_key::kInstall, tailor::testing::sequence([](SequenceWriter& s) {
                    s.set_component_index(1).override_parameters({.uri = "x"}).command(suit::command::kFetch, 2);
                  }))
          .envelope();
  const auto component = judge(two, testing::device(), &all);
  ASSERT_TRUE(component.has_value());
  EXPECT_EQ(component->reason, Error::kComponentUnknown);
  EXPECT_EQ(component->path, "manifest.common.components[1]");
}

TEST(DryRun, ComponentRangesCoverWhatBeginsWithThem) {
  Capability capability;
  capability.components = {{{{1}}, false}, {{{2}}, true}};
  EXPECT_TRUE(capability.has_component({{1}}));
  EXPECT_FALSE(capability.has_component({{1}, {2}}));
  EXPECT_TRUE(capability.has_component({{2}, {3}}));
  EXPECT_FALSE(capability.has_component({{3}}));
}

TEST(DryRun, DevicesOfOneKindGetOneAnswer) {
  const auto run = DryRun::prepare(testing::envelope(), testing::kNow);
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->kind_of(testing::device(1)), run->kind_of(testing::device(2)));
  Device newer = testing::device(2);
  newer.components[0].sequence_number = 9;
  EXPECT_NE(run->kind_of(testing::device(1)), run->kind_of(newer));
  const Bytes for_one = installing([](SequenceWriter& s) { s.command(command::kDeviceIdentifier, 15); });
  const auto asks = DryRun::prepare(for_one, testing::kNow);
  ASSERT_TRUE(asks.ok());
  EXPECT_NE(asks->kind_of(testing::device(1)), asks->kind_of(testing::device(2)));
}

}  // namespace
}  // namespace tailor::update_server
