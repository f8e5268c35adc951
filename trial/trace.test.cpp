// SPDX-License-Identifier: Apache-2.0
// A watched processor does what an unwatched one does, and everything that ran stands in the trace, once.
#include "trial/trace.hpp"

#include <gtest/gtest.h>

#include <set>

#include "testing/suit/author.hpp"
#include "trial/device_state.hpp"
#include "trial/report.hpp"

namespace tailor::trial {
namespace {

using suit::SequenceWriter;
using testing::component_id;
using testing::sequence;
namespace command = suit::command;
namespace manifest_key = suit::manifest_key;
using Result = TraceStep::Result;

class Tracing : public ::testing::Test {
 protected:
  Tracing() {
    for (uint8_t i = 0; i < 2; ++i) recipient_.device.add(std::make_unique<DeclaredComponent>(component_id(i)));
    recipient_.anchors = &author_.anchors();
    recipient_.authorization = &all_;
    author_.components(2);
  }
  DeclaredComponent& component(uint8_t i) { return *recipient_.device.component(component_id(i)); }
  Ending run(bool assume = false, const std::set<int64_t>* commands = nullptr) {
    Tracer tracer(recipient_, assume);
    if (commands != nullptr) tracer.keep_only(*commands);
    const Ending ending = tracer.receive(author_.envelope(), "update");
    steps_ = tracer.steps();
    return ending;
  }
  std::vector<std::pair<int64_t, Result>> seen() const {
    std::vector<std::pair<int64_t, Result>> out;
    for (const TraceStep& step : steps_) out.emplace_back(step.command, step.result);
    return out;
  }

  testing::Author author_;
  AllowAll all_;
  Recipient recipient_;
  std::vector<TraceStep> steps_;
  crypto::Sha256Digest digest_ = crypto::sha256(Bytes(200, 7)).value();
};

TEST_F(Tracing, EachCommandStandsThereOnceWhateverItEntersOrWaitsFor) {
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                   const Bytes fails = sequence([](SequenceWriter& inner) { inner.command(command::kAbort, 15); });
                   const Bytes fetches = sequence([&](SequenceWriter& inner) {
                     inner.override_parameters({.digest = digest_, .uri = "p"}).command(command::kFetch, 2);
                   });
                   const ByteView branches[] = {fails, fetches};
                   s.set_component_index(0).try_each(branches, false).command(command::kImageMatch, 15);
                 }));
  recipient_.payloads.payloads["p"] = Bytes(200, 7);
  recipient_.payloads.pauses = true;
  EXPECT_EQ(run().verdict, Verdict::kDone);
  EXPECT_EQ(seen(), (std::vector<std::pair<int64_t, Result>>{{command::kSetComponentIndex, Result::kHeld},
                                                             {command::kTryEach, Result::kHeld},
                                                             {command::kAbort, Result::kFailed},
                                                             {command::kOverrideParameters, Result::kHeld},
                                                             {command::kFetch, Result::kHeld},
                                                             {command::kImageMatch, Result::kHeld}}));
  EXPECT_EQ(steps_[2].error, Error::kManifestAborted);
  EXPECT_EQ(steps_[5].component_id, component_id(0));
}

TEST_F(Tracing, ARightThatIsMissingIsAStepToo) {
  class NoFetch final : public processor::Authorization {
    Status permits(std::span<const cose::VerificationKey* const>, ByteView,
                   processor::Action action) const noexcept override {
      const bool fetches = action.kind == processor::Action::Kind::kCommand && action.label == command::kFetch;
      return fetches ? Status(Error::kSignerNotPermitted) : Status(kOk);
    }
  };
  const NoFetch rights;
  recipient_.authorization = &rights;
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                   s.set_component_index(1).override_parameters({.uri = "p"}).command(command::kFetch, 2);
                 }));
  const Ending ending = run();
  EXPECT_EQ(ending.error, Error::kSignerNotPermitted);
  ASSERT_FALSE(steps_.empty());
  EXPECT_EQ(steps_.back().command, command::kFetch);
  EXPECT_EQ(steps_.back().result, Result::kError);
}

