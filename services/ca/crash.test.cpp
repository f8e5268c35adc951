// SPDX-License-Identifier: Apache-2.0
// kill -9 at every point where the ledger is written: what was acknowledged is there, and what was not leaves nothing
// half done.
#include <gtest/gtest.h>

#include "services/ca/testing/world.hpp"
#include "services/store/testing/killing_database.hpp"
#include "services/store/testing/store_test.hpp"

namespace tailor::ca {
namespace {

using store::testing::code_of;
using store::testing::KillingDatabase;
using store::testing::run_in_child;
using store::testing::Story;
using Tell = std::function<void(std::string)>;

class CrashTest : public store::testing::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    database_ = open();
    world_ = std::make_unique<World>(*database_);
  }
  Authority& ca() { return world_->authority(); }

  /// Runs `act` in a process that dies at the `point`-th write, then opens the ledger anew.
  Story dies_at(int point, const std::function<bool(Authority&, const Tell&)>& act) {
    database_.reset();  // a database handle does not cross a fork
    const Story story = run_in_child([&](const Tell& tell) {
      const auto real = open();
      KillingDatabase killing(*real, point);
      world_->reopen(killing);
      return act(world_->authority(), tell);
    });
    database_ = open();
    world_->reopen(*database_);
    return story;
  }
  size_t certificates_of(const Uuid& id) {
    CertificateFilter filter;
    filter.tenant = "default";
    filter.id = id;
    return ca().certificates(filter, {}, 100)->size();
  }

  std::unique_ptr<store::Database> database_;
  std::unique_ptr<World> world_;
};
TAILOR_STORE_TEST(CrashTest);

TEST_P(CrashTest, AnEnrolmentWithAPreSharedKeyGoesOnAfterIt) {
  for (int point = 1;; ++point) {
    SCOPED_TRACE(point);
    const Uuid id = world_->device(1);
    const Applicant applicant;
    const Story story = dies_at(point, [&](Authority& authority, const Tell& tell) {
      const auto certificate = authority.enrol_with_psk(id, 0, applicant.request);
      if (certificate.ok()) tell(certificate->serial());
      return certificate.ok();
    });
    const auto again = ca().enrol_with_psk(id, 0, applicant.request);
    ASSERT_TRUE(again.ok()) << again.error().to_text();
    if (!story.acknowledged.empty()) {
      EXPECT_EQ(again->serial(), story.acknowledged[0]);
    }
    EXPECT_EQ(certificates_of(id), 1U);
    EXPECT_EQ(code_of(ca().enrol_with_psk(id, 0, Applicant().request)), Error::kPskSpent);
    if (!story.killed) {
      EXPECT_EQ(story.exit_code, 0);
      EXPECT_GT(point, 4) << "there were writes to die at";
      break;
    }
  }
}

TEST_P(CrashTest, ACodeIsSpentExactlyWhenItsCertificateIsIssued) {
  for (int point = 1;; ++point) {
    SCOPED_TRACE(point);
    const IssuedCode code = ca().issue_code({}).value();
    const Applicant applicant;
    const Story story = dies_at(point, [&](Authority& authority, const Tell& tell) {
      const auto certificate = authority.enrol_with_code("operator", code.code, applicant.request);
      if (certificate.ok()) tell(certificate->serial());
      return certificate.ok();
    });
    const bool issued = certificates_of(code.subject.id) == 1;
    const auto again = ca().enrol_with_code("operator", code.code, applicant.request);
    EXPECT_NE(again.ok(), issued);
    if (!story.acknowledged.empty()) {
      EXPECT_TRUE(issued);
    }
    EXPECT_EQ(certificates_of(code.subject.id), 1U);
    if (!story.killed) {
      EXPECT_GT(point, 4);
      break;
    }
  }
}

TEST_P(CrashTest, ARevocationThatWasAcknowledgedIsOnTheList) {
  for (int point = 1;; ++point) {
    SCOPED_TRACE(point);
    const Uuid id = world_->device(1);
    const pki::Certificate certificate = ca().enrol_with_psk(id, 0, Applicant().request).value();
    ASSERT_TRUE(ca().crl().ok());
    const Story story = dies_at(point, [&](Authority& authority, const Tell& tell) {
      if (!authority.revoke(certificate.serial(), pki::RevocationReason::kKeyCompromise).ok()) return false;
      tell("revoked");
      return authority.crl().ok();
    });
    const bool revoked = ca().certificate(certificate.serial())->revoked_at.has_value();
    EXPECT_EQ(ca().crl()->revokes(certificate), revoked) << "ledger and list agree";
    if (!story.acknowledged.empty()) {
      EXPECT_TRUE(revoked);
    }
    if (!story.killed) {
      EXPECT_GT(point, 4);
      break;
    }
  }
}

}  // namespace
}  // namespace tailor::ca
