// SPDX-License-Identifier: Apache-2.0
#include "hosted/failure.hpp"

#include <gtest/gtest.h>

namespace tailor {
namespace {

TEST(Failure, TextNamesCodeMeaningAndContext) {
  EXPECT_EQ(fail(Error::kNotFound, "/x").to_text(), "NotFound: no such object (/x)");
  EXPECT_EQ(fail(Error::kNotFound).to_text(), "NotFound: no such object");
}

TEST(Failure, ContextIsAddedToCoreErrorsOnly) {
  EXPECT_EQ(*with_context(Result<int>(7), "step"), 7);
  EXPECT_TRUE(with_context(Status(kOk), "step").ok());
  const Outcome<int> bad = with_context(Result<int>(Error::kTruncated), "step");
  EXPECT_EQ(bad.error().code, Error::kTruncated);
  EXPECT_EQ(bad.error().context, "step");
}

TEST(Failure, OuterStepsComeFirst) {
  const Outcome<int> inner = fail(Error::kTruncated, "inner");
  EXPECT_EQ(with_context(inner, "outer").error().context, "outer: inner");
  EXPECT_EQ(with_context(Outcome<int>(fail(Error::kTruncated)), "outer").error().context, "outer");
}

Outcome<int> tries() {
  TAILOR_TRY_ASSIGN(const int value, with_context(Result<int>(Error::kTimeout), "asking"));
  return value;
}

TEST(Failure, WorksWithTheTryMacros) {
  EXPECT_EQ(tries().error().code, Error::kTimeout);
}

}  // namespace
}  // namespace tailor
