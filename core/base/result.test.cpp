// SPDX-License-Identifier: Apache-2.0
#include "core/base/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace tailor {
namespace {

Result<int> half_of(int value) {
  if (value % 2 != 0) return Error::kValueOutOfRange;
  return value / 2;
}

Result<int> quarter_of(int value) {
  TAILOR_TRY_ASSIGN(const int half, half_of(value));
  return half_of(half);
}

Status check_even(int value) {
  TAILOR_TRY(half_of(value));
  return kOk;
}

struct Context {
  Error error;
  std::string where;
};

TEST(Result, HoldsValueOrError) {
  EXPECT_EQ(half_of(8).value(), 4);
  EXPECT_EQ(half_of(7).error(), Error::kValueOutOfRange);
  EXPECT_TRUE(check_even(2).ok());
  EXPECT_EQ(check_even(3).error(), Error::kValueOutOfRange);
}

TEST(Result, TryAssignLeavesWithTheError) {
  EXPECT_EQ(quarter_of(8).value(), 2);
  EXPECT_EQ(quarter_of(6).error(), Error::kValueOutOfRange);
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 5);
}

TEST(Result, CarriesAnErrorWithContext) {
  const Result<int, Context> result(Context{Error::kFileFailed, "device.toml"});
  EXPECT_EQ(result.error().where, "device.toml");
  const Result<void, Context> status(Context{Error::kFileFailed, "x"});
  EXPECT_FALSE(status.ok());
}

TEST(ResultDeathTest, ReadingTheAbsentSideTraps) {
  EXPECT_DEATH({ (void)half_of(7).value(); }, "");
  EXPECT_DEATH({ (void)half_of(8).error(); }, "");
}

}  // namespace
}  // namespace tailor
