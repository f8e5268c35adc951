// SPDX-License-Identifier: Apache-2.0
#include "core/trust/rights.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/base/bytes.hpp"

namespace tailor::trust {
namespace {

constexpr auto kEverything = "80"_hex;
constexpr auto kApp = "81 43 617070"_hex;                // ["app"]
constexpr auto kAppConfig = "82 43 617070 42 6366"_hex;  // ["app", "cf"]
constexpr auto kConfig = "81 42 6366"_hex;               // ["cf"]
constexpr auto kApparent = "81 44 61707061"_hex;         // ["appa"]
constexpr auto kConfigApp = "82 42 6366 43 617070"_hex;  // ["cf", "app"]
constexpr auto kChecks = "83 01 03 17"_hex;              // vendor, image match, invoke
constexpr auto kNone = "80"_hex;
constexpr auto kWriteAlone = "81 12"_hex;
constexpr auto kFetchAlone = "81 15"_hex;
constexpr auto kWide = "82 15 39 0100"_hex;  // [21, -257]

using Kind = Action::Kind;
constexpr Action kFetch{Kind::kWrite, 21};
constexpr Action kWriteSomehow{};
constexpr Action kInvoke{Kind::kCommand, 23};
constexpr Action kUri{Kind::kParameter, 21};

Key key_of(uint8_t fill) {
  crypto::P256PublicKey key;
  key.xy.fill(fill);
  return key;
}

TEST(Rights, APrefixCountsWholeParts) {
  const struct {
    ByteView component, prefix;
    bool begins;
  } rows[] = {{kApp, kEverything, true},    {kApp, kApp, true},        {kAppConfig, kApp, true},
              {kApp, kAppConfig, false},    {kApparent, kApp, false},  {kApp, kApparent, false},
              {kConfigApp, kApp, false},    {kConfig, kApp, false},    {kAppConfig, kAppConfig, true},
              {kAppConfig, kConfig, false}, {kApp, ByteView{}, false}, {ByteView{}, kEverything, false}};
  for (const auto& row : rows) EXPECT_EQ(begins_with(row.component, row.prefix), row.begins) << &row - rows;
}

TEST(Rights, ListsOfLabelsAreBySort) {
  const struct {
    Right right;
    Action action;
    bool covered;
  } rows[] = {{{kApp, {}, {}}, kFetch, true},
              {{kApp, {}, {}}, kUri, true},
              {{kConfig, {}, {}}, kFetch, false},
              {{kApp, kChecks, {}}, kFetch, false},
              {{kApp, kChecks, {}}, kInvoke, true},
              {{kApp, kChecks, {}}, kUri, true},  // commands say nothing of parameters
              {{kApp, {}, kNone}, kUri, false},   // no parameter at all
              {{kApp, {}, kNone}, kFetch, true},
              {{kApp, kNone, {}}, kFetch, false},
              {{kApp, {}, {}}, kWriteSomehow, true},
              {{kApp, kNone, {}}, kWriteSomehow, false},
              {{kApp, kChecks, {}}, kWriteSomehow, false},
              {{kApp, kWide, {}}, kWriteSomehow, true},
              {{kApp, kWriteAlone, {}}, kWriteSomehow, true},
              {{kApp, kWriteAlone, {}}, {Kind::kWrite, 22}, false},
              {{kApp, {}, kWide}, kUri, true},
              {{kApp, kWide, {}}, {Kind::kCommand, -257}, true},
              {{kApp, kWide, {}}, {Kind::kCommand, 256}, false}};
  for (const auto& row : rows) EXPECT_EQ(covers(row.right, kApp, row.action), row.covered) << &row - rows;
}

/// Signers 1 and 2 are authors, 3 is an operator, 4 a distributor, 5 an author that may only keep what runs, 6 has no
/// right; "app" wants author and operator, "app/cf" two authors, "cf" anyone twice.
class CheckPermitted : public ::testing::Test {
 protected:
  CheckPermitted() {
    const Role roles[] = {Role::kAuthor,      Role::kAuthor, Role::kOperator,
                          Role::kDistributor, Role::kAuthor, Role::kAuthor};
    for (uint8_t i = 0; i < 6; ++i) {
      Signer signer;
      signer.key = key_of(static_cast<uint8_t>(i + 1));
      signer.role = roles[i];
      if (i < 5) add(signer, {kEverything, i == 4 ? ByteView{kChecks} : ByteView{}, {}});
      signers_.push_back(signer);
    }
    policies_ = {policy(kApp, {{1, bit_of(Role::kAuthor)}, {1, bit_of(Role::kOperator)}}),
                 policy(kAppConfig, {{2, bit_of(Role::kAuthor)}}),
                 policy(kConfig, {{2, static_cast<Roles>(bit_of(Role::kAuthor) | bit_of(Role::kOperator) |
                                                         bit_of(Role::kDistributor))}})};
  }
  static void add(Signer& signer, const Right& right) {
    EXPECT_TRUE(signer.rights.push_back(right, Error::kInternal).ok());
  }
  static Policy policy(ByteView prefix, const std::vector<Clause>& clauses) {
    Policy made;
    made.prefix = prefix;
    for (const Clause& clause : clauses) EXPECT_TRUE(made.clauses.push_back(clause, Error::kInternal).ok());
    return made;
  }
  Status check(const std::vector<uint8_t>& who, ByteView component, const Action& action = kFetch) const {
    std::vector<Key> keys;
    for (const uint8_t fill : who) keys.push_back(key_of(fill));
    std::vector<const Key*> pointers;
    for (const Key& key : keys) pointers.push_back(&key);
    return check_permitted(signers_, policies_, pointers, component, action);
  }

