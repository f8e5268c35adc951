// SPDX-License-Identifier: Apache-2.0
// The rules of enrolment over a real ledger, on both databases.
#include <gtest/gtest.h>

#include "pki/verify.hpp"
#include "services/ca/testing/world.hpp"
#include "services/store/testing/store_test.hpp"

namespace tailor::ca {
namespace {

using store::testing::code_of;
using store::testing::succeeded;

class EnrolmentTest : public store::testing::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    database_ = open();
    world_ = std::make_unique<World>(*database_);
  }
  Authority& ca() { return world_->authority(); }
  void days_pass(int days) { world_->clock().advance(std::chrono::hours(24 * days)); }

  std::unique_ptr<store::Database> database_;
  std::unique_ptr<World> world_;
  Applicant one_;
  Applicant two_;
  Applicant three_;
};
TAILOR_STORE_TEST(EnrolmentTest);

// --- codes -----------------------------------------------------------------------------------------------------------

TEST_P(EnrolmentTest, ACodeGivesOneCertificateForItsSubject) {
  NewCode wanted;
  wanted.role = pki::Role::kUpdateServer;
  wanted.host_names = {"update.example", "127.0.0.1"};
  const IssuedCode code = ca().issue_code(wanted).value();
  const pki::Certificate certificate = ca().enrol_with_code("update-server", code.code, one_.request).value();
  EXPECT_EQ(certificate.identity(), code.subject);
  EXPECT_EQ(certificate.host_names(), wanted.host_names);
  EXPECT_EQ(certificate.public_key(), one_.key.public_key());
  EXPECT_EQ(ca().authenticate(certificate).value(), code.subject);
  EXPECT_EQ(code_of(ca().enrol_with_code("update-server", code.code, one_.request)), Error::kEnrolmentCodeInvalid);
  world_->restart();
  EXPECT_EQ(code_of(ca().enrol_with_code("update-server", code.code, two_.request)), Error::kEnrolmentCodeInvalid);
}

TEST_P(EnrolmentTest, WrongLateAndForeignCodesAreRefusedAndNotSpent) {
  const IssuedCode code = ca().issue_code({}).value();
  EXPECT_EQ(code_of(ca().enrol_with_code("operator", SecretString("guess"), one_.request)),
            Error::kEnrolmentCodeInvalid);
  EXPECT_EQ(code_of(ca().enrol_with_code("update-server", code.code, one_.request)), Error::kEnrolmentCodeInvalid);
  EXPECT_EQ(code_of(ca().enrol_with_code("operator", code.code, as_bytes("x"))), Error::kCsrInvalid);
  world_->clock().advance(std::chrono::hours(24) - std::chrono::milliseconds(1));
  EXPECT_TRUE(succeeded(ca().enrol_with_code("operator", code.code, one_.request)));
  const IssuedCode late = ca().issue_code({}).value();
  world_->clock().advance(std::chrono::hours(24));
  EXPECT_EQ(code_of(ca().enrol_with_code("operator", late.code, one_.request)), Error::kEnrolmentCodeInvalid);
}

TEST_P(EnrolmentTest, ARequestForSomebodyElseIsRefusedAndTheCodeStays) {
  const IssuedCode code = ca().issue_code({}).value();
  const pki::PrivateKey key = pki::PrivateKey::generate().value();
  const pki::Identity other{"default", pki::Role::kOperator, uuid4().value()};
  const Bytes foreign = pki::make_request(key, other).value();
  EXPECT_EQ(code_of(ca().enrol_with_code("operator", code.code, foreign)), Error::kCertificateProfile);
  const Bytes with_host = pki::make_request(key, code.subject, {"evil.example"}).value();
  EXPECT_EQ(code_of(ca().enrol_with_code("operator", code.code, with_host)), Error::kCertificateProfile);
  const Bytes own = pki::make_request(key, code.subject).value();
  EXPECT_TRUE(succeeded(ca().enrol_with_code("operator", code.code, own)));
}

