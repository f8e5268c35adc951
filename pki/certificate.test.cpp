// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate.hpp"

#include <gtest/gtest.h>

#include "pki/fixture.hpp"

namespace tailor::pki {
namespace {

TEST(Certificate, FieldsOfAnIssuedOne) {
  const TestAuthority ca;
  const PrivateKey key = PrivateKey::generate().value();
  const Uuid id = uuid4().value();
  const Certificate made = ca.issues(Role::kUpdateServer, key, id, {"update.example", "127.0.0.1", "::1"});
  for (const Certificate& certificate :
       {made, Certificate::from_pem(made.to_pem()).value(), Certificate::from_der(made.der()).value()}) {
    EXPECT_EQ(certificate.identity(), (Identity{"default", Role::kUpdateServer, id}));
    EXPECT_EQ(certificate.common_name(), uuid_text(id));
    EXPECT_EQ(certificate.public_key(), key.public_key());
    EXPECT_EQ(certificate.host_names(), (std::vector<std::string>{"update.example", "127.0.0.1", "::1"}));
    EXPECT_EQ(certificate.not_before(), ca.now() - std::chrono::hours(1));
    EXPECT_EQ(certificate.not_after(), ca.now() + std::chrono::hours(24));
    EXPECT_EQ(certificate.serial().size(), 32U);
    EXPECT_FALSE(certificate.is_authority());
  }
  EXPECT_TRUE(ca.root().is_authority());
}

TEST(Certificate, FitsTheLimitOfDevices) {
  const TestAuthority ca;
  const PrivateKey key = PrivateKey::generate().value();
  EXPECT_LE(ca.issues(Role::kDevice, key).der().size(), 600U);
}

TEST(Certificate, EveryPrefixAndTrailingByteIsRefused) {
  const TestAuthority ca;
  const Bytes der = ca.issues(Role::kDevice, PrivateKey::generate().value()).der();
  for (size_t size = 0; size < der.size(); ++size) {
    EXPECT_EQ(Certificate::from_der(ByteView(der).first(size)).error().code, Error::kDerMalformed) << size;
  }
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_EQ(Certificate::from_der(longer).error().code, Error::kDerMalformed);
  longer.resize(kMaxDerBytes + 1);
  EXPECT_EQ(Certificate::from_der(longer).error().code, Error::kBodyTooLarge);
}

TEST(Certificate, PemTextsWithSeveral) {
  const TestAuthority a;
  const TestAuthority b;
  const auto both = certificates_from_pem("# roots\n" + a.root().to_pem() + b.root().to_pem() + "\n");
  ASSERT_TRUE(both.ok());
  ASSERT_EQ(both->size(), 2U);
  EXPECT_EQ((*both)[1], b.root());
  EXPECT_EQ(certificates_from_pem("").error().code, Error::kDerMalformed);
  EXPECT_EQ(certificates_from_pem(a.root().to_pem() + "-----BEGIN CERTIFICATE-----\nAAAA").error().code,
            Error::kDerMalformed);
}

TEST(CertificateRequest, RoundTrip) {
  const PrivateKey key = PrivateKey::generate().value();
  const Identity identity{"default", Role::kUpdateServer, uuid4().value()};
  const Bytes der = make_request(key, identity, {"host.example", "10.0.0.1"}).value();
  const CertificateRequest request = CertificateRequest::from_der(der).value();
  EXPECT_EQ(request.public_key, key.public_key());
  EXPECT_EQ(request.identity, identity);
  EXPECT_EQ(request.common_name, uuid_text(identity.id));
  EXPECT_EQ(request.host_names, (std::vector<std::string>{"host.example", "10.0.0.1"}));
  EXPECT_EQ(CertificateRequest::from_pem(request_to_pem(der))->public_key, key.public_key());
  const CertificateRequest bare = CertificateRequest::from_der(make_request(key).value()).value();
  EXPECT_TRUE(bare.common_name.empty() && !bare.identity && bare.host_names.empty());
}

TEST(CertificateRequest, PrefixesAndEveryChangedByteOfTheSignedPartAreRefused) {
  const PrivateKey key = PrivateKey::generate().value();
  Bytes der = make_request(key, {"default", Role::kDevice, uuid4().value()}).value();
  for (size_t size = 0; size < der.size(); ++size) {
    EXPECT_EQ(CertificateRequest::from_der(ByteView(der).first(size)).error().code, Error::kCsrInvalid) << size;
  }
  for (size_t at = 0; at < der.size(); ++at) {
    der[at] ^= 0x01U;
    const auto request = CertificateRequest::from_der(der);
    EXPECT_FALSE(request.ok()) << "byte " << at;
    der[at] ^= 0x01U;
  }
  EXPECT_TRUE(CertificateRequest::from_der(der).ok());
}

TEST(CertificateRequest, HostNamesThatCouldEscapeAreRefusedWhenMade) {
  const PrivateKey key = PrivateKey::generate().value();
  const Identity identity{"default", Role::kUpdateServer, uuid4().value()};
  for (const char* name : {"", "a,b", "a b", "URI:x", "a\nb", "*.example"}) {
    EXPECT_EQ(make_request(key, identity, {name}).error().code, Error::kValueOutOfRange) << name;
  }
}

}  // namespace
}  // namespace tailor::pki
