// SPDX-License-Identifier: Apache-2.0
#include "services/update/api/courier.hpp"

#include "core/update/status.hpp"
#include "services/update/testing/updates_test.hpp"

namespace tailor::update_server {
namespace {

using testing::EnvelopeSpec;
using testing::kTenant;
using testing::need;

/// Devices that answer as the test says; every request is written down.
class FakeLink final : public DeviceLink {
 public:
  void put(const Uuid& device, const std::string& uri, uint16_t, std::shared_ptr<const Blob> body, uint32_t offset,
           Done done) override {
    requests.push_back("PUT " + uri.substr(0, uri.find('/', 1)) + " " + std::to_string(device.bytes[15]) + " from " +
                       std::to_string(offset));
    last_uri = uri;
    last_body = std::move(body);
    answer(uri.substr(0, uri.find('/', 1)), std::move(done));
  }
  void get(const Uuid&, const std::string& uri, uint16_t, Done done) override {
    requests.push_back("GET " + uri);
    answer(uri, std::move(done));
  }
  void post(const Uuid&, const std::string& uri, Done done) override {
    requests.push_back("POST " + uri);
    answer(uri, std::move(done));
  }
  void notify(const Uuid& device) override { requests.push_back("notify " + std::to_string(device.bytes[15])); }

  void answer(const std::string& path, Done done) {
    if (silent) return held.push_back(std::move(done));
    const auto found = answers.find(path);
    if (found == answers.end()) return done(Answer{coap::Code::kChanged, {}});
    if (found->second.empty()) return done(fail(Error::kSessionClosed, path));
    Answer next = found->second.front();
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    done(next);
  }
  static Answer refuses(coap::Code code, const std::string& text) {
    const ByteView bytes = as_bytes(text);
    return {code, Bytes(bytes.begin(), bytes.end())};
  }

  std::vector<std::string> requests;
  std::string last_uri;
  std::shared_ptr<const Blob> last_body;
  bool silent = false;
  std::vector<Done> held;
  /// By path; the last one is given again and again. An empty list: the session ends.
  std::map<std::string, std::vector<Answer>> answers;
};

class CourierTest : public testing::UpdatesTest {
 protected:
  void SetUp() override {
    UpdatesTest::SetUp();
    if (IsSkipped()) return;
    courier_ = std::make_unique<Courier>(backend_->updates, link_);
    backend_->updates.set_changed(
        [this](const std::string& tenant, const std::optional<Uuid>& device) { courier_->changed(tenant, device); });
    need(backend_->registers(device_));
  }
  Uuid deploys(DeliveryMode mode, const EnvelopeSpec& spec = {}) {
    NewDeployment wanted;
    wanted.devices = {device_.id};
    wanted.mode = mode;
    return need(backend_->deploys(spec, wanted)).item.deployment.id;
  }
  std::vector<std::string> works() {
    courier_->work();
    return std::exchange(link_.requests, {});
  }
  using Said = std::vector<std::string>;

