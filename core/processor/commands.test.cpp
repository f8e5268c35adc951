// SPDX-License-Identifier: Apache-2.0
// The optional commands of the manifest draft, custom commands, and what is found before anything is run.
#include "core/processor/processing.test.hpp"
#include "core/processor/scan.hpp"

namespace tailor::processor {
namespace {

using Log = std::vector<std::string>;

class Commands : public Processing {};

TEST_F(Commands, CheckContentComparesEveryOctet) {
  struct Row {
    const char* what;
    Octets content;
    Octets wanted;
    Error error;
  };
  for (const Row& row : {
           Row{"equal", Octets(100, 7), Octets(100, 7), kNone},
           Row{"empty", {}, {}, kNone},
           Row{"one piece", Octets(32, 1), Octets(32, 1), kNone},
           Row{"longer", Octets(33, 1), Octets(32, 1), Error::kConditionFailed},
           Row{"shorter", Octets(31, 1), Octets(32, 1), Error::kConditionFailed},
           Row{"other", Octets(100, 7), Octets(100, 8), Error::kConditionFailed},
       }) {
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    device_[0]->content = row.content;
    EXPECT_EQ(install([&](SequenceWriter& s) {
                s.override_parameters({.content = row.wanted}).command(command::kCheckContent, 15);
              }),
              row.error)
        << row.what;
  }
  for (const size_t altered : {0U, 31U, 32U, 63U, 99U}) {
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    device_[0]->content = Octets(100, 7);
    device_[0]->content[altered] ^= 0x80;
    platform_.calls = 0;
    EXPECT_EQ(install([&](SequenceWriter& s) {
                s.override_parameters({.content = Octets(100, 7)}).command(command::kCheckContent, 15);
              }),
              Error::kConditionFailed);
    EXPECT_EQ(platform_.calls, 4) << "all of it is read, wherever the difference is";
  }
  author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
  device_[0]->content.clear();
  EXPECT_EQ(install([&](SequenceWriter& s) { s.command(command::kCheckContent, 15); }), Error::kConditionFailed)
      << "a condition whose parameter is unset does not hold";
}

TEST_F(Commands, VendorMayBeAPrivateEnterpriseNumber) {
  constexpr auto kPen = "86 8d 1f"_hex;
  struct Row {
    ByteView mine;
    const char* sequence;
    Error error;
  };
  for (const Row& row : {
           Row{kPen, "84 14 a1 01 d8 70 43 868d1f 01 0f", kNone},
           Row{kPen, "84 14 a1 01 d8 70 43 868d20 01 0f", Error::kVendorMismatch},
           Row{{}, "84 14 a1 01 d8 70 43 868d1f 01 0f", Error::kVendorMismatch},
           Row{{}, "84 14 a1 01 d8 70 40 01 0f", Error::kVendorMismatch},
           Row{kPen, "84 14 a1 01 50 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 01 0f", kNone},
       }) {
    platform_.who.vendor_pen = row.mine;
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    EXPECT_EQ(install(testing::from_hex(row.sequence)), row.error) << row.sequence;
  }
}

TEST_F(Commands, SwapExchangesTwoComponents) {
  author_.components(2);
  device_[0]->content = {1, 2, 3};
  device_[1]->content = {4, 5};
  const auto swap = [](SequenceWriter& s) {
    s.set_component_index(0).override_parameters({.source_component = 1}).command(command::kSwap, 2);
  };
  EXPECT_EQ(install(swap), kNone);
  EXPECT_EQ(device_[0]->content, (Octets{4, 5}));
  EXPECT_EQ(device_[1]->content, (Octets{1, 2, 3}));
  authorization_ = &nothing_;
  EXPECT_EQ(run(), Error::kSignerNotPermitted);
  for (const uint64_t source : {uint64_t{0}, uint64_t{2}}) {
    authorization_ = &all_;
    author_ = std::move(testing::Author().components(2).member(manifest_key::kValidate, {0x80}));
    EXPECT_EQ(install([&](SequenceWriter& s) {
                s.set_component_index(0).override_parameters({.source_component = source}).command(command::kSwap, 2);
              }),
              Error::kComponentIndexInvalid);
  }
}

TEST_F(Commands, FetchArgumentsReachTheSourceOrAreRefused) {
  payloads_.arguments["p"] = {1, 2};
  EXPECT_EQ(install([](SequenceWriter& s) {
              s.override_parameters({.uri = "p", .fetch_arguments = "0102"_hex}).command(command::kFetch, 2);
            }),
            kNone);
  EXPECT_EQ(payloads_.arguments_used, 1);
  payloads_.arguments.clear();
  EXPECT_EQ(run(), Error::kParameterUnsupported);
  EXPECT_EQ(platform_.log.back(), "finish 0 1000") << "nothing was erased for it";
}

// Commands are always run in order; what is checked is that order did not matter where the author said so.
TEST_F(Commands, AComponentIsNotTargetAndSourceWhereOrderIsFree) {
  for (const bool strict : {true, false}) {
    author_ = std::move(testing::Author().components(3).member(manifest_key::kValidate, {0x80}));
    EXPECT_EQ(install([&](SequenceWriter& s) {
                s.set_component_index(0).override_parameters({.strict_order = strict, .uri = "p"});
                s.command(command::kFetch, 2);
                s.set_component_index(1).override_parameters({.source_component = 0}).command(command::kCopy, 2);
              }),
              strict ? kNone : Error::kCommandNotAllowed);
  }
  author_ = std::move(testing::Author().components(3).member(manifest_key::kValidate, {0x80}));
  EXPECT_EQ(install([&](SequenceWriter& s) {
              s.set_component_index(0).override_parameters({.strict_order = false, .uri = "p"});
              s.command(command::kFetch, 2).override_parameters({.strict_order = true});
              s.set_component_index(1).override_parameters({.source_component = 0}).command(command::kCopy, 2);
            }),
            kNone)
      << "turning strict order on again is a barrier";
}

TEST_F(Commands, WhereOrderIsFreeASequenceSaysFirstWhatItWorksOn) {
  const auto runs = [&](bool strict, const std::function<void(SequenceWriter&)>& inner, bool all = false) {
    author_ = std::move(testing::Author().components(3).member(manifest_key::kValidate, {0x80}));
    return install([&](SequenceWriter& s) {
      if (all) {
        s.set_all_components();
      } else {
        s.set_component_index(0);
      }
      s.override_parameters({.strict_order = strict, .uri = "p"});
      s.run_sequence(testing::sequence(inner));
    });
  };
  const auto selects = [](SequenceWriter& s) { s.set_component_index(0).command(command::kFetch, 2); };
  const auto takes = [](SequenceWriter& s) { s.command(command::kFetch, 2); };
  const auto again = [](SequenceWriter& s) {
    s.set_component_index(0).command(command::kFetch, 2).set_component_index(1);
  };
  EXPECT_EQ(runs(false, selects), kNone);
  EXPECT_EQ(runs(false, takes), Error::kCommandNotAllowed);
  EXPECT_EQ(runs(false, again), Error::kCommandNotAllowed);
  EXPECT_EQ(runs(false, takes, true), kNone) << "which components, was said before";
  EXPECT_EQ(runs(false, selects, true), Error::kCommandNotAllowed);
  EXPECT_EQ(runs(true, selects), kNone) << "none of it where order is strict";
  EXPECT_EQ(runs(true, takes), kNone);
  EXPECT_EQ(runs(true, again), kNone);
}

TEST_F(Commands, ComponentMetadataIsGivenBeforeContent) {
  constexpr auto kDirectory = "a1 05 02"_hex;
  EXPECT_EQ(install([&](SequenceWriter& s) {
              s.override_parameters({.content = ByteView{}, .component_metadata = kDirectory});
              s.command(command::kWrite, 2);
            }),
            kNone);
  EXPECT_TRUE(equal(device_[0]->metadata, kDirectory));
}

// --- custom commands ---

Result<Answer> answer_with_parameter(void* context, Component&, ByteView argument, const Parameters& parameters) {
  auto& log = *static_cast<Log*>(context);
  log.push_back("custom " + std::to_string(argument.size()) + " " + std::to_string(parameters.value(-300).size()));
  const ByteView value = parameters.value(-300);
  if (value.empty()) return Error::kParameterMissing;
  return value[0] == 0 ? Answer::kNo : value[0] == 1 ? Answer::kYes : Answer::kLater;
}

TEST_F(Commands, CustomCommandsAreThoseThatWereRegistered) {
  const CustomCommand commands[] = {{-257, &platform_.log, answer_with_parameter}};
  const int64_t parameters[] = {-300};
  struct Row {
    const char* what;
    const char* sequence;
    bool registered;
    Error error;
  };
  for (const Row& row : {
           Row{"holds", "84 14 a1 39012b 01 39 0100 43 010203", true, kNone},
           Row{"does not hold", "84 14 a1 39012b 00 39 0100 f6", true, Error::kConditionFailed},
           Row{"an error", "82 39 0100 f6", true, Error::kParameterMissing},
           Row{"not registered", "82 39 0100 f6", false, Error::kCommandUnsupported},
           Row{"another label", "82 39 0101 f6", true, Error::kCommandUnsupported},
           Row{"-256", "82 38 ff f6", true, Error::kCommandUnsupported},
           Row{"-1", "82 20 f6", true, Error::kCommandUnsupported},
           Row{"argument of array", "84 14 a1 39012b 01 39 0100 80", true, Error::kCborWrongType},
           Row{"argument true", "84 14 a1 39012b 01 39 0100 f5", true, Error::kCborWrongType},
           Row{"another parameter", "82 14 a1 39012c 01", true, Error::kParameterUnsupported},
           Row{"parameter -256", "82 14 a1 38ff 01", true, Error::kParameterUnsupported},
           Row{"parameter that is not registered", "82 14 a1 39012b 01", false, Error::kParameterUnsupported},
       }) {
    custom_ = row.registered ? CustomCommands{commands, parameters} : CustomCommands{};
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    EXPECT_EQ(install(testing::from_hex(row.sequence)), row.error) << row.what;
  }
}

TEST_F(Commands, NothingCustomInTheSharedSequence) {
  const CustomCommand commands[] = {{-257, &platform_.log, answer_with_parameter}};
  const int64_t parameters[] = {-300};
  custom_ = {commands, parameters};
  for (const char* shared : {"82 39 0100 f6", "82 14 a1 39012b 01", "82 18 20 47 82 14 a1 39012b 01"}) {
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    author_.shared(testing::from_hex(shared));
    EXPECT_EQ(install(Octets{0x80}), Error::kCommandNotAllowed) << shared;
  }
}

TEST_F(Commands, ACustomCommandMayWait) {
  const CustomCommand commands[] = {
      {-257, &waits_, [](void* context, Component&, ByteView, const Parameters&) -> Result<Answer> {
         return *static_cast<int*>(context) < 3 ? Answer::kLater : Answer::kYes;
       }}};
  custom_ = {commands, {}};
  EXPECT_EQ(install(testing::from_hex("82 39 0100 f6")), kNone);
  EXPECT_EQ(waits_, 3);
}

// --- found before anything is run ---

TEST_F(Commands, WhatIsNotSupportedIsFoundBeforeAnythingIsWritten) {
  const Octets unsupported = testing::from_hex("82 18 1e 0f");
  const Octets fetches =
      sequence([](SequenceWriter& s) { s.override_parameters({.uri = "p"}).command(command::kFetch, 2); });
  const ByteView branches[] = {fetches, unsupported};
  const Octets hidden = sequence([&](SequenceWriter& s) { s.try_each(branches, false); });
  const Octets parameter = testing::from_hex("82 14 a1 18 1f 40");
  struct Row {
    const char* what;
    int64_t section;
    const Octets& sequence;
    Error error;
  };
  for (const Row& row : {
           Row{"in a branch that would not be taken", manifest_key::kInstall, hidden, Error::kCommandUnsupported},
           Row{"in a later section", manifest_key::kInvoke, unsupported, Error::kCommandUnsupported},
           Row{"in uninstall", manifest_key::kUninstall, unsupported, Error::kCommandUnsupported},
           Row{"a parameter in load", manifest_key::kLoad, parameter, Error::kParameterUnsupported},
       }) {
    author_ = testing::Author();
    std::map<int64_t, Octets> members = {{manifest_key::kPayloadFetch, fetches}, {manifest_key::kInstall, {0x80}}};
    members[row.section] = row.sequence;
    for (auto& [key, content] : members) author_.member(key, content);
    EXPECT_EQ(run(), row.error) << row.what;
    EXPECT_TRUE(platform_.log.empty()) << row.what;
  }
}

TEST_F(Commands, ASeveredMemberIsLookedThroughWhenItIsHere) {
  author_.member(manifest_key::kInstall, testing::from_hex("82 18 1e 0f"), true);
  EXPECT_EQ(run(), Error::kCommandUnsupported);
  EXPECT_TRUE(platform_.log.empty());
}

TEST_F(Commands, ABootTableLooksThroughWhatBootRuns) {
  author_.member(manifest_key::kInvoke, sequence([](SequenceWriter& s) { s.command(command::kInvoke, 2); }));
  author_.member(manifest_key::kInstall,
                 sequence([](SequenceWriter& s) { s.override_parameters({.uri = "p"}).command(command::kFetch, 2); }));
  EXPECT_EQ(run(Procedure::kInvoke, kBootCommands), kNone);
  EXPECT_EQ(run(Procedure::kUpdate, kBootCommands), Error::kCommandUnsupported) << "it runs no update";
}

TEST_F(Commands, EachSequenceOfSeveralComponentsSelectsFirst) {
  for (const int64_t section : {manifest_key::kPayloadFetch, manifest_key::kInstall}) {
    author_ = std::move(testing::Author().components(2));
    author_.member(section, testing::from_hex("84 20 00 0c 00"));
    EXPECT_EQ(run(), Error::kCommandUnsupported);
    author_ = std::move(testing::Author().components(2));
    author_.member(section, testing::from_hex("84 14 a1 05 00 0c 00"));
    EXPECT_EQ(run(), Error::kComponentIndexInvalid);
  }
}

TEST_F(Commands, RightsAreAskedForEveryActionByItsLabel) {
  struct Asked final : Authorization {
    Status permits(std::span<const cose::VerificationKey* const> signers, ByteView id,
                   Action action) const noexcept override {
      log.push_back(std::to_string(static_cast<int>(action.kind)) + ":" + std::to_string(action.label) + "@" +
                    std::to_string(id.back()) + "/" + std::to_string(signers.size()));
      return refused == log.back() ? Status(Error::kSignerNotPermitted) : Status(kOk);
    }
    mutable Log log;
    std::string refused;
  } asked;
  authorization_ = &asked;
  author_.components(2);
  const auto sequence = [](SequenceWriter& s) {
    s.set_component_index(0).override_parameters({.uri = "p"}).command(command::kFetch, 2);
    s.set_component_index(1).override_parameters({.source_component = 0}).command(command::kCopy, 2);
  };
  ASSERT_EQ(install(sequence), kNone);
  const Log all = asked.log;
  EXPECT_EQ(all, (Log{"3:21@0/1", "2:21@0/1", "0:21@0/1", "3:22@1/1", "2:22@1/1", "1:22@0/1", "0:22@1/1"}));
  for (const std::string& refused : all) {
    asked.refused = refused;
    platform_.log.clear();
    EXPECT_EQ(run(), Error::kSignerNotPermitted) << refused;
    const bool was_second = refused.find("22@") != std::string::npos;
    EXPECT_EQ(platform_.log.size(), was_second ? 2U : 0U) << refused;
  }
}

}  // namespace
}  // namespace tailor::processor
