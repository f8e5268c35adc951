// SPDX-License-Identifier: Apache-2.0
#include "services/update/application/updates.hpp"

#include "core/report/encrypted.hpp"
#include "core/report/sealed.hpp"
#include "core/report/suit_report.hpp"
#include "services/update/testing/updates_test.hpp"

namespace tailor::update_server {
namespace {

using testing::code_of;
using testing::EnvelopeSpec;
using testing::kNow;
using testing::kOperator;
using testing::kTenant;
using testing::need;
using testing::succeeded;

NewDeployment to_devices(std::vector<Uuid> devices) {
  NewDeployment wanted;
  wanted.devices = std::move(devices);
  return wanted;
}

NewDeployment to_filter(std::string filter) {
  NewDeployment wanted;
  wanted.filter = std::move(filter);
  return wanted;
}

class Application : public testing::UpdatesTest {
 protected:
  Updates& updates() { return backend_->updates; }
  std::vector<std::string> events() {
    std::vector<std::string> kinds;
    for (const Event& event : need(updates().list_events(kTenant, 0, 1000))) kinds.push_back(event.kind);
    return kinds;
  }
};
TAILOR_STORE_TEST(Application);

TEST_P(Application, AnUpdateFromRegistrationToConfirmation) {
  const Device device = testing::device();
  ASSERT_TRUE(succeeded(backend_->registers(device)));
  EXPECT_FALSE(need(updates().offer(kTenant, device.id, Way::kAsked)).has_value());

  const auto deployed = backend_->deploys({}, to_filter("class==" + uuid_text(testing::kClass)));
  ASSERT_TRUE(succeeded(deployed));
  const Uuid deployment = deployed->item.deployment.id;
  EXPECT_EQ(backend_->state_in(deployment, device), UpdateState::kIdle);

  const auto offer = need(updates().offer(kTenant, device.id, Way::kAsked));
  ASSERT_TRUE(offer.has_value());
  EXPECT_EQ(offer->deployment, deployment);
  EXPECT_EQ(need(read_envelope(offer->envelope->bytes(), backend_->signers)).digest, offer->manifest.digest);
  EXPECT_EQ(backend_->state_in(deployment, device), UpdateState::kOffered);
  const Digest image = offer->manifest.images().at(0);
  EXPECT_EQ(need(updates().image(kTenant, image))->bytes().size(), EnvelopeSpec().image.size());

  const Digest manifest = offer->manifest.digest;
  uint64_t number = 0;
  for (const UpdateState state : {UpdateState::kAuthorized, UpdateState::kFetching, UpdateState::kStaged,
                                  UpdateState::kInstalling, UpdateState::kTrial, UpdateState::kConfirmed}) {
    ASSERT_TRUE(succeeded(backend_->reports(device, ++number, manifest, state)));
    EXPECT_EQ(backend_->state_in(deployment, device), state);
    EXPECT_EQ(need(updates().find_device(kTenant, device.id)).device.update.state, state);
  }
  EXPECT_FALSE(need(updates().offer(kTenant, device.id, Way::kAsked)).has_value());
  const auto history = need(updates().list_reports(kTenant, device.id, std::nullopt, 100));
  ASSERT_EQ(history.size(), 6U);
  EXPECT_EQ(history.front().progress.state, UpdateState::kConfirmed);
  EXPECT_EQ(history.front().deployment, deployment);
  EXPECT_EQ(events(), (std::vector<std::string>{"device.registered", "image.uploaded", "manifest.uploaded",
                                                "deployment.created", "device.report", "device.report", "device.report",
                                                "device.report", "device.report", "device.report"}));
}

TEST_P(Application, AReRegistrationSettlesWhatArrived) {
  Device device = testing::device();
  need(backend_->registers(device));
  const auto deployed = need(backend_->deploys({}, to_devices({device.id})));
  EXPECT_EQ(deployed.item.state, DeploymentState::kActive);
  device.components[0].sequence_number = 2;
  device.components[0].version = "2.0";
  need(backend_->registers(device));
  EXPECT_EQ(backend_->state_in(deployed.item.deployment.id, device), UpdateState::kConfirmed);
  const auto after = need(updates().find_deployment(kTenant, deployed.item.deployment.id));
  EXPECT_EQ(after.state, DeploymentState::kComplete);
  EXPECT_EQ(need(updates().find_device(kTenant, device.id)).device.main_component()->version, "2.0");
  EXPECT_EQ(need(updates().list_devices(kTenant, "version==2.0", std::nullopt, 10)).size(), 1U);
}

TEST_P(Application, AFilterCatchesDevicesThatComeLater) {
  const auto deployed = need(backend_->deploys({}, to_filter("version==1.*")));
  EXPECT_TRUE(deployed.item.targets.empty());
  const Device device = testing::device(3);
  need(backend_->registers(device));
  EXPECT_TRUE(need(updates().offer(kTenant, device.id, Way::kAsked)).has_value());
  Device other = testing::device(4);
  other.components[0].version = "3.0";
  need(backend_->registers(other));
  EXPECT_FALSE(need(updates().offer(kTenant, other.id, Way::kAsked)).has_value());
}

TEST_P(Application, OrdersOfOperators) {
  const Device device = testing::device();
  need(backend_->registers(device));
  const Uuid id = need(backend_->deploys({}, to_devices({device.id}))).item.deployment.id;
  const auto offered = [&] { return need(updates().offer(kTenant, device.id, Way::kAsked)).has_value(); };
  EXPECT_TRUE(offered());
  EXPECT_EQ(need(updates().give_order(kOperator, id, Order::kPaused)).state, DeploymentState::kPaused);
  EXPECT_FALSE(offered());
  EXPECT_EQ(need(updates().give_order(kOperator, id, Order::kActive)).state, DeploymentState::kActive);
  EXPECT_TRUE(offered());
  EXPECT_EQ(need(updates().give_order(kOperator, id, Order::kCancelled)).state, DeploymentState::kCancelled);
  EXPECT_FALSE(offered());
  EXPECT_EQ(code_of(updates().give_order(kOperator, id, Order::kActive)), Error::kDeploymentEnded);
  EXPECT_EQ(code_of(updates().give_order(kOperator, testing::id_of(99), Order::kPaused)), Error::kNotFound);
}

TEST_P(Application, ADeploymentExpires) {
  const Device device = testing::device();
  need(backend_->registers(device));
  NewDeployment wanted = to_devices({device.id});
  wanted.expires_at_ms = kNow + 1000;
  const Uuid id = need(backend_->deploys({}, wanted)).item.deployment.id;
  clock_.advance(std::chrono::milliseconds(999));
  EXPECT_TRUE(need(updates().offer(kTenant, device.id, Way::kAsked)).has_value());
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(need(updates().offer(kTenant, device.id, Way::kAsked)).has_value());
  EXPECT_EQ(need(updates().find_deployment(kTenant, id)).state, DeploymentState::kExpired);
  EXPECT_EQ(code_of(updates().give_order(kOperator, id, Order::kPaused)), Error::kDeploymentEnded);
  wanted.expires_at_ms = kNow;
  EXPECT_EQ(code_of(backend_->deploys({}, wanted)), Error::kValueOutOfRange);
}

TEST_P(Application, TwoDeploymentsForOneDeviceHaveAnOrder) {
  const Device device = testing::device();
  need(backend_->registers(device));
  NewDeployment urgent = to_devices({device.id});
  urgent.priority = 5;
  const Uuid low = need(backend_->deploys({.sequence_number = 9}, to_devices({device.id}))).item.deployment.id;
  const Uuid high = need(backend_->deploys({.sequence_number = 3}, urgent)).item.deployment.id;
  auto offer = need(updates().offer(kTenant, device.id, Way::kAsked));
  ASSERT_TRUE(offer.has_value());
  EXPECT_EQ(offer->deployment, high);
  need(backend_->reports(device, 1, offer->manifest.digest, UpdateState::kRefused, Error::kSignerNotPermitted));
  offer = need(updates().offer(kTenant, device.id, Way::kAsked));
  ASSERT_TRUE(offer.has_value());
  EXPECT_EQ(offer->deployment, low);
}

TEST_P(Application, TheOperatorSeesWhyADeviceRefused) {
  Device device = testing::device();
  need(backend_->registers(device));
  const auto checked = need(backend_->deploys({}, to_devices({device.id})));
  device.device_class = testing::kOtherClass;  // after the deployment was made
  need(backend_->registers(device));
  EXPECT_FALSE(need(updates().offer(kTenant, device.id, Way::kAsked)).has_value());
  const auto targets = need(updates().list_targets(kTenant, checked.item.deployment.id, std::nullopt, 10));
  EXPECT_EQ(targets.at(0).progress, (Progressed{UpdateState::kRefused, Error::kClassMismatch}));
  EXPECT_EQ(targets.at(0).detail, "server's pre-check");

  NewDeployment unchecked = to_devices({device.id});
  unchecked.skip_precheck = true;
  const auto deployed = need(backend_->deploys({}, unchecked));
  const auto offer = need(updates().offer(kTenant, device.id, Way::kAsked));
  ASSERT_TRUE(offer.has_value());
  need(backend_->reports(device, 1, offer->manifest.digest, UpdateState::kRefused, Error::kClassMismatch));
  const auto refused = need(updates().list_targets(kTenant, deployed.item.deployment.id, std::nullopt, 10));
  EXPECT_EQ(refused.at(0).progress, (Progressed{UpdateState::kRefused, Error::kClassMismatch}));
  EXPECT_EQ(refused.at(0).detail, "somewhere");
}

TEST_P(Application, ADeploymentThatEveryDeviceWouldRefuseIsNotMade) {
  Device lamp = testing::device(1), other = testing::device(2), bulb = testing::device(3);
  lamp.device_class = other.device_class = testing::kOtherClass;
  for (const Device& device : {lamp, other, bulb}) need(backend_->registers(device));
  Precheck found;
  need(backend_->uploads_image(testing::EnvelopeSpec{}.image));
  const Digest manifest = need(backend_->uploads({})).item.facts.digest;
  const auto to = [&](std::vector<Uuid> devices) {
    NewDeployment wanted = to_devices(std::move(devices));
    wanted.manifest = manifest;
    return wanted;
  };
  const auto refused = updates().deploy(kOperator, to({lamp.id, other.id}), &found);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Error::kClassMismatch);
  EXPECT_NE(refused.error().context.find(uuid_text(lamp.id)), std::string::npos) << refused.error().context;
  EXPECT_NE(refused.error().context.find("shared-sequence[2].class-identifier"), std::string::npos);
  EXPECT_EQ(found.refusing, 2U);
  EXPECT_TRUE(need(updates().list_deployments(kTenant, std::nullopt, 10)).empty());

