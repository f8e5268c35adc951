// SPDX-License-Identifier: Apache-2.0
// Identities in certificates: what the profile admits, what it refuses, and who issued what. Certificates come from
// OpenSSL, so that reader and writer are different implementations.
#include "crypto_backends/psa/x509/identity.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "testing/certificates/authority.hpp"

namespace tailor::x509 {
namespace {

using testing::Authority;
using testing::CertificateSpec;
using testing::Credential;
using testing::peer_uri;

constexpr std::string_view kUuid = "2f5ac4b8-7f1c-4a0e-9c1d-0123456789ab";

class Identity : public ::testing::Test {
 protected:
  Authority authority_;
  Authority other_{"Another authority"};
  Authority namesake_;
};

TEST_F(Identity, IsReadFromEachRolesCertificate) {
  struct Row {
    std::string_view name;
    coap::PeerRole role;
  };
  for (const Row& row :
       {Row{"device", coap::PeerRole::kDevice}, Row{"update-server", coap::PeerRole::kUpdateServer},
        Row{"ca", coap::PeerRole::kCertificateAuthority}, Row{"operator", coap::PeerRole::kOperator}}) {
    const Credential credential = authority_.issue(
        {.uri = peer_uri(row.name, kUuid, "acme"), .not_before = 951'782'400, .not_after = 4'102'444'799});
    const auto identity = parse_peer_identity(credential.certificate);
    ASSERT_TRUE(identity.ok()) << row.name;
    EXPECT_EQ(identity->role, row.role);
    EXPECT_EQ(identity->tenant(), "acme");
    EXPECT_EQ(identity->id, Uuid::from_text(kUuid).value());
    EXPECT_EQ(identity->public_key, crypto::public_key_of(credential.key).value());
    EXPECT_EQ(identity->not_before, 951'782'400U) << "2000-02-29, a leap day";
    EXPECT_EQ(identity->not_after, 4'102'444'799U) << "2099-12-31T23:59:59Z, in GeneralizedTime";
    EXPECT_EQ(name_of(identity->role), row.name);
  }
}

TEST_F(Identity, SerialIsKeptAsItStandsInTheCertificate) {
  const Credential credential = authority_.issue({.uri = peer_uri("device", kUuid), .serial = 0xff02});
  const std::vector<uint8_t> expected{0x00, 0xff, 0x02};
  EXPECT_TRUE(equal(parse_peer_identity(credential.certificate)->serial(), expected));
}

TEST_F(Identity, OutsideTheProfileIsRefused) {
  const std::string good = peer_uri("device", kUuid);
  const CertificateSpec wrong[] = {
      {.uri = ""},
      {.uri = "https://example.com"},
      {.uri = good, .more_uris = {good}},
      {.uri = good, .more_uris = {"https://example.com"}},
      {.uri = peer_uri("printer", kUuid)},
      {.uri = peer_uri("", kUuid)},
      {.uri = peer_uri("device", kUuid, "")},
      {.uri = peer_uri("device", kUuid, std::string(kTenantBytes + 1, 't'))},
      {.uri = peer_uri("device", kUuid, "a/b")},
      {.uri = peer_uri("device", kUuid, "Acme")},
      {.uri = peer_uri("device", kUuid, "a_b")},
      {.uri = peer_uri("device", kUuid, "a.b")},
      {.uri = peer_uri("device", kUuid.substr(1))},
      {.uri = good + "x"},
      {.uri = good + ":x"},
      {.uri = "tag:tailor,2026"},
      {.uri = "tag:tailor,2026:"},
      {.uri = "TAG:tailor,2026:default:device:" + std::string{kUuid}},
      {.uri = good, .authority = true},
  };
  for (const CertificateSpec& spec : wrong) {
    EXPECT_EQ(parse_peer_identity(authority_.issue(spec).certificate).error(), Error::kCertificateProfile) << spec.uri;
  }
  EXPECT_TRUE(parse_peer_identity(authority_.issue({.uri = peer_uri("device", kUuid, "acme-2")}).certificate).ok());
  const std::string longest = peer_uri("update-server", kUuid, std::string(kTenantBytes, 't'));
  EXPECT_TRUE(parse_peer_identity(authority_.issue({.uri = longest}).certificate).ok());
}

TEST_F(Identity, EveryPrefixAndTrailingByteIsRefused) {
  std::vector<uint8_t> der = authority_.issue({.uri = peer_uri("device", kUuid)}).certificate;
  for (size_t length = 0; length < der.size(); ++length) {
    ASSERT_EQ(parse_peer_identity(ByteView{der}.first(length)).error(), Error::kDerMalformed) << length;
  }
  der.push_back(0);
  EXPECT_EQ(parse_peer_identity(der).error(), Error::kDerMalformed);
}

TEST_F(Identity, OnlyItsOwnAuthorityVerifiesIt) {
  const Credential credential = authority_.issue({.uri = peer_uri("device", kUuid)});
  const ByteView mine[] = {other_.certificate(), authority_.certificate()};
  const auto verified = verify_peer(credential.certificate, mine);
  ASSERT_TRUE(verified.ok());
  EXPECT_EQ(verified->authority, 1U);
  EXPECT_EQ(verified->usable_from, 1'700'000'000U);
  EXPECT_EQ(verified->usable_until, 2'000'000'000U);

  const ByteView others[] = {other_.certificate()};
  const ByteView same_name[] = {namesake_.certificate()};
  const ByteView itself[] = {credential.certificate};
  for (const std::span<const ByteView> wrong : {std::span<const ByteView>{others}, std::span<const ByteView>{same_name},
                                                std::span<const ByteView>{itself}, std::span<const ByteView>{}}) {
    EXPECT_EQ(verify_peer(credential.certificate, wrong).error(), Error::kCertificateInvalid);
  }
}

TEST_F(Identity, APeersCertificateIssuesNothing) {
  const Credential server = authority_.issue({.uri = peer_uri("update-server", kUuid), .common_name = "forger"});
  // A certificate that the server's key has signed in its own name.
  Authority forger{"forger"};
  const Credential forged = forger.issue({.uri = peer_uri("device", kUuid)});
  const ByteView trusted[] = {server.certificate};
  EXPECT_EQ(verify_peer(forged.certificate, trusted).error(), Error::kCertificateInvalid);
}

TEST_F(Identity, EveryChangedByteIsRefused) {
  const Credential credential = authority_.issue({.uri = peer_uri("device", kUuid)});
  const ByteView mine[] = {authority_.certificate()};
  for (size_t at = 0; at < credential.certificate.size(); ++at) {
    std::vector<uint8_t> changed = credential.certificate;
    changed[at] ^= 0x01;
    ASSERT_FALSE(verify_peer(changed, mine).ok()) << at;
  }
}

TEST(PeerUri, IsWrittenAsItIsRead) {
  std::array<char, kPeerUriBytes> memory{};
  const Uuid id = Uuid::from_text(kUuid).value();
  EXPECT_EQ(write_peer_uri("default", coap::PeerRole::kDevice, id, memory).value(), peer_uri("device", kUuid));
  const std::string longest(kTenantBytes, 't');
  EXPECT_EQ(write_peer_uri(longest, coap::PeerRole::kUpdateServer, id, memory).value().size(), kPeerUriBytes);
  EXPECT_EQ(write_peer_uri(longest + "t", coap::PeerRole::kDevice, id, memory).error(), Error::kValueOutOfRange);
  EXPECT_EQ(write_peer_uri("a:b", coap::PeerRole::kDevice, id, memory).error(), Error::kValueOutOfRange);
  EXPECT_EQ(write_peer_uri("default", coap::PeerRole::kNone, id, memory).error(), Error::kValueOutOfRange);
}

}  // namespace
}  // namespace tailor::x509