TEST_P(EnrolmentTest, CodesThatMakeNoSenseAreNotIssued) {
  NewCode device;
  device.role = pki::Role::kDevice;
  NewCode hosts;
  hosts.host_names = {"a.example"};
  NewCode tenant;
  tenant.tenant = "A B";
  NewCode lifetime;
  lifetime.lifetime = std::chrono::seconds(0);
  for (const NewCode* code : {&device, &hosts, &tenant, &lifetime}) {
    EXPECT_EQ(code_of(ca().issue_code(*code)), Error::kValueOutOfRange);
  }
}

// --- pre-shared keys -------------------------------------------------------------------------------------------------

TEST_P(EnrolmentTest, ARetryWithTheSameKeyGetsTheSameCertificateUntilItIsUsed) {
  const Uuid id = world_->device();
  const pki::Certificate first = ca().enrol_with_psk(id, 0, one_.request).value();
  EXPECT_EQ(first.identity(), (pki::Identity{"default", pki::Role::kDevice, id}));
  world_->restart();
  EXPECT_EQ(ca().enrol_with_psk(id, 0, one_.request).value(), first) << "the answer was lost, or the power";
  ASSERT_TRUE(succeeded(ca().authenticate(first)));
  EXPECT_EQ(code_of(ca().enrol_with_psk(id, 0, one_.request)), Error::kPskSpent);
}

TEST_P(EnrolmentTest, OneGenerationGivesAsManyKeyPairsAsTheDeviceHas) {
  const Uuid single = world_->device(1);
  ASSERT_TRUE(succeeded(ca().enrol_with_psk(single, 0, one_.request)));
  EXPECT_EQ(code_of(ca().enrol_with_psk(single, 0, two_.request)), Error::kPskSpent);
  const Uuid pair = world_->device(2);
  const pki::Certificate a = ca().enrol_with_psk(pair, 0, one_.request).value();
  const pki::Certificate b = ca().enrol_with_psk(pair, 0, two_.request).value();
  EXPECT_NE(a.serial(), b.serial());
  EXPECT_EQ(code_of(ca().enrol_with_psk(pair, 0, three_.request)), Error::kPskSpent);
  EXPECT_EQ(ca().enrol_with_psk(pair, 0, one_.request).value(), a);
  EXPECT_EQ(ca().enrol_with_psk(pair, 0, two_.request).value(), b);
  ASSERT_TRUE(succeeded(ca().note_use(b.serial())));
  EXPECT_EQ(code_of(ca().enrol_with_psk(pair, 0, one_.request)), Error::kPskSpent) << "one use ends the transaction";
}

TEST_P(EnrolmentTest, ALaterGenerationWorksAndEndsTheEarlierOnes) {
  const Uuid id = world_->device();
  const pki::Certificate zero = ca().enrol_with_psk(id, 0, one_.request).value();
  const pki::Certificate three = ca().enrol_with_psk(id, 3, two_.request).value();
  EXPECT_NE(zero.serial(), three.serial());
  EXPECT_EQ(ca().enrol_with_psk(id, 3, two_.request).value(), three);
  for (const uint32_t earlier : {0U, 1U, 2U}) {
    EXPECT_EQ(code_of(ca().enrol_with_psk(id, earlier, one_.request)), Error::kPskSpent) << earlier;
  }
  EXPECT_TRUE(succeeded(ca().enrol_with_psk(id, UINT32_MAX, three_.request)));
}

TEST_P(EnrolmentTest, PreSharedKeysDifferByDeviceAndGenerationAndUnknownDevicesHaveNone) {
  const Uuid a = world_->device();
  const Uuid b = world_->device();
  const SecretBytes a0 = ca().pre_shared_key(a, 0).value();
  EXPECT_EQ(a0.size(), 16U);
  EXPECT_FALSE(equal(a0.reveal(), ca().pre_shared_key(a, 1)->reveal()));
  EXPECT_FALSE(equal(a0.reveal(), ca().pre_shared_key(b, 0)->reveal()));
  EXPECT_EQ(code_of(ca().pre_shared_key(uuid4().value(), 0)), Error::kPskUnknown);
  EXPECT_EQ(code_of(ca().enrol_with_psk(uuid4().value(), 0, one_.request)), Error::kPskUnknown);
}

