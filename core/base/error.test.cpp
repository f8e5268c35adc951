// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"

#include <gtest/gtest.h>

namespace tailor {
namespace {

TEST(Error, CarriesItsProtocolCodes) {
  const ErrorInfo& info = describe(Error::kSignatureInvalid);
  EXPECT_EQ(info.name, "SignatureInvalid");
  EXPECT_EQ(info.suit_reason, 4);
  EXPECT_EQ(info.coap_code, 0x80);
  EXPECT_EQ(info.error_class, ErrorClass::kUnauthentic);
}

TEST(Error, UnknownNumberIsInternal) {
  EXPECT_EQ(error_from_code(0), Error::kInternal);
  EXPECT_EQ(error_from_code(249), Error::kInternal);
  EXPECT_EQ(error_from_code(34), Error::kSignatureInvalid);
}

TEST(Error, EveryCodeIsAnErrorOfCoapAndHttp) {
  for (unsigned code = 1; code <= 255; ++code) {
    const ErrorInfo& info = describe(static_cast<Error>(code));
    EXPECT_TRUE(info.coap_code >> 5U == 4 || info.coap_code >> 5U == 5) << info.name;
    EXPECT_GE(info.http_status, 400) << info.name;
    EXPECT_LT(info.http_status, 600) << info.name;
    EXPECT_LE(info.suit_reason, 12) << info.name;
    EXPECT_NE(info.suit_reason, 0) << info.name;
  }
}

TEST(Error, OneColumnIsThatOfTheWholeRow) {
  for (unsigned code = 0; code <= 255; ++code) {
    const auto error = static_cast<Error>(code);
    const ErrorInfo info = describe(error);
    EXPECT_EQ(class_of(error), info.error_class) << code;
    EXPECT_EQ(suit_reason_of(error), info.suit_reason) << code;
    EXPECT_EQ(coap_code_of(error), info.coap_code) << code;
    EXPECT_EQ(name_of(error), info.name) << code;
    EXPECT_EQ(meaning_text(error), info.meaning) << code;
    EXPECT_EQ(info.name.data()[info.name.size()], 0) << code;
  }
  EXPECT_EQ(name_of(Error::kTruncated), "Truncated");
  EXPECT_EQ(meaning_text(Error::kTrailingBytes), "bytes are left after the last item");
  EXPECT_EQ(name_of(Error::kInternal), "Internal");
}

}  // namespace
}  // namespace tailor
