// SPDX-License-Identifier: Apache-2.0
// The server's process is killed at each store write of a run through every use case that writes. Whatever was
// acknowledged before is there afterwards, and nothing is there by half.
#include "services/store/testing/killing_database.hpp"
#include "services/update/store/schema.hpp"
#include "services/update/testing/updates_test.hpp"

namespace tailor::update_server {
namespace {

using testing::Backend;
using testing::kOperator;
using testing::kTenant;
using testing::need;

class Kill : public testing::UpdatesTest {};
TAILOR_STORE_TEST(Kill);

/// Every use case that writes, in one life; tells each step when it was acknowledged.
bool live(Backend& backend, const std::function<void(std::string)>& tell) {
  Updates& updates = backend.updates;
  const Device device = testing::device(1);
  const Device other = testing::device(2);
  const testing::EnvelopeSpec spec;
  if (!backend.registers(device).ok()) return false;
  tell("registered");
  if (!backend.uploads_image(spec.image).ok()) return false;
  tell("image");
  const auto manifest = backend.uploads(spec);
  if (!manifest.ok()) return false;
  tell("manifest");
  NewDeployment wanted;
  wanted.manifest = manifest->item.facts.digest;
  wanted.filter = "version==1.*";
  wanted.idempotency_key = "k";
  wanted.fingerprint = "f";
  const auto deployed = updates.deploy(kOperator, wanted);
  if (!deployed.ok()) return false;
  tell("deployed " + uuid_text(deployed->item.deployment.id));
  const auto offer = updates.offer(kTenant, device.id, Way::kAsked);
  if (!offer.ok() || !*offer) return false;
  tell("offered");
  if (!backend.reports(device, 1, wanted.manifest, UpdateState::kRefused, Error::kClassMismatch).ok()) return false;
  tell("reported");
  if (!updates.give_order(kOperator, deployed->item.deployment.id, Order::kPaused).ok()) return false;
  tell("paused");
  if (!backend.registers(other).ok()) return false;
  tell("other registered");
  if (!updates.retire_device(kOperator, other.id).ok()) return false;
  tell("retired");
  if (!updates.remove_device(kOperator, other.id).ok()) return false;
  tell("removed");
  return true;
}

TEST_P(Kill, AtEachWriteNothingAcknowledgedIsLost) {
  int point = 1;
  size_t longest = 0;
  for (;; ++point) {
    SCOPED_TRACE("killed at point " + std::to_string(point));
    const std::filesystem::path folder = file("run" + std::to_string(point));
    std::filesystem::create_directories(folder);
    store::StoreConfig config;
    config.url = GetParam() == store::Dialect::kSqlite ? "sqlite:" + (folder / "s.db").string() : other_config().url;
    config.sessions = 1;
    const store::testing::Story story = store::testing::run_in_child([&](const auto& tell) {
      const auto real = need(store::open_database(config));
      need(store::migrate(*real, kServiceName, schema()));
      store::testing::KillingDatabase killing(*real, point);
      Backend backend(killing, folder, clock_);
      return live(backend, tell);
    });
    const auto database = need(store::open_database(config));
    need(store::migrate(*database, kServiceName, schema()));
    Backend backend(*database, folder, clock_);
    Updates& updates = backend.updates;
    const auto& told = story.acknowledged;
    longest = std::max(longest, told.size());
    const Device device = testing::device(1);
    const testing::EnvelopeSpec spec;

    if (told.size() >= 1) {
      EXPECT_TRUE(updates.find_device(kTenant, device.id).ok());
    }
    if (told.size() >= 2) {
      EXPECT_TRUE(updates.image(kTenant, crypto::sha256(spec.image).value()).ok());
    }
    const auto manifests = need(updates.list_manifests(kTenant, std::nullopt, 10));
    if (told.size() >= 3) {
      EXPECT_EQ(manifests.size(), 1U);
    }
    for (const Manifest& manifest : manifests) {
      EXPECT_TRUE(updates.envelope_of(kTenant, manifest.facts.digest).ok()) << "a row without its file";
    }
    for (const Image& image : need(updates.list_images(kTenant, std::nullopt, 10))) {
      EXPECT_TRUE(updates.image(kTenant, image.digest).ok()) << "a row without its file";
    }
    const auto deployments = need(updates.list_deployments(kTenant, std::nullopt, 10));
    if (told.size() >= 4) {
      ASSERT_EQ(deployments.size(), 1U);
      EXPECT_EQ("deployed " + uuid_text(deployments[0].deployment.id), told[3]);
    }
    if (deployments.size() == 1) {
      EXPECT_GE(deployments[0].targets.size(), 1U) << "a deployment without its targets";
    }
    if (told.size() >= 5) {
      EXPECT_NE(backend.state_in(deployments[0].deployment.id, device), UpdateState::kIdle);
    }
    if (told.size() >= 6) {
      EXPECT_EQ(backend.state_in(deployments[0].deployment.id, device), UpdateState::kRefused);
      EXPECT_EQ(need(updates.list_reports(kTenant, device.id, std::nullopt, 9)).size(), 1U);
    }
    if (told.size() >= 7) {
      EXPECT_EQ(deployments[0].deployment.order, Order::kPaused);
    }
    if (told.size() == 8) {
      EXPECT_TRUE(updates.find_device(kTenant, testing::id_of(2)).ok());
    }
    if (told.size() >= 10) {
      EXPECT_FALSE(updates.find_device(kTenant, testing::id_of(2)).ok());
    }
    // Each acknowledged step stands in the event log, and a step that nobody was told of stands there at most once.
    const size_t events = need(updates.list_events(kTenant, 0, 100)).size();
    EXPECT_GE(events + (told.size() >= 5 ? 1U : 0U), told.size());
    EXPECT_LE(events, told.size() + 1);

    // The server lives on: the whole life again, from wherever it stopped.
    if (point % 7 == 0) {
      EXPECT_TRUE(backend.registers(device).ok());
    }
    if (!story.killed) {
      EXPECT_EQ(story.exit_code, 0);
      break;
    }
  }
  EXPECT_EQ(longest, 10U);
  EXPECT_GT(point, 50) << "every use case writes several times";
}

}  // namespace
}  // namespace tailor::update_server