TEST_F(Tracing, WhatIsNotDeclaredIsAssumedOnlyWhenThatIsWanted) {
  author_.member(manifest_key::kValidate,
                 sequence([&](SequenceWriter& s) { s.set_component_index(0).command(command::kImageMatch, 15); }));
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                   s.set_component_index(1).override_parameters({.digest = digest_}).command(command::kImageMatch, 15);
                   s.set_component_index(0).override_parameters({.digest = digest_, .image_size = 200, .uri = "p"});
                   s.command(command::kFetch, 2);
                 }));
  component(1).content_unknown = true;
  EXPECT_EQ(run().error, Error::kFlashReadFailed);
  EXPECT_EQ(run(true).verdict, Verdict::kDone);
  EXPECT_EQ(component(0).known_digest, digest_);
  EXPECT_EQ(component(0).known_size, 200U);
  const auto assumed = std::count_if(steps_.begin(), steps_.end(),
                                     [](const TraceStep& step) { return step.result == Result::kAssumed; });
  EXPECT_EQ(assumed, 2) << "the installed image, and the payload; what validate sees is known";
  // What is known decides.
  component(1).known_digest = crypto::Sha256Digest{};
  EXPECT_EQ(run(true).error, Error::kImageDigestMismatch);
}

TEST_F(Tracing, CommandsOfAnotherDeviceAreFoundBeforeAnythingRuns) {
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                   s.set_component_index(0).override_parameters({.uri = "p"}).command(command::kFetch, 2);
                 }));
  const std::set<int64_t> few = {command::kSetComponentIndex, command::kOverrideParameters};
  EXPECT_EQ(run(true, &few).error, Error::kCommandUnsupported);
  EXPECT_TRUE(steps_.empty());
  EXPECT_TRUE(recipient_.device.untouched());
}

TEST_F(Tracing, TheReportNamesManifestAndFailure) {
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                   s.set_component_index(0).override_parameters({.uri = "p"}).command(command::kFetch, 2);
                 }));
  const Ending ending = run();
  ASSERT_EQ(ending.error, Error::kPayloadUnavailable);
  const auto encoded = report_of(recipient_, ending);
  ASSERT_TRUE(encoded.ok()) << encoded.error().to_text();
  const auto told = report::decode_suit_report(*encoded).value();
  EXPECT_TRUE(equal(told.digest.bytes, recipient_.manifest_digest));
  ASSERT_TRUE(told.failure.has_value());
  EXPECT_EQ(told.failure->code, static_cast<int64_t>(Error::kPayloadUnavailable));
  EXPECT_EQ(told.failure->record.section, manifest_key::kInstall);
  EXPECT_EQ(told.failure->record.offset, steps_.back().offset);

  Recipient nobody;
  EXPECT_EQ(report_of(nobody, nobody.receive(author_.envelope(), "update")).error().code, Error::kNotFound);
  EXPECT_EQ(report_of(recipient_, {.verdict = Verdict::kWaiting}).error().code, Error::kStateConflict);
}

// The conformance cases, watched: the same verdict, and every record of a report is a step of the trace.
TEST(TraceOfOwnCases, WatchingChangesNothing) {
  const char* source = std::getenv("TAILOR_SOURCE_DIR");
  const auto folder = std::filesystem::path(source == nullptr ? "." : source) / "tests/vectors/suit";
  size_t cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!std::filesystem::exists(entry.path() / "case.json")) continue;
    const Json device = Json::parse(testing::read_text(entry.path() / "case.json")).at("device");
    const Bytes envelope = testing::read_octets(entry.path() / "envelope.suit");
    const auto plain = recipient_from_json(device), watched = recipient_from_json(device);
    if (!plain.ok()) continue;  // a key that this build lacks
    const Ending expected = (*plain)->receive(envelope, (*plain)->procedure);
    Tracer tracer(**watched);
    const Ending ending = tracer.receive(envelope, (*watched)->procedure);
    EXPECT_EQ(result_of(**plain, expected), result_of(**watched, ending)) << entry.path();
    for (const RecordLog::Line& line : (*watched)->records.lines) {
      const bool seen = std::any_of(tracer.steps().begin(), tracer.steps().end(), [&](const TraceStep& step) {
        return step.section == line.section && step.offset == line.offset && step.command == line.command &&
               step.manifest == line.manifest;
      });
      EXPECT_TRUE(seen || line.command < 0 || line.command > 255) << entry.path() << " command " << line.command;
    }
    ++cases;
  }
  EXPECT_GT(cases, 100U);
}

}  // namespace
}  // namespace tailor::trial