  // Some would refuse: it is made, and says who.
  const auto made = need(updates().deploy(kOperator, to({lamp.id, bulb.id}), &found));
  EXPECT_EQ(found.judged, 2U);
  ASSERT_EQ(found.refusing, 1U);
  EXPECT_EQ(found.refusals.at(0).device, lamp.id);
  EXPECT_EQ(made.item.targets.size(), 1U) << "one state: nobody was asked yet";

  // A filter that nobody fits yet is no reason to refuse; nor is anything with skip_precheck, nor a retired device.
  NewDeployment later = to_filter("version==9.*");
  later.manifest = manifest;
  EXPECT_TRUE(succeeded(updates().deploy(kOperator, later, &found)));
  EXPECT_EQ(found.judged, 0U);
  NewDeployment unchecked = to({lamp.id});
  unchecked.skip_precheck = true;
  EXPECT_TRUE(succeeded(updates().deploy(kOperator, unchecked)));
  need(updates().retire_device(kOperator, lamp.id));
  EXPECT_TRUE(succeeded(updates().deploy(kOperator, to({lamp.id, bulb.id}), &found)));
  EXPECT_EQ(found.judged, 1U);

  // The same request again gets the same answer, whatever became of the devices.
  NewDeployment keyed = to({bulb.id});
  keyed.idempotency_key = "k";
  const auto first = need(updates().deploy(kOperator, keyed));
  bulb.device_class = testing::kOtherClass;
  need(backend_->registers(bulb));
  const auto again = need(updates().deploy(kOperator, keyed));
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.item.deployment.id, first.item.deployment.id);
}

