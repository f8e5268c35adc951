// SPDX-License-Identifier: Apache-2.0
// Trust as it lies in flash gives the answers of core/trust, which wrote it.
#include "device/boot/mapped/trust.hpp"

#include <random>

#include "core/suit/labels.hpp"
#include "device/boot/mapped/trusted.test.hpp"

namespace tailor::boot::mapped {
namespace {

constexpr auto kComponent = "81 43 617070"_hex;  // ["app"]
constexpr auto kEverything = "80"_hex;
constexpr auto kApp = "81 43 617070"_hex;
constexpr auto kOther = "81 43 617071"_hex;
constexpr auto kLonger = "82 43 617070 41 30"_hex;
constexpr auto kChecks = "84 01 02 03 05"_hex;
constexpr auto kAll = "87 01 02 03 05 0e 17 18 18"_hex;
constexpr auto kNumbers = "83 38 ff 03 0e"_hex;

cose::VerificationKey key_of(uint8_t fill) {
  crypto::P256PublicKey key;
  key.xy.fill(fill);
  return key;
}

TEST(MappedTrustTest, ReadsWhatTheFactoryWrote) {
  Trusted trusted;
  trusted.add(key_of(7), trust::Role::kAuthor, {{kEverything, {}, {}}});
  const Octets sealed = trusted.sealed(), bundle = trusted.bundle(sealed);
  Trust trust;
  ASSERT_TRUE(trust.open(kEsp256, bundle, sealed).ok());
  EXPECT_EQ(trust.identifier(1)[0], 1);
  EXPECT_EQ(trust.identifier(2)[0], 2);
  EXPECT_EQ(trust.identifier(24)[15], 3);
  EXPECT_EQ(trust.key(0).size(), 75U);
  EXPECT_EQ(trust.key(0)[8], 7);
  EXPECT_EQ(trust.key(1).size(), 75U) << "the anchor";
  EXPECT_NE(trust.key(1)[8], 7);
  EXPECT_TRUE(trust.key(2).empty());
}

TEST(MappedTrustTest, RefusesASealThatDoesNotHold) {
  Trusted trusted, stranger;
  trusted.add(key_of(7), trust::Role::kAuthor, {{kEverything, {}, {}}});
  const Octets sealed = trusted.sealed(), bundle = trusted.bundle(sealed);
  Trust trust;
  EXPECT_EQ(trust.open(kEsp256, stranger.bundle(sealed), sealed).error(), Error::kSignatureInvalid);
  EXPECT_EQ(trust.open(kHssLms, bundle, sealed).error(), Error::kAlgorithmUnsupported);
  for (size_t at = 0; at < sealed.size(); ++at) {
    Octets changed = sealed;
    changed[at] ^= 1;
    // The unprotected header may be anything; its key id only names the key.
    if (at >= 7 && at < 6 + 2 + 34) continue;
    ASSERT_FALSE(trust.open(kEsp256, bundle, changed).ok()) << at;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    ASSERT_FALSE(trust.open(kEsp256, bundle, ByteView(sealed).first(size)).ok()) << size;
  }
  for (size_t size = 0; size < bundle.size(); ++size) {
    ASSERT_FALSE(trust.open(kEsp256, ByteView(bundle).first(size), sealed).ok()) << size;
  }
}

/// Every single action that a boot program asks for, against the rule itself.
TEST(MappedTrustTest, DecidesAsTheRuleDoes) {
  std::mt19937 random(1);
  const ByteView prefixes[] = {kEverything, kApp, kOther, kLonger};
  const ByteView labels[] = {{}, kChecks, kAll, kNumbers};
  const auto any = [&random](const auto& list) { return list[random() % std::size(list)]; };
  size_t permitted = 0, refused = 0;
  for (int round = 0; round < 400; ++round) {
    Trusted trusted;
    const size_t signers = 1 + random() % 4;
    for (size_t i = 0; i < signers; ++i) {
      std::vector<trust::Right> rights(random() % 3);
      for (trust::Right& right : rights) right = {any(prefixes), any(labels), any(labels)};
      trusted.add(key_of(static_cast<uint8_t>(1 + i)), static_cast<trust::Role>(1 + random() % 3), rights);
    }
    for (const ByteView prefix : prefixes) {
      if (random() % 2 == 0) continue;
      trust::Policy policy;
      policy.prefix = prefix;
      for (size_t clauses = 1 + random() % 2; clauses > 0; --clauses) {
        const auto roles = static_cast<trust::Roles>((1 + random() % 7) << 1U);
        EXPECT_TRUE(policy.clauses.push_back({static_cast<uint8_t>(1 + random() % 2), roles}, Error::kInternal).ok());
      }
      EXPECT_TRUE(trusted.store().policies.push_back(policy, Error::kInternal).ok());
    }
    const Octets sealed = trusted.sealed(), bundle = trusted.bundle(sealed);
    Trust trust;
    ASSERT_TRUE(trust.open(kEsp256, bundle, sealed).ok());
    for (SignerSet set = 0; set < 1U << signers; ++set) {
      std::vector<const trust::Key*> keys;
      for (size_t i = 0; i < signers; ++i) {
        if ((set >> i & 1U) != 0) keys.push_back(&trusted.store().signers[i].key);
      }
      for (unsigned label = 0; label < 32; ++label) {
        for (const bool parameter : {false, true}) {
          using Kind = trust::Action::Kind;
          const trust::Action action{parameter ? Kind::kParameter : Kind::kCommand, static_cast<int32_t>(label)};
          const Status rule = trust::check_permitted(trusted.store().signers.view(), trusted.store().policies.view(),
                                                     keys, kComponent, action);
          Needs needs;
          (parameter ? needs.parameters : needs.commands) = 1U << label;
          const Status found = trust.check_permitted(set, kComponent, needs);
          ASSERT_EQ(found.ok(), rule.ok()) << round << " " << set << " " << label;
          if (!rule.ok()) {
            ASSERT_EQ(found.error(), rule.error());
          }
          ++(rule.ok() ? permitted : refused);
        }
      }
    }
  }
  EXPECT_GT(permitted, 10000U);
  EXPECT_GT(refused, 10000U);
}

TEST(MappedTrustTest, AsksForEverythingTogether) {
  Trusted trusted;
  trusted.add(key_of(1), trust::Role::kAuthor, {{kApp, kChecks, kNumbers}});
  trusted.add(key_of(2), trust::Role::kOperator, {{kEverything, kAll, {}}});
  const Octets sealed = trusted.sealed(), bundle = trusted.bundle(sealed);
  Trust trust;
  ASSERT_TRUE(trust.open(kEsp256, bundle, sealed).ok());
  const Needs checks{1U << 3, 1U << 3 | 1U << 14};
  const Needs invokes{checks.commands | 1U << 23, checks.parameters | 1U << 1};
  EXPECT_TRUE(trust.check_permitted(1, kComponent, checks).ok());
  EXPECT_EQ(trust.check_permitted(1, kComponent, invokes).error(), Error::kSignerNotPermitted);
  EXPECT_TRUE(trust.check_permitted(3, kComponent, invokes).ok()) << "each action needs somebody, not all of them one";
  EXPECT_EQ(trust.check_permitted(4, kComponent, checks).error(), Error::kSignerNotPermitted) << "the anchor";
  EXPECT_EQ(trust.check_permitted(0, kComponent, checks).error(), Error::kSignerUnknown);
}

}  // namespace
}  // namespace tailor::boot::mapped
