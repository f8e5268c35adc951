// SPDX-License-Identifier: Apache-2.0
#include "core/base/uuid.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tailor {
namespace {

TEST(Uuid, TextRoundTrip) {
  const std::string text = "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe";  // the vendor id of SUIT manifest draft, example 0
  const Uuid uuid = Uuid::from_text(text).value();
  EXPECT_EQ(uuid.bytes[0], 0xfa);
  const auto out = uuid.to_text();
  EXPECT_EQ(std::string(out.begin(), out.end()), text);
}

TEST(Uuid, RefusesOtherTexts) {
  for (const char* text : {"", "fa6b4a53", "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ff",
                           "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffez", "fa6b4a53xd5ad-5fdf-be9d-e663e4d41ffe",
                           "ga6b4a53-d5ad-5fdf-be9d-e663e4d41ffe", "fa6b4a53d-5ad-5fdf-be9d-e663e4d41ffe"}) {
    EXPECT_EQ(Uuid::from_text(text).error(), Error::kValueOutOfRange) << text;
  }
  EXPECT_EQ(Uuid::from_bytes("00 01"_hex).error(), Error::kValueOutOfRange);
}

}  // namespace
}  // namespace tailor
