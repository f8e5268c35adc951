// SPDX-License-Identifier: Apache-2.0
// The SUIT_Report that comes with the end of an update: sealed with the key that the device registers with, naming the
// manifest and the place where it failed.
#include "core/report/suit_report.hpp"

#include <set>

#include "core/report/capabilities.hpp"
#include "core/report/encrypted.hpp"
#include "core/report/sealed.hpp"
#include "tests/device/operator_node.hpp"
#include "tests/device/written_update.hpp"

namespace tailor::sim {
namespace {

/// The SUIT_Report of the last report in this state, opened with the key that the CA certified for update servers.
struct Told {
  Bytes inside;
  std::optional<report::SuitReport> report;
  update::Report around;
};

std::optional<Told> told_by(World& world, update::UpdateState state) {
  for (auto bytes = world.first.reports.rbegin(); bytes != world.first.reports.rend(); ++bytes) {
    Told told;
    told.around = update::decode_report(*bytes).value();
    if (told.around.update.state() != state) continue;
    if (told.around.suit_report.empty()) return told;
    const auto inside = report::unseal(told.around.suit_report, world.ca.keys.at(0));
    if (!inside.ok()) {
      ADD_FAILURE() << "seal: " << name_of(inside.error());
      return std::nullopt;
    }
    told.inside.assign(inside->begin(), inside->end());
    told.report = report::decode_suit_report(told.inside).value();
    return told;
  }
  return std::nullopt;
}

crypto::Sha256Digest manifest_of(ByteView envelope) {
  return agent::claimed_manifest(envelope).value();
}

TEST(DeviceSuitReport, OfASuccessNamesTheManifest) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  const Bytes envelope = world.envelope_of({});
  world.first.has_image(World::image_of({}));
  world.first.offers(envelope);
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  const auto told = told_by(world, update::UpdateState::kConfirmed);
  ASSERT_TRUE(told && told->report);
  EXPECT_FALSE(told->report->failure.has_value());
  EXPECT_TRUE(equal(told->report->digest.bytes, manifest_of(envelope)));
  EXPECT_EQ(Cursor(*told->report->nonce).take_be<8>().value(), told->around.number);
  EXPECT_FALSE(told_by(world, update::UpdateState::kTrial)->report.has_value()) << "only an outcome has one";
}

TEST(DeviceSuitReport, IsEncryptedForThoseWhoHaveItsKey) {
  World world;
  const auto key = report::derive_report_key(Bytes(32, 3), world.device_id).value();
  world.device.settings.report_key = key;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  UpdateSpec spec;
  spec.class_name = "valve";
  world.publish(spec);
  ASSERT_TRUE(world.until([&] { return world.first.heard("refused(ClassMismatch)"); }));
  const auto around = update::decode_report(world.first.reports.back()).value();
  EXPECT_LE(around.suit_report.size(), agent::kSealedReportBytes);
  const auto inside = report::unseal(around.suit_report, world.ca.keys.at(0)).value();
  ASSERT_TRUE(report::is_encrypted(inside));
  EXPECT_FALSE(report::decode_suit_report(inside).ok());
  Bytes room(inside.size());
  const auto plain = report::decrypt(inside, {crypto::ContentAlgorithm::kA128Gcm, key}, room).value();
  const auto told = report::decode_suit_report(plain).value();
  ASSERT_TRUE(told.failure.has_value());
  EXPECT_EQ(told.failure->code, static_cast<int64_t>(Error::kClassMismatch));
}

TEST(DeviceSuitReport, AKeyThatCannotBeUsedLeavesTheSuitReportOutRatherThanReadable) {
  World world;
  const Bytes too_long(17, 3);
  world.device.settings.report_key = too_long;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  UpdateSpec spec;
  spec.class_name = "valve";
  world.publish(spec);
  ASSERT_TRUE(world.until([&] { return world.first.heard("refused(ClassMismatch)"); }));
  EXPECT_TRUE(update::decode_report(world.first.reports.back()).value().suit_report.empty());
}

TEST(DeviceSuitReport, TellsHowManyOfItsRecordsAreMissing) {
  for (const size_t checks : {4U, 60U}) {
    World world;
    world.device.boot();
    ASSERT_TRUE(world.until_registered());
    publish(world, {.checks = checks});
    ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
    const auto told = told_by(world, update::UpdateState::kConfirmed);
    ASSERT_TRUE(told && told->report);
    EXPECT_EQ(told->report->record_count + told->report->records_missing, checks + 2) << "with fetch and image match";
    EXPECT_EQ(told->report->records_missing > 0, checks == 60) << told->report->records_missing;
    EXPECT_GT(told->report->record_count, 5U) << "the newest are there";
  }
}

TEST(DeviceSuitReport, OfARefusalNamesTheCommandThatFailed) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  Bytes image = World::image_of({});
  const std::string path = to_base64url(crypto::sha256(image).value());
  image[5000] ^= 1;
  world.first.has_image_as(path, image);
  world.second.has_image_as(path, image);
  world.first.offers(world.envelope_of({}));
  ASSERT_TRUE(world.until([&] { return world.first.heard("refused(ImageDigestMismatch)"); }));
  const auto told = told_by(world, update::UpdateState::kRefused);
  ASSERT_TRUE(told && told->report && told->report->failure);
  const report::Failure& failure = *told->report->failure;
  EXPECT_EQ(failure.code, static_cast<int64_t>(Error::kImageDigestMismatch));
  EXPECT_EQ(failure.reason, report::Reason::kConditionFailed);
  EXPECT_EQ(failure.record.component, 0U);
  // The command at that place is the condition image-match, whatever section the author put it into.
  EXPECT_NE(failure.record.section, 0);
  EXPECT_GT(failure.record.offset, 0U);
}