TEST_P(EnrolmentTest, ADeviceCannotEnrolAsAnotherDevice) {
  const Uuid id = world_->device();
  const Bytes foreign = pki::make_request(one_.key, {"default", pki::Role::kDevice, uuid4().value()}).value();
  EXPECT_EQ(code_of(ca().enrol_with_psk(id, 0, foreign)), Error::kCertificateProfile);
  const Bytes as_operator = pki::make_request(one_.key, {"default", pki::Role::kOperator, id}).value();
  EXPECT_EQ(code_of(ca().enrol_with_psk(id, 0, as_operator)), Error::kCertificateProfile);
  EXPECT_TRUE(succeeded(ca().enrol_with_psk(id, 0, one_.request))) << "the generation is not spent by that";
}

TEST_P(EnrolmentTest, FactorySecretsAreNotInTheDatabase) {
  const Uuid id = world_->device();
  const DeviceRecord record = ca().device(id).value();
  EXPECT_EQ(to_hex(record.sealed_secret).find(to_hex(kSecret)), std::string::npos);
  EXPECT_FALSE(record.sealed_secret.empty());
}

// --- factory certificates --------------------------------------------------------------------------------------------

TEST_P(EnrolmentTest, AFactoryCertificateEnrolsARegisteredDevice) {
  const Uuid id = world_->device();
  const pki::PrivateKey factory_key = pki::PrivateKey::generate().value();
  const pki::Certificate factory = world_->maker().issues(pki::Role::kDevice, factory_key, id);
  EXPECT_TRUE(ca().is_factory_certificate(factory));
  const pki::Certificate first = ca().enrol_with_factory_certificate(factory, one_.request).value();
  EXPECT_EQ(ca().enrol_with_factory_certificate(factory, one_.request).value(), first) << "retry";
  EXPECT_FALSE(ca().is_factory_certificate(first));
  EXPECT_EQ(code_of(ca().authenticate(factory)), Error::kCertificateInvalid) << "it is for enrolment only";
  const pki::Certificate stranger = world_->maker().issues(pki::Role::kDevice, factory_key);
  EXPECT_EQ(code_of(ca().enrol_with_factory_certificate(stranger, one_.request)), Error::kNotFound);
  const pki::Certificate no_device = world_->maker().issues(pki::Role::kOperator, factory_key, id);
  EXPECT_EQ(code_of(ca().enrol_with_factory_certificate(no_device, one_.request)), Error::kRoleNotPermitted);
  const pki::TestAuthority unknown_maker;
  const pki::Certificate forged = unknown_maker.issues(pki::Role::kDevice, factory_key, id);
  EXPECT_EQ(code_of(ca().enrol_with_factory_certificate(forged, one_.request)), Error::kCertificateInvalid);
}

// --- renewal ---------------------------------------------------------------------------------------------------------

TEST_P(EnrolmentTest, RenewalKeepsTheSubjectAndTheOldOneStaysUntilItsEnd) {
  const Uuid id = world_->device();
  const pki::Certificate old = ca().enrol_with_psk(id, 0, one_.request).value();
  days_pass(300);
  const pki::Certificate renewed = ca().renew(old, two_.request).value();
  EXPECT_EQ(renewed.identity(), old.identity());
  EXPECT_EQ(renewed.public_key(), two_.key.public_key());
  EXPECT_GT(renewed.not_after(), old.not_after());
  EXPECT_EQ(ca().renew(old, two_.request).value(), renewed) << "a retry";
  EXPECT_TRUE(succeeded(ca().authenticate(old)));
  const pki::Certificate same_key = ca().renew(renewed, two_.request).value();
  EXPECT_NE(same_key.serial(), renewed.serial());
  days_pass(66);
  EXPECT_EQ(code_of(ca().renew(old, three_.request)), Error::kCertificateExpired);
  EXPECT_TRUE(succeeded(ca().renew(renewed, three_.request)));
}