TEST_P(Application, ADeploymentThatHoldsIsTriggeredOnce) {
  const Device device = testing::device();
  need(backend_->registers(device));
  NewDeployment wanted = to_devices({device.id});
  wanted.hold = true;
  const auto made = need(backend_->deploys({}, wanted)).item.deployment;
  EXPECT_TRUE(need(updates().offer(kTenant, device.id, Way::kAsked))->hold);
  need(backend_->reports(device, 1, made.manifest, UpdateState::kAwaitingTrigger));
  const auto waiting = need(updates().list_targets(kTenant, made.id, std::nullopt, 10));
  EXPECT_EQ(waiting.at(0).progress.awaited, update::Awaited::kTrigger);
  const auto triggered = need(updates().trigger(kOperator, made.id));
  EXPECT_EQ(triggered.deployment.triggered_at_ms, kNow);
  EXPECT_FALSE(need(updates().offer(kTenant, device.id, Way::kAsked))->hold);
  need(updates().trigger(kOperator, made.id));
  size_t events = 0;
  for (const Event& event : need(updates().list_events(kTenant, 0, 100)))
    events += event.kind == "deployment.triggered";
  EXPECT_EQ(events, 1U);
  need(updates().give_order(kOperator, made.id, Order::kCancelled));
  EXPECT_EQ(code_of(updates().trigger(kOperator, made.id)), Error::kDeploymentEnded);
  EXPECT_EQ(code_of(updates().trigger(kOperator, testing::id_of(99))), Error::kNotFound);
  const auto free = need(backend_->deploys({.sequence_number = 3}, to_devices({device.id}))).item.deployment;
  EXPECT_EQ(code_of(updates().trigger(kOperator, free.id)), Error::kStateConflict);
}

