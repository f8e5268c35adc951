// SPDX-License-Identifier: Apache-2.0
#include "crypto_backends/psa/x509/revocation_list.hpp"

#include <gtest/gtest.h>

#include "crypto_backends/psa/x509/identity.hpp"
#include "testing/certificates/authority.hpp"

namespace tailor::x509 {
namespace {

using testing::Authority;
using testing::peer_uri;

const std::string kUri = peer_uri("device", "2f5ac4b8-7f1c-4a0e-9c1d-0123456789ab");

TEST(RevocationList, NamesTheSerialsOfCertificates) {
  Authority authority;
  const auto list = RevocationList::parse(authority.revocation_list({0x81, 0x1002, 0x7fff}), authority.certificate());
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->size(), 3U);
  EXPECT_EQ(list->next_update(), 1'700'000'000U);
  for (const long serial : {0x81L, 0x1002L, 0x7fffL}) {
    const auto identity = parse_peer_identity(authority.issue({.uri = kUri, .serial = serial}).certificate);
    EXPECT_TRUE(list->revokes(identity->serial())) << serial;
  }
  for (const long serial : {0x80L, 0x1003L, 0x7ffeL}) {
    const auto identity = parse_peer_identity(authority.issue({.uri = kUri, .serial = serial}).certificate);
    EXPECT_FALSE(list->revokes(identity->serial())) << serial;
  }
}

TEST(RevocationList, MayBeEmpty) {
  Authority authority;
  const auto list = RevocationList::parse(authority.revocation_list({}), authority.certificate());
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->size(), 0U);
}

TEST(RevocationList, OfAnotherAuthorityOrChangedIsRefused) {
  Authority authority;
  Authority namesake;
  Authority other{"Another authority"};
  const std::vector<uint8_t> der = authority.revocation_list({0x1002});
  for (const Authority* wrong : {&namesake, &other}) {
    EXPECT_EQ(RevocationList::parse(der, wrong->certificate()).error(), Error::kCertificateInvalid);
  }
  for (size_t at = 0; at < der.size(); ++at) {
    std::vector<uint8_t> changed = der;
    changed[at] ^= 0x01;
    ASSERT_FALSE(RevocationList::parse(changed, authority.certificate()).ok()) << at;
  }
  for (size_t length = 0; length < der.size(); ++length) {
    ASSERT_EQ(RevocationList::parse(ByteView{der}.first(length), authority.certificate()).error(), Error::kDerMalformed)
        << length;
  }
}

}  // namespace
}  // namespace tailor::x509
