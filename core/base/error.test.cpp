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

}  // namespace
}  // namespace tailor
