// SPDX-License-Identifier: Apache-2.0
#include "pki/verify.hpp"

#include <gtest/gtest.h>

#include "pki/fixture.hpp"

namespace tailor::pki {
namespace {

class VerifyTest : public testing::Test {
 protected:
  [[nodiscard]] VerifyPolicy policy() const {
    VerifyPolicy out;
    out.anchors = anchors_;
    out.now = ca_.now();
    return out;
  }
  TestAuthority ca_;
  std::vector<Certificate> anchors_{ca_.root()};
  PrivateKey key_ = PrivateKey::generate().value();
};

TEST_F(VerifyTest, EachRoleInEachUse) {
  const struct {
    Role role;
    bool client, server;
  } rows[] = {{Role::kDevice, true, true},
              {Role::kUpdateServer, true, true},
              {Role::kCa, true, true},
              {Role::kOperator, true, false}};
  for (const auto& row : rows) {
    const Certificate certificate = ca_.issues(row.role, key_);
    VerifyPolicy as_client = policy();
    VerifyPolicy as_server = policy();
    as_server.usage = Usage::kServer;
    const auto client = verify(certificate, as_client);
    const auto server = verify(certificate, as_server);
    EXPECT_EQ(client.ok(), row.client) << to_text(row.role);
    EXPECT_EQ(server.ok(), row.server) << to_text(row.role);
    if (client.ok()) {
      EXPECT_EQ(client->role, row.role);
    }
    if (!server.ok()) {
      EXPECT_EQ(server.error().code, Error::kCertificateProfile);
    }
  }
}

TEST_F(VerifyTest, OnlyExpectedRolesPass) {
  const Role operators[] = {Role::kOperator};
  VerifyPolicy strict = policy();
  strict.roles = operators;
  EXPECT_TRUE(verify(ca_.issues(Role::kOperator, key_), strict).ok());
  EXPECT_EQ(verify(ca_.issues(Role::kDevice, key_), strict).error().code, Error::kRoleNotPermitted);
}

TEST_F(VerifyTest, ValidityIsTakenAtTheGivenTime) {
  const Certificate certificate = ca_.issues(Role::kDevice, key_);
  VerifyPolicy at = policy();
  at.now = certificate.not_after() - std::chrono::seconds(1);
  EXPECT_TRUE(verify(certificate, at).ok());
  at.now = certificate.not_after();  // RFC 5280 would include this second; OpenSSL does not
  EXPECT_EQ(verify(certificate, at).error().code, Error::kCertificateExpired);
  at.now = certificate.not_before() - std::chrono::seconds(1);
  EXPECT_EQ(verify(certificate, at).error().code, Error::kCertificateExpired);
}

TEST_F(VerifyTest, OtherAuthoritiesAndAlteredCertificatesFail) {
  const TestAuthority other;
  EXPECT_EQ(verify(other.issues(Role::kDevice, key_), policy()).error().code, Error::kCertificateInvalid);
  Bytes der = ca_.issues(Role::kDevice, key_).der();
  der.back() ^= 1U;
  EXPECT_FALSE(verify(Certificate::from_der(der).value(), policy()).ok());
  VerifyPolicy nobody = policy();
  nobody.anchors = {};
  EXPECT_EQ(verify(ca_.issues(Role::kDevice, key_), nobody).error().code, Error::kCertificateInvalid);
}

TEST_F(VerifyTest, ARootIsNoPeer) {
  EXPECT_FALSE(verify(ca_.root(), policy()).ok());
}

TEST_F(VerifyTest, AnEndEntityCannotIssue) {
  const Certificate leaf = ca_.issues(Role::kCa, key_);
  EXPECT_EQ(load_issuer(leaf, key_).error().code, Error::kCertificateProfile);
  const Issuer pretender{leaf, key_};
  const PrivateKey victim = PrivateKey::generate().value();
  const auto forged = issue(pretender, {"default", Role::kOperator, uuid4().value()}, victim.public_key(),
                            {ca_.now() - std::chrono::hours(1), ca_.now() + std::chrono::hours(1)});
  ASSERT_TRUE(forged.ok()) << "making it is possible, being believed is not";
  EXPECT_EQ(verify(*forged, policy()).error().code, Error::kCertificateInvalid);
  anchors_.push_back(leaf);
  EXPECT_FALSE(verify(*forged, policy()).ok()) << "not even when somebody trusts the end entity";
}

TEST_F(VerifyTest, RevokedOnesFailAndOthersDoNot) {
  const Certificate good = ca_.issues(Role::kDevice, key_);
  const Certificate bad = ca_.issues(Role::kDevice, key_);
  const RevokedCertificate entries[] = {{bad.serial(), ca_.now(), RevocationReason::kKeyCompromise}};
  const Crl crl = make_crl(ca_.issuer(), entries, 7, ca_.now(), ca_.now() + std::chrono::hours(24)).value();
  VerifyPolicy with_list = policy();
  with_list.crl = &crl;
  EXPECT_TRUE(verify(good, with_list).ok());
  EXPECT_EQ(verify(bad, with_list).error().code, Error::kCertificateRevoked);
}

TEST_F(VerifyTest, FactoryCertificatesDoNotExpireAndHaveAnAuthorityOfTheirOwn) {
  const TestAuthority factory(ca_.now(), "Maker");
  const auto idevid = issue(factory.issuer(), {"default", Role::kDevice, uuid4().value()}, key_.public_key(),
                            {ca_.now() - std::chrono::hours(1), kNoExpiry});
  ASSERT_TRUE(idevid.ok());
  EXPECT_EQ(to_rfc3339(idevid->not_after()), "9999-12-31T23:59:59Z");
  EXPECT_FALSE(verify(*idevid, policy()).ok());
  anchors_ = {factory.root()};
  EXPECT_TRUE(verify(*idevid, policy()).ok());
}

}  // namespace
}  // namespace tailor::pki
