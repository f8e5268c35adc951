// SPDX-License-Identifier: Apache-2.0
#include "pki/crl.hpp"

#include <gtest/gtest.h>

#include "pki/fixture.hpp"

namespace tailor::pki {
namespace {

class CrlTest : public testing::Test {
 protected:
  TestAuthority ca_;
  UtcTime next_ = ca_.now() + std::chrono::hours(24);
  PrivateKey key_ = PrivateKey::generate().value();
};

TEST_F(CrlTest, RoundTrip) {
  const Certificate one = ca_.issues(Role::kDevice, key_);
  const Certificate two = ca_.issues(Role::kOperator, key_);
  const RevokedCertificate entries[] = {{two.serial(), ca_.now(), RevocationReason::kUnspecified},
                                        {one.serial(), ca_.now(), RevocationReason::kSuperseded}};
  const Crl made = make_crl(ca_.issuer(), entries, 42, ca_.now(), next_).value();
  const Crl read = Crl::from_der(made.der(), ca_.root()).value();
  EXPECT_EQ(read.number(), 42U);
  EXPECT_EQ(read.size(), 2U);
  EXPECT_EQ(read.this_update(), ca_.now());
  EXPECT_EQ(read.next_update(), next_);
  EXPECT_TRUE(read.revokes(one) && read.revokes(two));
  EXPECT_FALSE(read.revokes(ca_.issues(Role::kDevice, key_)));
  EXPECT_FALSE(read.is_stale(next_));
  EXPECT_TRUE(read.is_stale(next_ + std::chrono::seconds(1)));
}

TEST_F(CrlTest, EmptyListIsAList) {
  const Crl crl = make_crl(ca_.issuer(), {}, 1, ca_.now(), next_).value();
  EXPECT_EQ(crl.size(), 0U);
  EXPECT_FALSE(crl.revokes(ca_.root()));
}

TEST_F(CrlTest, ListsOfOthersAndAlteredListsAreRefused) {
  const TestAuthority other;
  const Crl crl = make_crl(ca_.issuer(), {}, 1, ca_.now(), next_).value();
  EXPECT_EQ(Crl::from_der(crl.der(), other.root()).error().code, Error::kSignatureInvalid);
  Bytes der = crl.der();
  for (size_t at = 0; at < der.size(); ++at) {
    der[at] ^= 0x04U;
    EXPECT_FALSE(Crl::from_der(der, ca_.root()).ok()) << at;
    der[at] ^= 0x04U;
  }
  for (size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(Crl::from_der(ByteView(der).first(size), ca_.root()).ok()) << size;
  }
}

TEST_F(CrlTest, ReasonsHaveTexts) {
  for (const char* text : {"unspecified", "key-compromise", "affiliation-changed", "superseded",
                           "cessation-of-operation", "privilege-withdrawn"}) {
    ASSERT_TRUE(reason_from_text(text).has_value()) << text;
    EXPECT_EQ(to_text(*reason_from_text(text)), text);
  }
  EXPECT_FALSE(reason_from_text("because").has_value());
}

TEST_F(CrlTest, SerialMustBeHexadecimal) {
  const RevokedCertificate entries[] = {{"xyz", ca_.now(), RevocationReason::kUnspecified}};
  EXPECT_EQ(make_crl(ca_.issuer(), entries, 1, ca_.now(), next_).error().code, Error::kValueOutOfRange);
}

}  // namespace
}  // namespace tailor::pki
