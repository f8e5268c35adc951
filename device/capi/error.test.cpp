// SPDX-License-Identifier: Apache-2.0
#include "tailor/error.h"

#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace tailor {
namespace {

TEST(CError, NamesAndNumbersAreThoseOfTheCore) {
  EXPECT_STREQ(tailor_error_name(TAILOR_OK), "Ok");
  EXPECT_STREQ(tailor_error_meaning(TAILOR_OK), "");
  EXPECT_STREQ(tailor_error_name(TAILOR_ERROR_SIGNATURE_INVALID), "SignatureInvalid");
  EXPECT_EQ(static_cast<int>(TAILOR_ERROR_CBOR_NOT_CANONICAL), static_cast<int>(Error::kCborNotCanonical));
  EXPECT_EQ(static_cast<int>(TAILOR_ERROR_INTERNAL), static_cast<int>(Error::kInternal));
  for (int code = 1; code < 256; ++code) {
    const ErrorInfo& info = describe(static_cast<Error>(code));
    EXPECT_EQ(tailor_error_name(static_cast<tailor_error_t>(code)), info.name);
    EXPECT_EQ(tailor_error_meaning(static_cast<tailor_error_t>(code)), info.meaning);
  }
}

}  // namespace
}  // namespace tailor