TEST(DeviceSuitReport, OfAnotherClassNamesTheSharedSequence) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  UpdateSpec spec;
  spec.class_name = "valve";
  world.publish(spec);
  ASSERT_TRUE(world.until([&] { return world.first.heard("refused(ClassMismatch)"); }));
  const auto told = told_by(world, update::UpdateState::kRefused);
  ASSERT_TRUE(told && told->report && told->report->failure);
  EXPECT_EQ(told->report->failure->record.section, report::kSharedSection);
  EXPECT_GT(told->report->failure->record.offset, 0U);
  EXPECT_TRUE(told->report->capabilities.empty()) << "nothing was unsupported";
}

TEST(DeviceSuitReport, BeforeAnyCommandThereIsNoPlace) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.first.offers(world.signed_by(world.stranger, {}));
  ASSERT_TRUE(world.until([&] { return world.first.heard("refused(SignatureInvalid)"); }));
  const auto told = told_by(world, update::UpdateState::kRefused);
  ASSERT_TRUE(told && told->report && told->report->failure);
  EXPECT_EQ(told->report->failure->reason, report::Reason::kUnauthorised);
  EXPECT_EQ(told->report->failure->record.section, 0);
  EXPECT_EQ(told->report->record_count, 0U);
}

TEST(DeviceSuitReport, OfWhatIsNoEnvelopeThereIsNone) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.first.offers(Bytes(300, 0x00));
  ASSERT_TRUE(world.until([&] { return world.first.heard("refused(EnvelopeUntagged)"); }));
  const auto told = told_by(world, update::UpdateState::kRefused);
  ASSERT_TRUE(told.has_value());
  EXPECT_FALSE(told->report.has_value()) << "a SUIT_Report has to name a manifest";
}

TEST(DeviceSuitReport, OfARevertNamesTheInvocation) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  UpdateSpec spec;
  spec.behaviour = "crashes";
  world.publish(spec);
  ASSERT_TRUE(world.until([&] { return world.first.heard("reverted(TrialCrashed)"); }));
  const auto told = told_by(world, update::UpdateState::kReverted);
  ASSERT_TRUE(told && told->report && told->report->failure);
  EXPECT_EQ(told->report->failure->code, static_cast<int64_t>(Error::kTrialCrashed));
  EXPECT_EQ(told->report->failure->reason, report::Reason::kOperationFailed);
  EXPECT_EQ(told->report->failure->record.section, suit::manifest_key::kInvoke);
}

TEST(DeviceSuitReport, CapabilitiesAreGivenOnRequest) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  OperatorNode person(world.link, world.authority, world.operator_id);
  person.connect(world.device.address());
  ASSERT_TRUE(world.until([&] { return person.open(); }, 30));
  Caller caller;
  caller.send(person.endpoint(), coap::Code::kGet, "/capabilities", coap::format::kNone, {}, world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }, 60));
  const auto view = report::decode_capabilities(caller.answer).value();
  EXPECT_EQ(to_hex(view.components), "84814100814574727573748141018241004101")
      << "the image, the trust store, the places of dependencies and of staged payloads";
  cbor::Reader commands(view.lists[report::list_index(suit::capability_key::kCommands)]);
  std::set<int64_t> labels;
  for (size_t count = commands.take_array().value(); count > 0; --count) labels.insert(commands.take_int().value());
  for (const int64_t label : {suit::command::kVendorIdentifier, suit::command::kImageMatch, suit::command::kFetch,
                              suit::command::kProcessDependency, suit::command::kDependencyIntegrity,
                              suit::command::kCopy, suit::command::kUnlink}) {
    EXPECT_TRUE(labels.contains(label)) << label;
  }
  EXPECT_FALSE(labels.contains(suit::command::kCustomBelow));
  cbor::Reader algorithms(view.lists[report::list_index(suit::capability_key::kCryptoAlgorithms)]);
  std::set<int64_t> numbers;
  for (size_t count = algorithms.take_array().value(); count > 0; --count)
    numbers.insert(algorithms.take_int().value());
  for (const int64_t number : {-16, -9, -46, 5, 1, 3, 24, -65534, -3, -29})
    EXPECT_TRUE(numbers.contains(number)) << number;
}

}  // namespace
}  // namespace tailor::sim