  const Device device_ = testing::device(1);
  FakeLink link_;
  std::unique_ptr<Courier> courier_;
};
TAILOR_STORE_TEST(CourierTest);

const std::vector<std::string> kWholePush = {"PUT /manifest 1 from 0", "GET /status", "PUT /payload 1 from 0"};

TEST_P(CourierTest, PushesManifestThenImageOnce) {
  courier_->connected(kTenant, device_.id);
  EXPECT_EQ(works(), Said{});
  const EnvelopeSpec spec;
  deploys(DeliveryMode::kPush, spec);
  EXPECT_EQ(works(), kWholePush);
  EXPECT_EQ(link_.last_uri, "/payload/" + to_base64url(crypto::sha256(spec.image).value()));
  EXPECT_TRUE(equal(link_.last_body->bytes(), spec.image));
  courier_->changed(kTenant, std::nullopt);
  EXPECT_EQ(works(), Said{}) << "what was delivered is not sent again over the same session";
}

TEST_P(CourierTest, SendsTheTriggerToADeviceThatHolds) {
  courier_->connected(kTenant, device_.id);
  NewDeployment wanted;
  wanted.devices = {device_.id};
  wanted.mode = DeliveryMode::kPush;
  wanted.hold = true;
  const Uuid id = need(backend_->deploys({}, wanted)).item.deployment.id;
  EXPECT_EQ(works(), (Said{"PUT /manifest?hold=1 1 from 0", "GET /status", "PUT /payload 1 from 0"}));
  const Digest manifest = need(backend_->updates.find_deployment(kTenant, id)).deployment.manifest;
  need(backend_->reports(device_, 1, manifest, UpdateState::kAwaitingTrigger));
  EXPECT_EQ(works(), Said{}) << "nobody has triggered it";
  link_.answers["/trigger"] = {};  // the session ends: it is tried again
  need(backend_->updates.trigger(testing::kOperator, id));
  EXPECT_EQ(works(), Said{"POST /trigger"});
  link_.answers.erase("/trigger");
  courier_->connected(kTenant, device_.id);
  EXPECT_EQ(works(), Said{"POST /trigger"});
  courier_->changed(kTenant, std::nullopt);
  EXPECT_EQ(works(), Said{}) << "once over one session";
}

TEST_P(CourierTest, NotifiesADeviceThatHoldsOfTheTrigger) {
  courier_->connected(kTenant, device_.id);
  NewDeployment wanted;
  wanted.devices = {device_.id};
  wanted.mode = DeliveryMode::kHybrid;
  wanted.hold = true;
  const Uuid id = need(backend_->deploys({}, wanted)).item.deployment.id;
  EXPECT_EQ(works(), Said{"notify 1"});
  courier_->changed(kTenant, std::nullopt);
  EXPECT_EQ(works(), Said{});
  need(backend_->updates.trigger(testing::kOperator, id));
  EXPECT_EQ(works(), Said{"notify 1"});
}

TEST_P(CourierTest, WaitsForASleepingDevice) {
  deploys(DeliveryMode::kPush);
  EXPECT_EQ(works(), Said{});
  courier_->connected(kTenant, device_.id);
  EXPECT_EQ(works(), kWholePush);
  courier_->disconnected(device_.id);
  courier_->connected(kTenant, device_.id);
  EXPECT_EQ(works(), kWholePush) << "it may have lost everything";
}

TEST_P(CourierTest, SendsNothingMoreOnceTheDeviceHasTheImage) {
  courier_->connected(kTenant, device_.id);
  const Uuid id = deploys(DeliveryMode::kPush);
  EXPECT_EQ(works(), kWholePush);
  const Digest manifest = need(backend_->updates.find_deployment(kTenant, id)).deployment.manifest;
  uint64_t number = 0;
  for (const UpdateState state : {UpdateState::kStaged, UpdateState::kInstalling, UpdateState::kConfirmed}) {
    need(backend_->reports(device_, ++number, manifest, state));
    courier_->connected(kTenant, device_.id);
    EXPECT_EQ(works(), Said{}) << update::name_of(state);
  }
}

TEST_P(CourierTest, GoesOnWhereThePayloadWasInterrupted) {
  const EnvelopeSpec spec{.image = Bytes(5000, 3)};
  const Uuid id = deploys(DeliveryMode::kPush, spec);
  update::DeviceStatus status;
  status.device = device_.id;
  status.vendor = device_.vendor;
  status.device_class = device_.device_class;
  status.update = update::UpdateStatus::make(UpdateState::kFetching, std::nullopt).value();
  status.manifest_digest = need(backend_->updates.find_deployment(kTenant, id)).deployment.manifest;
  status.received_bytes = 2500;
  status.expected_bytes = 5000;
  status.boot.slots = 2;
  Bytes room(512);
  const ByteView message = update::encode(status, room).value();
  link_.answers["/status"] = {{coap::Code::kContent, Bytes(message.begin(), message.end())}};
  courier_->connected(kTenant, device_.id);
  EXPECT_EQ(works(), (Said{"PUT /manifest 1 from 0", "GET /status", "PUT /payload 1 from 2048"}));

  link_.answers["/payload"] = {FakeLink::refuses(coap::Code::kRequestEntityIncomplete, ""), {coap::Code::kChanged, {}}};
  courier_->connected(kTenant, device_.id);
  EXPECT_EQ(works(),
            (Said{"PUT /manifest 1 from 0", "GET /status", "PUT /payload 1 from 2048", "PUT /payload 1 from 0"}))
      << "a device that does not remember gets it from the start";
}

TEST_P(CourierTest, ARefusalIsKeptAndNotRepeated) {
  const Uuid id = deploys(DeliveryMode::kPush);
  link_.answers["/manifest"] = {FakeLink::refuses(coap::Code::kForbidden, "SignerNotPermitted: component 00")};
  courier_->connected(kTenant, device_.id);
  EXPECT_EQ(works(), Said{"PUT /manifest 1 from 0"});
  const Target target = need(backend_->updates.list_targets(kTenant, id, std::nullopt, 9)).at(0);
  EXPECT_EQ(target.progress, (Progressed{UpdateState::kRefused, Error::kSignerNotPermitted}));
  EXPECT_EQ(target.detail, "component 00");
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(works(), Said{});
}

TEST_P(CourierTest, APayloadThatIsNotWantedIsNoRefusal) {
  const Uuid id = deploys(DeliveryMode::kPush);
  link_.answers["/payload"] = {FakeLink::refuses(coap::Code::kConflict, "StateConflict: payload")};
  courier_->connected(kTenant, device_.id);
  EXPECT_EQ(works(), kWholePush);
  EXPECT_EQ(backend_->state_in(id, device_), UpdateState::kOffered);
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(works(), Said{});
}

TEST_P(CourierTest, WhatMayPassIsTriedAgainLater) {
  deploys(DeliveryMode::kPush);
  const std::vector<std::vector<DeviceLink::Answer>> passing = {
      {FakeLink::refuses(coap::Code::kServiceUnavailable, "UpdateInProgress")},
      {FakeLink::refuses(coap::Code::kInternalServerError, "unreadable")},
      {}};
  for (const auto& answers : passing) {
    link_.answers["/manifest"] = answers;
    courier_->connected(kTenant, device_.id);
    EXPECT_EQ(works(), Said{"PUT /manifest 1 from 0"});
    clock_.advance(std::chrono::milliseconds(Courier::kRetryMs - 1));
    EXPECT_EQ(works(), Said{});
    clock_.advance(std::chrono::milliseconds(1));
    EXPECT_EQ(works(), Said{"PUT /manifest 1 from 0"});
  }
  link_.answers.clear();
  clock_.advance(std::chrono::milliseconds(Courier::kRetryMs));
  EXPECT_EQ(works(), kWholePush);
}

TEST_P(CourierTest, OnePushAtATimeAndOnlyForTheSessionThatItBelongsTo) {
  link_.silent = true;
  courier_->connected(kTenant, device_.id);
  deploys(DeliveryMode::kPush);
  EXPECT_EQ(works(), Said{"PUT /manifest 1 from 0"});
  courier_->changed(kTenant, std::nullopt);
  EXPECT_EQ(works(), Said{}) << "the first one is still under way";
  courier_->connected(kTenant, device_.id);
  EXPECT_EQ(works(), Said{"PUT /manifest 1 from 0"});
  ASSERT_EQ(link_.held.size(), 2U);
  link_.held[0](DeviceLink::Answer{coap::Code::kChanged, {}});
  EXPECT_EQ(works(), Said{}) << "an answer of the session before";
  link_.silent = false;
  link_.held[1](DeviceLink::Answer{coap::Code::kChanged, {}});
  EXPECT_EQ(works(), (Said{"GET /status", "PUT /payload 1 from 0"}));
}

TEST_P(CourierTest, HybridIsNotifiedOncePullAndPushAreNot) {
  courier_->connected(kTenant, device_.id);
  const Uuid pull = deploys(DeliveryMode::kPull);
  EXPECT_EQ(works(), Said{});
  need(backend_->updates.give_order(testing::kOperator, pull, Order::kCancelled));
  const Uuid hybrid = deploys(DeliveryMode::kHybrid);
  EXPECT_EQ(works(), Said{"notify 1"});
  courier_->changed(kTenant, std::nullopt);
  EXPECT_EQ(works(), Said{});
  need(backend_->updates.give_order(testing::kOperator, hybrid, Order::kPaused));
  EXPECT_EQ(works(), Said{"notify 1"}) << "there is nothing any more";
  need(backend_->updates.give_order(testing::kOperator, hybrid, Order::kActive));
  EXPECT_EQ(works(), Said{"notify 1"});
}

TEST_P(CourierTest, KnowsNobodyWithoutASession) {
  deploys(DeliveryMode::kPush);
  courier_->changed("other", std::nullopt);
  courier_->changed(kTenant, testing::id_of(99));
  EXPECT_EQ(works(), Said{});
  courier_->connected(kTenant, testing::id_of(99));
  EXPECT_EQ(works(), Said{}) << "a session of a device that has not registered";
  EXPECT_EQ(courier_->sessions(), 1U);
  courier_->disconnected(testing::id_of(99));
  EXPECT_EQ(courier_->sessions(), 0U);
  courier_->stop();
  EXPECT_FALSE(courier_->wait(1000));
}

}  // namespace
}  // namespace tailor::update_server