  std::vector<Signer> signers_;
  std::vector<Policy> policies_;
};

TEST_F(CheckPermitted, OneSignerWithTheRightIsEnoughWhereNoPolicySpeaks) {
  constexpr auto kOther = "81 41 00"_hex;
  for (uint8_t who = 1; who <= 4; ++who) EXPECT_TRUE(check({who}, kOther).ok()) << int{who};
  EXPECT_EQ(check({5}, kOther).error(), Error::kSignerNotPermitted) << "it may not fetch";
  EXPECT_TRUE(check({5}, kOther, kInvoke).ok());
  EXPECT_EQ(check({6}, kOther).error(), Error::kSignerNotPermitted) << "no right at all";
  EXPECT_EQ(check({7}, kOther).error(), Error::kSignerUnknown);
  EXPECT_EQ(check({}, kOther).error(), Error::kSignerUnknown);
  EXPECT_EQ(check({7, 6}, kOther).error(), Error::kSignerNotPermitted);
  EXPECT_TRUE(check({7, 6, 1}, kOther).ok()) << "one is enough, whoever else signed";
}

TEST_F(CheckPermitted, EveryClauseOfTheLongestPolicyHasToHold) {
  const struct {
    const char* name;
    std::vector<uint8_t> who;
    ByteView component;
    bool permitted;
  } rows[] = {{"author alone", {1}, kApp, false},
              {"operator alone", {3}, kApp, false},
              {"two authors", {1, 2}, kApp, false},
              {"author and operator", {1, 3}, kApp, true},
              {"the other way round", {3, 2}, kApp, true},
              {"author and distributor", {1, 4}, kApp, false},
              {"an author without the right does not count", {5, 3}, kApp, false},
              {"one author, where two are wanted", {1, 3}, kAppConfig, false},
              {"two authors, where two are wanted", {1, 2}, kAppConfig, true},
              {"one author twice", {1, 1}, kAppConfig, false},
              {"anyone twice: one", {4}, kConfig, false},
              {"anyone twice: operator and distributor", {3, 4}, kConfig, true},
              {"anyone twice: one with and one without the right", {3, 5}, kConfig, false}};
  for (const auto& row : rows) EXPECT_EQ(check(row.who, row.component).ok(), row.permitted) << row.name;
}

TEST_F(CheckPermitted, TheOrderOfPoliciesDoesNotMatter) {
  std::swap(policies_[0], policies_[1]);
  EXPECT_TRUE(check({1, 2}, kAppConfig).ok());
  EXPECT_FALSE(check({1, 3}, kAppConfig).ok());
  policies_.push_back(policy(kEverything, {{3, bit_of(Role::kAuthor)}}));
  std::swap(policies_[0], policies_[3]);
  EXPECT_TRUE(check({1, 2}, kAppConfig).ok()) << "the longest, not all";
  EXPECT_FALSE(check({1, 2}, "81 41 00"_hex).ok());
}

TEST_F(CheckPermitted, RightsAreJudgedActionByAction) {
  signers_[2].rights.clear();
  add(signers_[2], {kApp, kChecks, {}});  // an operator that approves but may not fetch
  EXPECT_EQ(check({1, 3}, kApp, kFetch).error(), Error::kSignerNotPermitted);
  EXPECT_TRUE(check({1, 3}, kApp, kInvoke).ok());
  add(signers_[2], {kApp, kFetchAlone, {}});
  EXPECT_TRUE(check({1, 3}, kApp, kFetch).ok()) << "rights add up";
}

TEST_F(CheckPermitted, APolicyWithoutClausesDoesNotOpenAnything) {
  policies_ = {policy(kEverything, {})};
  EXPECT_FALSE(check({6}, kApp).ok());
  EXPECT_FALSE(check({5}, kApp).ok());
  EXPECT_TRUE(check({1}, kApp).ok());
}

TEST(Role, NamesAndNumbersReadBack) {
  for (uint8_t code = 1; code <= 4; ++code) {
    const auto role = static_cast<Role>(code);
    EXPECT_EQ(role_from_name(name_of(role)).value(), role);
    EXPECT_EQ(signer_role_from_code(code).ok(), code < 4) << int{code};
  }
  EXPECT_FALSE(signer_role_from_code(0).ok());
  EXPECT_FALSE(signer_role_from_code(UINT64_MAX).ok());
  EXPECT_FALSE(role_from_name("Author").ok());
  EXPECT_FALSE(role_from_name("").ok());
}

}  // namespace
}  // namespace tailor::trust