TEST_P(Application, WhatADeviceWaitsForIsKept) {
  Device device = testing::device();
  device.update = {UpdateState::kAwaitingTrigger, std::nullopt, update::Awaited::kTimeOfDayUtc};
  need(backend_->registers(device));
  EXPECT_EQ(need(updates().find_device(kTenant, device.id)).device.update.awaited, update::Awaited::kTimeOfDayUtc);
  EXPECT_EQ(need(updates().list_devices(kTenant, "reason==time-of-day-utc", std::nullopt, 10)).size(), 1U);
}

/// A report with a SUIT_Report inside, sealed and told as the test wants it.
struct SealedReport {
  crypto::P256PrivateKey key = crypto::generate_p256().value();
  Digest manifest{};
  uint64_t number = 7;
  uint64_t nonce = 7;
  std::optional<Digest> other_manifest;
  Bytes report_key;  ///< empty: not encrypted

  Bytes sealed() const {
    Bytes inside(256), out(512), nonce_bytes(8);
    for (size_t i = 0; i < 8; ++i) nonce_bytes[i] = static_cast<uint8_t>(nonce >> (56 - 8 * i));
    report::SuitReport told;
    const Digest named = other_manifest.value_or(manifest);
    told.digest = {named, crypto::HashAlgorithm::kSha256};
    told.nonce = nonce_bytes;
    ByteView encoded = report::encode(told, inside).value();
    Bytes hidden(512);
    if (!report_key.empty()) {
      encoded = report::encrypt(encoded, {crypto::ContentAlgorithm::kA128Gcm, report_key}, hidden).value();
    }
    const ByteView written = report::seal(encoded, key, out).value();
    return {written.begin(), written.end()};
  }
};