TEST_P(EnrolmentTest, RenewalKeepsHostNamesAndAllowsNoOthers) {
  NewCode wanted;
  wanted.role = pki::Role::kUpdateServer;
  wanted.host_names = {"update.example"};
  const IssuedCode code = ca().issue_code(wanted).value();
  const pki::Certificate first = ca().enrol_with_code("update-server", code.code, one_.request).value();
  EXPECT_EQ(ca().renew(first, two_.request)->host_names(), wanted.host_names);
  const Bytes more = pki::make_request(two_.key, code.subject, {"update.example", "bank.example"}).value();
  EXPECT_EQ(code_of(ca().renew(first, more)), Error::kCertificateProfile);
}

TEST_P(EnrolmentTest, CertificatesOfOthersDoNotRenew) {
  const pki::TestAuthority other(world_->ca().now());
  EXPECT_EQ(code_of(ca().renew(other.issues(pki::Role::kOperator, one_.key), two_.request)),
            Error::kCertificateInvalid);
  const pki::Certificate unrecorded = world_->ca().issues(pki::Role::kOperator, one_.key);
  EXPECT_EQ(code_of(ca().renew(unrecorded, two_.request)), Error::kCertificateInvalid)
      << "signed by our key, but nobody remembers having issued it";
}

// --- what ends -------------------------------------------------------------------------------------------------------

TEST_P(EnrolmentTest, ARevokedCertificateIsRefusedEverywhereAndListed) {
  const Uuid id = world_->device();
  const pki::Certificate bad = ca().enrol_with_psk(id, 0, one_.request).value();
  const pki::Crl before = ca().crl().value();
  EXPECT_FALSE(before.revokes(bad));
  ASSERT_TRUE(succeeded(ca().revoke(bad.serial(), pki::RevocationReason::kKeyCompromise)));
  EXPECT_EQ(code_of(ca().authenticate(bad)), Error::kCertificateRevoked);
  EXPECT_EQ(code_of(ca().renew(bad, two_.request)), Error::kCertificateRevoked);
  EXPECT_EQ(code_of(ca().enrol_with_psk(id, 0, one_.request)), Error::kPskSpent) << "no retry of a revoked one";
  const pki::Crl after = ca().crl().value();
  EXPECT_TRUE(after.revokes(bad));
  EXPECT_GT(after.number(), before.number());
  ASSERT_TRUE(succeeded(ca().revoke(bad.serial(), pki::RevocationReason::kSuperseded)));
  EXPECT_EQ(ca().certificate(bad.serial())->reason, pki::RevocationReason::kKeyCompromise) << "the first one stays";
  EXPECT_EQ(code_of(ca().revoke("00", pki::RevocationReason::kUnspecified)), Error::kNotFound);
  EXPECT_TRUE(succeeded(ca().enrol_with_psk(id, 1, two_.request))) << "the next generation brings the device back";
}

TEST_P(EnrolmentTest, TheListIsKeptWhileItIsFreshAndDropsWhatHasExpired) {
  const Uuid id = world_->device();
  const pki::Certificate bad = ca().enrol_with_psk(id, 0, one_.request).value();
  ASSERT_TRUE(succeeded(ca().revoke(bad.serial(), pki::RevocationReason::kUnspecified)));
  const pki::Crl first = ca().crl().value();
  days_pass(3);
  EXPECT_EQ(ca().crl()->der(), first.der());
  days_pass(1);
  const pki::Crl second = ca().crl().value();
  EXPECT_GT(second.number(), first.number());
  EXPECT_TRUE(second.revokes(bad));
  days_pass(365);
  EXPECT_EQ(ca().crl()->size(), 0U);
  EXPECT_FALSE(ca().crl()->is_stale(world_->clock().now()));
}

