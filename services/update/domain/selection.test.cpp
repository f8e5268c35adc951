// SPDX-License-Identifier: Apache-2.0
#include "services/update/domain/selection.hpp"

#include <gtest/gtest.h>

#include "services/update/testing/sample.hpp"

namespace tailor::update_server {
namespace {

using testing::kNow;

ManifestFacts fitting_manifest(uint64_t sequence_number = 2) {
  ManifestFacts facts;
  facts.digest = testing::digest_of_byte(static_cast<uint8_t>(sequence_number));
  facts.sequence_number = sequence_number;
  facts.vendors = {testing::kVendor};
  facts.classes = {testing::kClass};
  facts.components = {{{0x00}}};
  return facts;
}

Candidate candidate(uint8_t number = 1) {
  Candidate c;
  c.deployment.tenant = "default";
  c.deployment.id = testing::id_of(number);
  c.deployment.created_at_ms = kNow;
  c.deployment.filter = "id==*";
  c.manifest = fitting_manifest();
  c.target.deployment = c.deployment.id;
  c.target.device = testing::device().id;
  return c;
}

TEST(Precheck, AppliesTheDevicesOwnRules) {
  struct Row {
    const char* name;
    void (*change)(Device&, ManifestFacts&);
    Result<Fit> expected;
  };
  const Row rows[] = {
      {"fits", [](Device&, ManifestFacts&) {}, Fit::kApplies},
      {"other vendor", [](Device& d, ManifestFacts&) { d.vendor = testing::kClass; }, Error::kVendorMismatch},
      {"other class", [](Device& d, ManifestFacts&) { d.device_class = testing::kOtherClass; }, Error::kClassMismatch},
      {"for one device, this one", [](Device& d, ManifestFacts& m) { m.devices = {d.id}; }, Fit::kApplies},
      {"for another device", [](Device&, ManifestFacts& m) { m.devices = {testing::id_of(99)}; },
       Error::kDeviceMismatch},
      {"one of two classes", [](Device&, ManifestFacts& m) { m.classes.push_back(testing::kOtherClass); },
       Fit::kApplies},
      {"no class demanded",
       [](Device& d, ManifestFacts& m) {
         m.classes.clear();
         d.device_class = {};
       },
       Fit::kApplies},
      {"installed already", [](Device&, ManifestFacts& m) { m.sequence_number = 1; }, Fit::kInstalled},
      {"older", [](Device&, ManifestFacts& m) { m.sequence_number = 0; }, Error::kSequenceNumberTooLow},
      {"at the top of 64 bits",
       [](Device& d, ManifestFacts& m) {
         d.components[0].sequence_number = UINT64_MAX - 1;
         m.sequence_number = UINT64_MAX;
       },
       Fit::kApplies},
      {"component that the device has not got", [](Device& d, ManifestFacts&) { d.components.clear(); }, Fit::kApplies},
      {"one of two components is there",
       [](Device&, ManifestFacts& m) {
         m.sequence_number = 1;
         m.components.push_back({{0x01}});
       },
       Fit::kApplies},
  };
  for (const Row& row : rows) {
    Device device = testing::device();
    ManifestFacts manifest = fitting_manifest();
    row.change(device, manifest);
    const Result<Fit> fit = precheck(device, manifest);
    ASSERT_EQ(fit.ok(), row.expected.ok()) << row.name;
    if (fit.ok()) {
      EXPECT_EQ(fit.value(), row.expected.value()) << row.name;
    } else {
      EXPECT_EQ(fit.error(), row.expected.error()) << row.name;
    }
  }
}

TEST(DeploymentState, IsATableOfOrderExpiryAndTargets) {
  struct Row {
    Order order;
    std::optional<int64_t> expires;
    int64_t open;
    bool filtered;
    DeploymentState expected;
  };
  const Row rows[] = {
      {Order::kActive, std::nullopt, 1, false, DeploymentState::kActive},
      {Order::kActive, kNow + 1, 1, false, DeploymentState::kActive},
      {Order::kActive, kNow, 1, false, DeploymentState::kExpired},
      {Order::kPaused, std::nullopt, 1, false, DeploymentState::kPaused},
      {Order::kPaused, kNow - 1, 1, false, DeploymentState::kExpired},
      {Order::kCancelled, kNow - 1, 0, false, DeploymentState::kCancelled},
      {Order::kActive, std::nullopt, 0, false, DeploymentState::kComplete},
      {Order::kActive, kNow - 1, 0, false, DeploymentState::kComplete},
      {Order::kActive, std::nullopt, 0, true, DeploymentState::kActive},
  };
  for (const Row& row : rows) {
    Deployment deployment;
    deployment.order = row.order;
    deployment.expires_at_ms = row.expires;
    deployment.filter = row.filtered ? "id==*" : "";
    EXPECT_EQ(state_of(deployment, kNow, row.open), row.expected);
  }
}

TEST(GiveOrder, EndsWithTheDeployment) {
  Deployment deployment;
  EXPECT_EQ(give_order(deployment, Order::kPaused, kNow, 1).value(), Order::kPaused);
  deployment.order = Order::kPaused;
  EXPECT_EQ(give_order(deployment, Order::kActive, kNow, 1).value(), Order::kActive);
  EXPECT_EQ(give_order(deployment, Order::kPaused, kNow, 1).value(), Order::kPaused) << "again changes nothing";
  EXPECT_EQ(give_order(deployment, Order::kActive, kNow, 0).error().code, Error::kDeploymentEnded);
  deployment.expires_at_ms = kNow;
  EXPECT_EQ(give_order(deployment, Order::kActive, kNow, 1).error().code, Error::kDeploymentEnded);
  deployment.order = Order::kCancelled;
  EXPECT_EQ(give_order(deployment, Order::kActive, kNow, 1).error().code, Error::kDeploymentEnded);
}

TEST(Choose, FollowsTheStatedOrder) {
  struct Row {
    const char* name;
    void (*change)(Candidate& first, Candidate& second);
    size_t expected;
  };
  const Row rows[] = {
      {"smaller id", [](Candidate&, Candidate&) {}, 0},
      {"created earlier", [](Candidate&, Candidate& b) { b.deployment.created_at_ms -= 1; }, 1},
      {"higher sequence number",
       [](Candidate& a, Candidate& b) {
         a.deployment.created_at_ms -= 1;
         b.manifest = fitting_manifest(3);
       },
       1},
      {"higher priority",
       [](Candidate& a, Candidate& b) {
         a.manifest = fitting_manifest(3);
         b.deployment.priority = 1;
       },
       1},
      {"under way",
       [](Candidate& a, Candidate& b) {
         a.deployment.priority = 9;
         b.target.progress = {UpdateState::kFetching, std::nullopt};
       },
       1},
      {"under way, but paused",
       [](Candidate&, Candidate& b) {
         b.target.progress = {UpdateState::kFetching, std::nullopt};
         b.deployment.order = Order::kPaused;
       },
       0},
  };
  for (const Row& row : rows) {
    std::vector<Candidate> candidates = {candidate(1), candidate(2)};
    row.change(candidates[0], candidates[1]);
    const Choice choice = choose(testing::device(), candidates, Way::kAsked, kNow);
    ASSERT_TRUE(choice.chosen.has_value()) << row.name;
    EXPECT_EQ(*choice.chosen, row.expected) << row.name;
    std::swap(candidates[0], candidates[1]);
    EXPECT_EQ(*choose(testing::device(), candidates, Way::kAsked, kNow).chosen, 1 - row.expected)
        << row.name << ", the other way round";
  }
}

TEST(Choose, LeavesOutWhatMayNotGo) {
  const std::pair<const char*, void (*)(Candidate&, Device&)> rows[] = {
      {"paused", [](Candidate& c, Device&) { c.deployment.order = Order::kPaused; }},
      {"cancelled", [](Candidate& c, Device&) { c.deployment.order = Order::kCancelled; }},
      {"expired", [](Candidate& c, Device&) { c.deployment.expires_at_ms = kNow; }},
      {"confirmed",
       [](Candidate& c, Device&) {
         c.target.progress = {UpdateState::kConfirmed, std::nullopt};
       }},
      {"refused",
       [](Candidate& c, Device&) {
         c.target.progress = {UpdateState::kRefused, Error::kSignerUnknown};
       }},
      {"being installed",
       [](Candidate& c, Device&) {
         c.target.progress = {UpdateState::kInstalling, std::nullopt};
       }},
      {"on trial",
       [](Candidate& c, Device&) {
         c.target.progress = {UpdateState::kTrial, std::nullopt};
       }},
      {"push only", [](Candidate& c, Device&) { c.deployment.mode = DeliveryMode::kPush; }},
      {"mode that the device has not got",
       [](Candidate& c, Device& d) {
         c.deployment.mode = DeliveryMode::kHybrid;
         d.modes = 1;
       }},
      {"retired device", [](Candidate&, Device& d) { d.life_cycle = LifeCycle::kRetired; }},
      {"arrived and on trial",
       [](Candidate&, Device& d) {
         d.components[0].sequence_number = 2;
         d.update.state = UpdateState::kTrial;
       }},
  };
  for (const auto& [name, change] : rows) {
    std::vector<Candidate> candidates = {candidate()};
    Device device = testing::device();
    change(candidates[0], device);
    const Choice choice = choose(device, candidates, Way::kAsked, kNow);
    EXPECT_FALSE(choice.chosen.has_value()) << name;
    EXPECT_TRUE(choice.settled.empty()) << name;
  }
}

TEST(Choose, SettlesWhatThePrecheckDecides) {
  Device device = testing::device();
  std::vector<Candidate> candidates = {candidate(1), candidate(2), candidate(3)};
  candidates[0].manifest.classes = {testing::kOtherClass};
  candidates[1].manifest.sequence_number = 1;
  const Choice choice = choose(device, candidates, Way::kAsked, kNow);
  ASSERT_EQ(choice.settled.size(), 2U);
  EXPECT_EQ(choice.settled[0].progress, (Progressed{UpdateState::kRefused, Error::kClassMismatch}));
  EXPECT_EQ(choice.settled[1].progress, (Progressed{UpdateState::kConfirmed, std::nullopt}));
  EXPECT_EQ(choice.chosen, 2U);

  candidates = {candidate()};
  candidates[0].manifest.classes = {testing::kOtherClass};
  candidates[0].deployment.skip_precheck = true;
  EXPECT_EQ(choose(device, candidates, Way::kAsked, kNow).chosen, 0U) << "the device has the last word";
}

TEST(IsDelivered, EachModeIsItsOwn) {
  struct Row {
    std::optional<DeliveryMode> mode;
    DeliveryMode preferred;
    bool asked, notify, push;
  };
  const Row rows[] = {
      {DeliveryMode::kPull, DeliveryMode::kPush, true, false, false},
      {DeliveryMode::kHybrid, DeliveryMode::kPush, true, true, false},
      {DeliveryMode::kPush, DeliveryMode::kPull, false, false, true},
      {std::nullopt, DeliveryMode::kPush, false, false, true},
      {std::nullopt, DeliveryMode::kHybrid, true, true, false},
  };
  for (const Row& row : rows) {
    Deployment deployment;
    deployment.mode = row.mode;
    Device device = testing::device();
    device.preferred_mode = row.preferred;
    EXPECT_EQ(is_delivered(deployment, device, Way::kAsked), row.asked);
    EXPECT_EQ(is_delivered(deployment, device, Way::kNotify), row.notify);
    EXPECT_EQ(is_delivered(deployment, device, Way::kPush), row.push);
  }
}

TEST(Moves, ConfirmedIsFinalAndIdleSaysNothing) {
  const Progressed idle{};
  const Progressed fetching{UpdateState::kFetching, std::nullopt};
  const Progressed confirmed{UpdateState::kConfirmed, std::nullopt};
  const Progressed refused{UpdateState::kRefused, Error::kSignerUnknown};
  EXPECT_TRUE(moves(idle, fetching));
  EXPECT_TRUE(moves(fetching, confirmed));
  EXPECT_TRUE(moves(refused, fetching)) << "tried anew";
  EXPECT_FALSE(moves(confirmed, fetching));
  EXPECT_FALSE(moves(confirmed, refused));
  EXPECT_FALSE(moves(fetching, idle));
  EXPECT_FALSE(moves(fetching, fetching));
}

}  // namespace
}  // namespace tailor::update_server