TEST_P(Application, SealsOfSuitReportsAreChecked) {
  const Device device = testing::device();
  need(backend_->registers(device));
  struct Row {
    const char* name;
    std::function<void(SealedReport&)> change;
    bool with_key;
    std::optional<Error> failure;
  };
  const Row rows[] = {
      {"as it should be", [](SealedReport&) {}, true, std::nullopt},
      {"another's key", [](SealedReport& r) { r.key = crypto::generate_p256().value(); }, true,
       Error::kSignatureInvalid},
      {"an old one", [](SealedReport& r) { r.nonce = 6; }, true, Error::kPreconditionFailed},
      {"of another manifest", [](SealedReport& r) { r.other_manifest = testing::digest_of_byte(9); }, true,
       Error::kManifestDigestMismatch},
      {"without a certificate", [](SealedReport&) {}, false, Error::kNotAuthenticated},
  };
  uint64_t number = 0;
  for (const Row& row : rows) {
    SealedReport sealed;
    sealed.manifest = testing::digest_of_byte(1);
    sealed.number = sealed.nonce = ++number + 10;
    const crypto::P256PublicKey shown = crypto::public_key_of(sealed.key).value();
    row.change(sealed);
    update::Report report;
    report.number = sealed.number;
    report.device = device.id;
    report.manifest_digest = sealed.manifest;
    report.update = update::UpdateStatus::make(UpdateState::kConfirmed, std::nullopt).value();
    report.boot.slots = 2;
    const Bytes bytes = sealed.sealed();
    report.suit_report = bytes;
    ASSERT_TRUE(succeeded(updates().take_report(kTenant, device.id, report, row.with_key ? &shown : nullptr)));
    const auto kept = need(updates().list_reports(kTenant, device.id, std::nullopt, 1));
    EXPECT_EQ(kept.at(0).suit_report, bytes) << row.name;
    EXPECT_EQ(kept.at(0).seal_failure, row.failure) << row.name;
  }
}

TEST_P(Application, EncryptedSuitReportsAreOpenedWithTheSecretOfTheServer) {
  const Device device = testing::device();
  const Bytes secret(32, 5);
  UpdatesConfig config;
  config.report_secret = SecretBytes(secret);
  testing::Backend reader(*database_, file("reader"), clock_, std::move(config));
  need(reader.registers(device));
  const auto device_key = report::derive_report_key(secret, device.id).value();
  const auto others_key = report::derive_report_key(secret, testing::device(2).id).value();
  struct Row {
    const char* name;
    Bytes report_key;
    std::optional<Error> with_secret, without_secret;
  };
  const Row rows[] = {
      {"not encrypted", {}, std::nullopt, std::nullopt},
      {"for this server", {device_key.begin(), device_key.end()}, std::nullopt, Error::kDecryptionKeyMissing},
      {"under another device's key",
       {others_key.begin(), others_key.end()},
       Error::kDecryptionFailed,
       Error::kDecryptionKeyMissing},
  };
  uint64_t number = 0;
  for (const Row& row : rows) {
    for (const bool has_secret : {true, false}) {
      Updates& server = has_secret ? reader.updates : updates();
      SealedReport sealed;
      sealed.manifest = testing::digest_of_byte(1);
      sealed.number = sealed.nonce = ++number + 10;
      sealed.report_key = row.report_key;
      const crypto::P256PublicKey shown = crypto::public_key_of(sealed.key).value();
      update::Report report;
      report.number = sealed.number;
      report.device = device.id;
      report.manifest_digest = sealed.manifest;
      report.update = update::UpdateStatus::make(UpdateState::kConfirmed, std::nullopt).value();
      report.boot.slots = 2;
      const Bytes bytes = sealed.sealed();
      report.suit_report = bytes;
      ASSERT_TRUE(succeeded(server.take_report(kTenant, device.id, report, &shown)));
      const auto kept = need(server.list_reports(kTenant, device.id, std::nullopt, 1));
      const std::optional<Error> expected = has_secret ? row.with_secret : row.without_secret;
      EXPECT_EQ(kept.at(0).suit_report, bytes) << "as it came";
      EXPECT_EQ(kept.at(0).seal_failure, expected) << row.name;
      EXPECT_EQ(kept.at(0).is_encrypted, !row.report_key.empty()) << row.name;
      EXPECT_EQ(kept.at(0).opened.empty(), expected.has_value()) << row.name;
    }
  }
}

