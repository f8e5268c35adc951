// SPDX-License-Identifier: Apache-2.0
#include "core/report/reason.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tailor::report {
namespace {

constexpr Error kErrors[] = {
#define TAILOR_ERROR(code, name, cls, suit, coap, http, text) Error::k##name,
#include "core/base/errors.def"
#undef TAILOR_ERROR
};

TEST(Reason, EveryErrorHasOneOfTheDraftsReasonsAndNoneIsSuccess) {
  for (const Error error : kErrors) {
    const auto code = static_cast<uint64_t>(reason_of(error));
    EXPECT_TRUE(reason_from_code(code).ok()) << name_of(error);
    EXPECT_NE(code, 0U) << name_of(error);
    EXPECT_NE(reason_of(error), Reason::kInvokePending) << name_of(error);
  }
}

TEST(Reason, WhatAManifestProcessorMeets) {
  const struct {
    Error error;
    Reason reason;
  } rows[] = {
      {Error::kCborMalformed, Reason::kCborParse},
      {Error::kTruncated, Reason::kCborParse},
      {Error::kManifestVersionUnsupported, Reason::kCborParse},
      {Error::kCoseUnsupported, Reason::kCoseUnsupported},
      {Error::kAlgorithmUnsupported, Reason::kAlgorithmUnsupported},
      {Error::kSignatureInvalid, Reason::kUnauthorised},
      {Error::kSignerUnknown, Reason::kUnauthorised},
      {Error::kManifestDigestMismatch, Reason::kUnauthorised},
      {Error::kCommandUnsupported, Reason::kCommandUnsupported},
      {Error::kComponentUnknown, Reason::kComponentUnsupported},
      {Error::kComponentIndexInvalid, Reason::kComponentUnsupported},
      {Error::kSignerNotPermitted, Reason::kComponentUnauthorised},
      {Error::kParameterUnsupported, Reason::kParameterUnsupported},
      {Error::kMemberMissing, Reason::kSeveringUnsupported},
      {Error::kVendorMismatch, Reason::kConditionFailed},
      {Error::kImageDigestMismatch, Reason::kConditionFailed},
      {Error::kTryEachExhausted, Reason::kConditionFailed},
      {Error::kSequenceNumberTooLow, Reason::kConditionFailed},
      {Error::kPayloadUnavailable, Reason::kOperationFailed},
      {Error::kFlashWriteFailed, Reason::kOperationFailed},
      {Error::kTrialCrashed, Reason::kOperationFailed},
  };
  for (const auto& row : rows) EXPECT_EQ(reason_of(row.error), row.reason) << name_of(row.error);
}

TEST(Reason, EveryReasonHasItsOwnWords) {
  std::set<std::string_view> words;
  for (uint64_t code = 0; code < kReasons; ++code) words.insert(words_of(reason_from_code(code).value()));
  EXPECT_EQ(words.size(), size_t{kReasons});
  EXPECT_FALSE(words.contains(""));
  EXPECT_EQ(reason_from_code(kReasons).error(), Error::kValueOutOfRange);
  EXPECT_EQ(reason_from_code(UINT64_MAX).error(), Error::kValueOutOfRange);
}

TEST(Reason, UnsupportedIsWhatACapabilityReportAnswers) {
  std::set<Reason> unsupported;
  for (uint64_t code = 0; code < kReasons; ++code) {
    if (is_unsupported(static_cast<Reason>(code))) unsupported.insert(static_cast<Reason>(code));
  }
  EXPECT_EQ(unsupported, (std::set<Reason>{Reason::kCoseUnsupported, Reason::kAlgorithmUnsupported,
                                           Reason::kCommandUnsupported, Reason::kComponentUnsupported,
                                           Reason::kParameterUnsupported, Reason::kSeveringUnsupported}));
}

}  // namespace
}  // namespace tailor::report