TEST_P(EnrolmentTest, ARetiredDeviceIsOutUntilItStartsAnew) {
  const Uuid id = world_->device();
  const pki::Certificate certificate = ca().enrol_with_psk(id, 4, one_.request).value();
  const pki::PrivateKey factory_key = pki::PrivateKey::generate().value();
  const pki::Certificate factory = world_->maker().issues(pki::Role::kDevice, factory_key, id);
  ASSERT_TRUE(succeeded(ca().retire_device(id)));
  ASSERT_TRUE(succeeded(ca().retire_device(id)));
  EXPECT_EQ(code_of(ca().authenticate(certificate)), Error::kDeviceRetired);
  EXPECT_EQ(code_of(ca().enrol_with_psk(id, 5, two_.request)), Error::kDeviceRetired);
  EXPECT_EQ(code_of(ca().enrol_with_factory_certificate(factory, two_.request)), Error::kDeviceRetired);
  EXPECT_EQ(code_of(ca().pre_shared_key(id, 5)), Error::kPskUnknown) << "the secret is gone";
  EXPECT_TRUE(ca().crl()->revokes(certificate));
  world_->clock().advance(std::chrono::seconds(1));
  NewDevice anew;
  anew.id = id;
  anew.secret = SecretBytes(Bytes(32, 7));
  ASSERT_TRUE(succeeded(ca().register_device(anew)));
  EXPECT_TRUE(succeeded(ca().enrol_with_psk(id, 0, three_.request)));
  EXPECT_EQ(code_of(ca().authenticate(certificate)), Error::kCertificateRevoked);
}

TEST_P(EnrolmentTest, DevicesAreRegisteredOnceAndWithASecretOfEnoughBytes) {
  NewDevice device;
  device.id = world_->device();
  device.secret = SecretBytes(kSecret);
  EXPECT_EQ(code_of(ca().register_device(device)), Error::kAlreadyExists);
  for (const size_t bytes : {size_t{1}, size_t{15}, size_t{65}}) {
    NewDevice odd;
    odd.id = uuid4().value();
    odd.secret = SecretBytes(Bytes(bytes, 1));
    EXPECT_EQ(code_of(ca().register_device(odd)), Error::kValueOutOfRange) << bytes;
  }
  NewDevice pairs;
  pairs.id = uuid4().value();
  pairs.key_pairs = 3;
  EXPECT_EQ(code_of(ca().register_device(pairs)), Error::kValueOutOfRange);
  EXPECT_EQ(code_of(ca().device(uuid4().value())), Error::kNotFound);
  EXPECT_EQ(code_of(ca().retire_device(uuid4().value())), Error::kNotFound);
}

TEST_P(EnrolmentTest, CertificatesAreListedInPagesAndByFilter) {
  const Uuid id = world_->device(2);
  const pki::Certificate a = ca().enrol_with_psk(id, 0, one_.request).value();
  const pki::Certificate b = ca().enrol_with_psk(id, 0, two_.request).value();
  days_pass(1);
  const IssuedCode code = ca().issue_code({}).value();
  const pki::Certificate c = ca().enrol_with_code("operator", code.code, three_.request).value();
  ASSERT_TRUE(succeeded(ca().revoke(a.serial(), pki::RevocationReason::kUnspecified)));
  CertificateFilter all;
  all.tenant = "default";
  std::vector<std::string> seen;
  CertificateCursor cursor;
  while (true) {
    const auto page = ca().certificates(all, cursor, 1).value();
    if (page.empty()) break;
    seen.push_back(page[0].serial);
    cursor = {to_unix_ms(page[0].issued_at), page[0].serial};
    ASSERT_LE(seen.size(), 3U);
  }
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen.back(), c.serial());
  CertificateFilter revoked = all;
  revoked.revoked = true;
  EXPECT_EQ(ca().certificates(revoked, {}, 10)->at(0).serial, a.serial());
  CertificateFilter devices = all;
  devices.role = pki::Role::kDevice;
  devices.revoked = false;
  EXPECT_EQ(ca().certificates(devices, {}, 10)->at(0).serial, b.serial());
  CertificateFilter by_id = all;
  by_id.id = code.subject.id;
  EXPECT_EQ(ca().certificates(by_id, {}, 10)->size(), 1U);
  CertificateFilter other = all;
  other.tenant = "other";
  EXPECT_TRUE(ca().certificates(other, {}, 10)->empty());
}

}  // namespace
}  // namespace tailor::ca
