// SPDX-License-Identifier: Apache-2.0
#include "authoring/diagnostic.hpp"

#include <gtest/gtest.h>

#include "authoring/testing.hpp"

namespace tailor::authoring {
namespace {

TEST(Diagnostic, PlainItems) {
  const struct {
    Bytes bytes;
    const char* text;
  } rows[] = {
      {bytes_of("00"_hex), "0"},
      {bytes_of("1bffffffffffffffff"_hex), "18446744073709551615"},
      {bytes_of("29"_hex), "-10"},
      {bytes_of("43010203"_hex), "h'010203'"},
      {bytes_of("65 61 22 5c 0a 62"_hex), R"("a\"\\\nb")"},
      {bytes_of("83 f5 f4 f6"_hex), "[true, false, null]"},
      {bytes_of("a2 01 02 61 61 80"_hex), R"({1: 2, "a": []})"},
      {bytes_of("d8 20 61 75"_hex), R"(32("u"))"},
  };
  for (const auto& row : rows) {
    const auto text = cbor_diagnostic(row.bytes);
    ASSERT_TRUE(text.ok()) << row.text;
    EXPECT_EQ(text.value(), std::string(row.text) + "\n");
  }
}

TEST(Diagnostic, NamesElementsAndOpensByteStrings) {
  const auto small = "d8 6b a2 02 47 81 45 82 2f 42 01 02 03 45 a2 01 01 02 07"_hex;
  const auto text = envelope_diagnostic(small);
  ASSERT_TRUE(text.ok()) << text.error().context;
  EXPECT_EQ(text.value(),
            "/ SUIT_Envelope_Tagged / 107({\n"
            "  / authentication-wrapper / 2: << [\n"
            "    / digest / << [/ sha256 / -16, h'0102'] >>\n"
            "  ] >>,\n"
            "  / manifest / 3: << {\n"
            "    / manifest-version / 1: 1,\n"
            "    / manifest-sequence-number / 2: 7\n"
            "  } >>\n"
            "})\n");
}

TEST(Diagnostic, CommandsStandBesideTheirArguments) {
  const auto envelope = "a1 14 4c 86 03 0f 14 a1 0e 18 64 0f 81 41 80"_hex;
  const auto text = envelope_diagnostic(envelope);
  ASSERT_TRUE(text.ok()) << text.error().context;
  EXPECT_EQ(text.value(),
            "{\n"
            "  / install / 20: << [\n"
            "    / condition-image-match / 3, 15,\n"
            "    / directive-override-parameters / 20, {\n"
            "      / image-size / 14: 100\n"
            "    },\n"
            "    / directive-try-each / 15, [\n"
            "      << [] >>\n"
            "    ]\n"
            "  ] >>\n"
            "}\n");
}

TEST(Diagnostic, ASeveredMemberIsItsDigest) {
  const auto text = envelope_diagnostic("a1 03 48 a1 17 82 2f 43 01 02 03"_hex);
  ASSERT_TRUE(text.ok()) << text.error().context;
  EXPECT_NE(text->find("/ text / 23: [/ sha256 / -16, h'010203']"), std::string::npos) << text.value();
}

TEST(Diagnostic, ShortensPayloads) {
  Bytes envelope = bytes_of("a1 62 23 61 59 03 e8"_hex);
  envelope.resize(envelope.size() + 1000, 0xAB);
  const auto text = envelope_diagnostic(envelope);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text.value(), "{\n  \"#a\": h'abababababababababababababababab'... / 1000 bytes /\n}\n");
}

TEST(Diagnostic, RefusesBrokenCborWithTheOffset) {
  const struct {
    Bytes bytes;
    Error error;
  } rows[] = {
      {{}, Error::kTruncated},
      {bytes_of("a1 02"_hex), Error::kTruncated},
      {bytes_of("a0 00"_hex), Error::kTrailingBytes},
      {bytes_of("a2 02 00 02 00"_hex), Error::kDuplicateKey},
      {bytes_of("18 01"_hex), Error::kCborNotCanonical},
  };
  for (const auto& row : rows) {
    const auto text = envelope_diagnostic(row.bytes);
    ASSERT_FALSE(text.ok());
    EXPECT_EQ(text.error().code, row.error);
    EXPECT_NE(text.error().context.find("at byte "), std::string::npos);
  }
  // Tags inside tags would recurse; the depth of the reader bounds them.
  EXPECT_EQ(envelope_diagnostic(Bytes(100000, 0xC6)).error().code, Error::kCborTooDeep);
}

TEST(Diagnostic, EveryPrefixOfAnOfficialExampleIsRefused) {
  const auto example = suit_vector("manifest-37/example2-signed.suit");
  if (!example) GTEST_SKIP() << "vectors are not here";
  const auto whole = envelope_diagnostic(*example);
  ASSERT_TRUE(whole.ok());
  EXPECT_NE(whole->find("/ directive-fetch / 21"), std::string::npos);
  EXPECT_NE(whole->find("/ ES256 / -7"), std::string::npos);
  for (size_t size = 0; size < example->size(); ++size) {
    EXPECT_FALSE(envelope_diagnostic(ByteView(*example).first(size)).ok()) << size;
  }
}

}  // namespace
}  // namespace tailor::authoring
