// SPDX-License-Identifier: Apache-2.0
#include "hosted/encoding.hpp"

#include <gtest/gtest.h>

namespace tailor {
namespace {

TEST(Encoding, Rfc4648Section10Vectors) {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : rows) {
    SCOPED_TRACE(plain);
    EXPECT_EQ(to_base64(as_bytes(plain)), text);
    EXPECT_TRUE(equal(from_base64(text).value(), as_bytes(plain)));
    std::string unpadded(text);
    while (unpadded.ends_with('=')) unpadded.pop_back();
    EXPECT_EQ(to_base64url(as_bytes(plain)), unpadded);
    EXPECT_TRUE(equal(from_base64url(unpadded).value(), as_bytes(plain)));
  }
}

TEST(Encoding, AlphabetsDifferInTwoCharacters) {
  EXPECT_EQ(to_base64("fb ff fe"_hex), "+//+");
  EXPECT_EQ(to_base64url("fb ff fe"_hex), "-__-");
  EXPECT_FALSE(from_base64url("+//+").ok());
  EXPECT_FALSE(from_base64("-__-").ok());
}

TEST(Encoding, MalformedTextIsRefused) {
  for (const char* text : {"A", "AB", "ABC", "A===", "Zg=", "Zg==Zg==", "Zh==", "Zm9=", "Zm 9v", "====", "Zm9v\n"}) {
    EXPECT_EQ(from_base64(text).error().code, Error::kValueOutOfRange) << text;
  }
  for (const char* text : {"A", "Zg==", "Zh", "Zm9", "Z.", "ABCDE"}) {
    EXPECT_EQ(from_base64url(text).error().code, Error::kValueOutOfRange) << text;
  }
  for (const char* text : {"0", "0g", "0x00", " 0", "zz"}) {
    EXPECT_EQ(from_hex(text).error().code, Error::kValueOutOfRange) << text;
  }
}

TEST(Encoding, EstBodiesMayCarryLineEnds) {
  EXPECT_EQ(to_base64(as_bytes("foobar"), 4), "Zm9v\nYmFy\n");
  EXPECT_TRUE(equal(from_base64("Zm9v\r\nYmFy\n", Whitespace::kSkip).value(), as_bytes("foobar")));
}

TEST(Encoding, HexRoundTrip) {
  EXPECT_EQ(to_hex("00 7f ff"_hex), "007fff");
  EXPECT_TRUE(equal(from_hex("007FfF").value(), "00 7f ff"_hex));
  EXPECT_TRUE(from_hex("").value().empty());
}

}  // namespace
}  // namespace tailor