TEST_P(Application, ReportsAreKeptOnceAndInOrder) {
  const Device device = testing::device();
  need(backend_->registers(device));
  const auto deployed = need(backend_->deploys({}, to_devices({device.id})));
  const Digest manifest = deployed.item.deployment.manifest;
  const Uuid id = deployed.item.deployment.id;
  need(backend_->reports(device, 2, manifest, UpdateState::kStaged));
  ASSERT_TRUE(succeeded(backend_->reports(device, 1, manifest, UpdateState::kFetching))) << "late, but welcome";
  EXPECT_EQ(backend_->state_in(id, device), UpdateState::kStaged);
  ASSERT_TRUE(succeeded(backend_->reports(device, 2, manifest, UpdateState::kStaged)))
      << "seen, and acknowledged again";
  const auto history = need(updates().list_reports(kTenant, device.id, std::nullopt, 10));
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].number, 2U);
  EXPECT_EQ(history[1].number, 1U);
}

TEST_P(Application, ADeviceThatLostItsCountIsHeardAgain) {
  const Device device = testing::device();
  need(backend_->registers(device));
  const auto deployed = need(backend_->deploys({}, to_devices({device.id})));
  const Digest manifest = deployed.item.deployment.manifest;
  for (uint64_t n = 1; n <= 3; ++n)
    need(backend_->reports(device, n, testing::digest_of_byte(9), UpdateState::kFetching));
  need(backend_->reports(device, 1, manifest, UpdateState::kStaged));
  EXPECT_EQ(backend_->state_in(deployed.item.deployment.id, device), UpdateState::kStaged);
  const auto history = need(updates().list_reports(kTenant, device.id, std::nullopt, 10));
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(history[0].manifest, manifest);
}

TEST_P(Application, ARepeatableRequestIsForgottenInTheEnd) {
  need(backend_->registers(testing::device()));
  NewDeployment wanted = to_devices({testing::id_of(1)});
  wanted.idempotency_key = "k";
  need(backend_->deploys({}, wanted));
  clock_.advance(std::chrono::milliseconds(Updates::kAnswersKeptMs));
  need(updates().forget_answers());
  EXPECT_FALSE(need(backend_->deploys({}, wanted)).is_new) << "kept to the last moment";
  clock_.advance(std::chrono::milliseconds(1));
  need(updates().forget_answers());
  EXPECT_TRUE(need(backend_->deploys({}, wanted)).is_new);
}

TEST_P(Application, DevicesSpeakForThemselvesOnly) {
  const Device device = testing::device(1);
  const Device other = testing::device(2);
  need(backend_->registers(device));
  const Bytes registration = testing::registration_message(other);
  const Bytes report = testing::report_message(other, 1, {}, UpdateState::kOffered, std::nullopt);
  EXPECT_EQ(code_of(updates().register_device(kTenant, device.id, update::decode_registration(registration).value())),
            Error::kDeviceMismatch);
  EXPECT_EQ(code_of(updates().take_report(kTenant, device.id, update::decode_report(report).value(), nullptr)),
            Error::kDeviceMismatch);
  EXPECT_EQ(code_of(updates().offer(kTenant, other.id, Way::kAsked)), Error::kNotFound);
  EXPECT_EQ(code_of(backend_->reports(other, 1, {}, UpdateState::kOffered)), Error::kNotFound);
}

TEST_P(Application, TenantsDoNotSeeEachOther) {
  const Device device = testing::device();
  need(backend_->registers(device));
  const auto deployed = need(backend_->deploys({}, to_devices({device.id})));
  const std::string other = "other";
  EXPECT_EQ(code_of(updates().find_device(other, device.id)), Error::kNotFound);
  EXPECT_EQ(code_of(updates().find_manifest(other, deployed.item.deployment.manifest)), Error::kNotFound);
  EXPECT_EQ(code_of(updates().find_deployment(other, deployed.item.deployment.id)), Error::kNotFound);
  EXPECT_EQ(code_of(updates().image(other, crypto::sha256(EnvelopeSpec().image).value())), Error::kNotFound);
  EXPECT_TRUE(need(updates().list_events(other, 0, 10)).empty());
  EXPECT_TRUE(need(updates().list_devices(other, "", std::nullopt, 10)).empty());
}

