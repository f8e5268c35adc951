// SPDX-License-Identifier: Apache-2.0
#include "core/trust/trust_policy.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tailor::trust {
namespace {

constexpr auto kEverything = "80"_hex;
constexpr auto kImage = "81 41 00"_hex;
constexpr auto kBelowTrust = "82 45 7472757374 41 00"_hex;
constexpr auto kTrustworthy = "81 46 747275737479"_hex;
constexpr processor::Action kFetch{processor::Action::Kind::kWrite, 21};

Key key_of(uint8_t fill) {
  crypto::P256PublicKey key;
  key.xy.fill(fill);
  return key;
}

/// Signers 1 (author of everything) and 2 (operator); the anchor is 9.
class TrustPolicyTest : public ::testing::Test {
 protected:
  TrustPolicyTest() {
    for (const Role role : {Role::kAuthor, Role::kOperator}) {
      Signer signer;
      signer.key = key_of(static_cast<uint8_t>(role));
      signer.role = role;
      EXPECT_TRUE(signer.rights.push_back({kEverything, {}, {}}, Error::kInternal).ok());
      EXPECT_TRUE(store_.signers.push_back(signer, Error::kInternal).ok());
    }
  }
  Status permits(const std::vector<Key>& keys, ByteView component) const {
    std::vector<const Key*> pointers;
    for (const Key& key : keys) pointers.push_back(&key);
    return policy_.permits(pointers, component, kFetch);
  }

  TrustStore store_;
  Key anchor_ = key_of(9);
  TrustPolicy policy_{store_, anchor_};
};

TEST_F(TrustPolicyTest, NamesEverySignerAndTheAuthority) {
  EXPECT_EQ(*policy_.candidate({}, 0), key_of(1));
  EXPECT_EQ(*policy_.candidate({}, 1), key_of(2));
  EXPECT_EQ(*policy_.candidate({}, 2), anchor_);
  EXPECT_EQ(policy_.candidate({}, 3), nullptr);
  for (const Key& key : {key_of(2), anchor_}) {
    const auto id = cose::thumbprint(key).value();
    ASSERT_NE(policy_.candidate(id, 0), nullptr);
    EXPECT_EQ(*policy_.candidate(id, 0), key);
    EXPECT_EQ(policy_.candidate(id, 1), nullptr);
  }
  EXPECT_EQ(policy_.candidate(kEverything, 0), nullptr) << "a key id of nobody";
}

TEST_F(TrustPolicyTest, TheAuthorityReplacesTheTrustStoreAndDoesNothingElse) {
  EXPECT_TRUE(permits({anchor_}, kTrustComponent).ok());
  EXPECT_TRUE(permits({anchor_}, kBelowTrust).ok());
  EXPECT_TRUE(permits({key_of(1), anchor_}, kTrustComponent).ok());
  for (const auto& who : {std::vector<Key>{key_of(1)}, {key_of(1), key_of(2)}, {key_of(7)}, {}}) {
    EXPECT_EQ(permits(who, kTrustComponent).error(), Error::kSignerNotPermitted)
        << "rights over everything are not this";
    EXPECT_EQ(permits(who, kBelowTrust).error(), Error::kSignerNotPermitted);
  }
  EXPECT_EQ(permits({anchor_}, kImage).error(), Error::kSignerNotPermitted);
  EXPECT_EQ(permits({anchor_}, kTrustworthy).error(), Error::kSignerNotPermitted);
  EXPECT_TRUE(permits({key_of(1)}, kTrustworthy).ok());
  EXPECT_TRUE(permits({anchor_, key_of(1)}, kImage).ok());
}

TEST_F(TrustPolicyTest, TheAuthorityFillsNoPlaceOfAPolicy) {
  Policy policy;
  policy.prefix = kEverything;
  ASSERT_TRUE(policy.clauses.push_back({2, 0b1110}, Error::kInternal).ok());
  ASSERT_TRUE(store_.policies.push_back(policy, Error::kInternal).ok());
  EXPECT_EQ(permits({anchor_, key_of(1)}, kImage).error(), Error::kSignerNotPermitted);
  EXPECT_TRUE(permits({key_of(2), key_of(1)}, kImage).ok());
  EXPECT_TRUE(permits({anchor_}, kTrustComponent).ok()) << "nor does a policy bind it";
}

TEST_F(TrustPolicyTest, AStoreThatChangesChangesTheAnswers) {
  ASSERT_TRUE(permits({key_of(1)}, kImage).ok());
  const Signer second = store_.signers[1];
  store_.signers.clear();
  ASSERT_TRUE(store_.signers.push_back(second, Error::kInternal).ok());
  EXPECT_EQ(permits({key_of(1)}, kImage).error(), Error::kSignerUnknown);
  EXPECT_EQ(*policy_.candidate({}, 0), key_of(2));
  EXPECT_EQ(*policy_.candidate({}, 1), anchor_);
}

}  // namespace
}  // namespace tailor::trust