TEST_P(Application, ARetiredDeviceGetsNothingUntilItIsRemoved) {
  const Device device = testing::device();
  need(backend_->registers(device));
  need(backend_->deploys({}, to_devices({device.id})));
  ASSERT_TRUE(succeeded(updates().retire_device(kOperator, device.id)));
  EXPECT_EQ(code_of(updates().offer(kTenant, device.id, Way::kAsked)), Error::kDeviceRetired);
  EXPECT_EQ(code_of(backend_->registers(device)), Error::kDeviceRetired);
  EXPECT_EQ(code_of(backend_->reports(device, 1, {}, UpdateState::kIdle)), Error::kDeviceRetired);
  EXPECT_EQ(code_of(updates().deregister(kTenant, device.id)), Error::kDeviceRetired);
  ASSERT_TRUE(succeeded(updates().remove_device(kOperator, device.id)));
  EXPECT_TRUE(succeeded(backend_->registers(device)));
  EXPECT_EQ(code_of(updates().retire_device(kOperator, testing::id_of(99))), Error::kNotFound);
}

TEST_P(Application, ADeploymentNeedsManifestImagesAndDevices) {
  const Device device = testing::device();
  need(backend_->registers(device));
  NewDeployment wanted = to_devices({device.id});
  wanted.manifest = testing::digest_of_byte(9);
  EXPECT_EQ(code_of(updates().deploy(kOperator, wanted)), Error::kNotFound);
  const auto manifest = need(backend_->uploads({}));
  wanted.manifest = manifest.item.facts.digest;
  EXPECT_EQ(code_of(updates().deploy(kOperator, wanted)), Error::kImageMissing);
  need(backend_->uploads_image(EnvelopeSpec().image));
  EXPECT_TRUE(succeeded(updates().deploy(kOperator, wanted)));
  wanted.devices = {testing::id_of(99)};
  EXPECT_EQ(code_of(updates().deploy(kOperator, wanted)), Error::kNotFound);
  wanted.devices.clear();
  EXPECT_EQ(code_of(updates().deploy(kOperator, wanted)), Error::kUsageInvalid);
  wanted.devices = {device.id};
  wanted.filter = "state==idle";
  EXPECT_EQ(code_of(updates().deploy(kOperator, wanted)), Error::kUsageInvalid);
  wanted.devices.clear();
  wanted.filter = "state=idle";
  EXPECT_EQ(code_of(updates().deploy(kOperator, wanted)), Error::kUsageInvalid);
  EXPECT_EQ(need(updates().list_deployments(kTenant, std::nullopt, 10)).size(), 1U) << "failures leave nothing";
}

TEST_P(Application, ARepeatedRequestDeploysOnce) {
  const Device device = testing::device();
  need(backend_->registers(device));
  NewDeployment wanted = to_devices({device.id});
  wanted.idempotency_key = "key-1";
  wanted.fingerprint = "a";
  const auto first = need(backend_->deploys({}, wanted));
  EXPECT_TRUE(first.is_new);
  const auto second = need(backend_->deploys({}, wanted));
  EXPECT_FALSE(second.is_new);
  EXPECT_EQ(second.item.deployment.id, first.item.deployment.id);
  wanted.fingerprint = "b";
  EXPECT_EQ(code_of(backend_->deploys({}, wanted)), Error::kAlreadyExists);
  EXPECT_EQ(need(updates().list_deployments(kTenant, std::nullopt, 10)).size(), 1U);
}

TEST_P(Application, UploadsAreCheckedAndKeptOnce) {
  EXPECT_EQ(code_of(backend_->uploads({.sign = false})), Error::kAuthenticationMissing);
  EXPECT_EQ(code_of(backend_->uploads({.key = 2})), Error::kSignatureInvalid);
  EXPECT_EQ(code_of(updates().add_manifest(kOperator, Bytes(updates().config().max_envelope_bytes + 1))),
            Error::kBodyTooLarge);
  EXPECT_TRUE(need(backend_->uploads({})).is_new);
  EXPECT_FALSE(need(backend_->uploads({})).is_new);
  const Bytes image(100, 1);
  EXPECT_EQ(code_of(backend_->uploads_image(image, testing::digest_of_byte(1))), Error::kImageDigestMismatch);
  EXPECT_TRUE(need(backend_->uploads_image(image, crypto::sha256(image).value())).is_new);
  EXPECT_FALSE(need(backend_->uploads_image(image)).is_new);
  EXPECT_TRUE(std::filesystem::is_empty(backend_->images->incoming()));
  EXPECT_EQ(need(updates().list_images(kTenant, std::nullopt, 10)).size(), 1U);
  EXPECT_EQ(need(updates().list_manifests(kTenant, std::nullopt, 10)).size(), 1U);
}

TEST_P(Application, PagesFollowEachOtherWithoutGapOrRepeat) {
  for (uint8_t n = 1; n <= 7; ++n) need(backend_->registers(testing::device(n)));
  std::vector<Uuid> seen;
  for (std::optional<Uuid> after; seen.size() < 20;) {
    const auto page = need(updates().list_devices(kTenant, "", after, 3));
    if (page.empty()) break;
    for (const Device& device : page) {
      EXPECT_EQ(device.components.size(), 1U);
      seen.push_back(device.id);
    }
    after = page.back().id;
  }
  std::vector<Uuid> expected;
  for (uint8_t n = 1; n <= 7; ++n) expected.push_back(testing::id_of(n));
  EXPECT_EQ(seen, expected);

  for (int n = 0; n < 5; ++n) need(backend_->deploys({}, to_devices({testing::id_of(1)})));
  std::vector<Uuid> deployments;
  for (std::optional<DeploymentCursor> after; deployments.size() < 20;) {
    const auto page = need(updates().list_deployments(kTenant, after, 2));
    if (page.empty()) break;
    for (const DeploymentView& item : page) deployments.push_back(item.deployment.id);
    after = DeploymentCursor{page.back().deployment.created_at_ms, page.back().deployment.id};
  }
  EXPECT_EQ(deployments.size(), 5U);
  EXPECT_EQ(std::set<Uuid>(deployments.begin(), deployments.end()).size(), 5U);

  for (uint64_t n = 1; n <= 5; ++n) need(backend_->reports(testing::device(1), n, {}, UpdateState::kOffered));
  const auto newest = need(updates().list_reports(kTenant, testing::id_of(1), std::nullopt, 2));
  EXPECT_EQ(newest.back().number, 4U);
  EXPECT_EQ(need(updates().list_reports(kTenant, testing::id_of(1), 4, 2)).front().number, 3U);
}

TEST_P(Application, TellsWhoseWorkHasChanged) {
  std::vector<std::optional<Uuid>> told;
  updates().set_changed([&](const std::string&, const std::optional<Uuid>& device) { told.push_back(device); });
  const Device device = testing::device();
  need(backend_->registers(device));
  const auto deployed = need(backend_->deploys({}, to_devices({device.id})));
  need(backend_->reports(device, 1, deployed.item.deployment.manifest, UpdateState::kFetching));
  need(backend_->reports(device, 2, deployed.item.deployment.manifest, UpdateState::kConfirmed));
  EXPECT_EQ(told, (std::vector<std::optional<Uuid>>{device.id, std::nullopt, device.id}));
}

TEST_P(Application, PollsAreWrittenDownTogether) {
  const Device device = testing::device();
  need(backend_->registers(device));
  clock_.advance(std::chrono::minutes(5));
  updates().saw(kTenant, device.id);
  EXPECT_EQ(need(updates().find_device(kTenant, device.id)).device.last_seen_ms, kNow);
  need(updates().flush_seen());
  EXPECT_EQ(need(updates().find_device(kTenant, device.id)).device.last_seen_ms, kNow + 300'000);
}

}  // namespace
}  // namespace tailor::update_server
