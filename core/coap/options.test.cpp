// SPDX-License-Identifier: Apache-2.0
#include "core/coap/options.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "core/coap/parsed_options.hpp"

namespace tailor::coap {
namespace {

using Octets = std::vector<uint8_t>;

template <size_t N>
Octets octets(const std::array<uint8_t, N>& bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(Block, ValuesOfTheStandard) {  // RFC 7959 2.2
  struct Row {
    Octets value;
    Block block;
    uint32_t offset;
  };
  const Row rows[] = {
      {{}, {0, false, 0}, 0},
      {{0x06}, {0, false, 6}, 0},
      {{0x0e}, {0, true, 6}, 0},
      {{0x16}, {1, false, 6}, 1024},
      {{0x3a}, {3, true, 2}, 192},
      {{0x10, 0x02}, {256, false, 2}, 16384},
      {{0xff, 0xff, 0xfe}, {Block::kMaxNumber, true, 6}, Block::kMaxNumber * 1024},
  };
  for (const Row& row : rows) {
    const Block block = Block::from_value(row.value).value();
    EXPECT_EQ(block, row.block);
    EXPECT_EQ(block.offset(), row.offset);
    uint32_t value = 0;
    for (const uint8_t byte : row.value) value = (value << 8U) | byte;
    EXPECT_EQ(block.value(), value);
  }
  EXPECT_FALSE(Block::from_value("07"_hex).ok());           // BERT is for TCP
  EXPECT_FALSE(Block::from_value("00 00 00 06"_hex).ok());  // longer than three bytes
}

TEST(Uint, LengthsAndLeadingZeros) {
  EXPECT_EQ(uint_value({}, 2).value(), 0U);
  EXPECT_EQ(uint_value("00 00 01"_hex, 3).value(), 1U);
  EXPECT_EQ(uint_value("ff ff ff ff"_hex, 4).value(), 0xffffffffU);
  EXPECT_FALSE(uint_value("00 00 01"_hex, 2).ok());
  EXPECT_FALSE(uint_value("00 00 00 00 01"_hex, 9).ok());
}

TEST(OptionList, MatchesPatterns) {
  const auto img_abc = "b3 69 6d 67 03 61 62 63"_hex;  // img, abc
  const auto img = "b3 69 6d 67"_hex;
  const auto img_nothing = "b3 69 6d 67 00"_hex;
  const auto none = ""_hex;
  struct Row {
    ByteView options;
    const char* pattern;
    bool matches;
  };
  const Row rows[] = {{img_abc, "img/abc", true},
                      {img_abc, "img/*", true},
                      {img_abc, "img", false},
                      {img_abc, "img/ab", false},
                      {img_abc, "img/abc/", false},
                      {img_abc, "img/abc/d", false},
                      {img_abc, "*", false},
                      {img_abc, "*/abc", false},
                      {img_abc, "", false},
                      {img, "img", true},
                      {img, "*", true},
                      {img, "img/*", false},
                      {img, "im", false},
                      {img, "imgs", false},
                      {img_nothing, "img/*", false},
                      {img_nothing, "img/", true},
                      {none, "", true},
                      {none, "*", false},
                      {none, "img", false}};
  for (const Row& row : rows) {
    EXPECT_EQ(OptionList(row.options, Option::kUriPath).matches(row.pattern), row.matches) << row.pattern;
  }
}

TEST(OptionList, FindsArguments) {
  const auto query = "d2 02 61 3d 04 61 62 3d 31 01 63"_hex;  // a= ab=1 c
  const OptionList list(query, Option::kUriQuery);
  EXPECT_EQ(list.count(), 3U);
  EXPECT_EQ(list.argument("ab"), "1");
  EXPECT_EQ(list.argument("a"), "");
  EXPECT_EQ(list.argument("c"), "");
  EXPECT_EQ(list.argument("b"), "");
}

struct Rule {
  const char* name;
  Octets options;
  bool of_request;
  std::optional<Error> error;
};

TEST(ParsedOptions, RulesOfTheStandard) {  // RFC 7252 5.4
  const Rule rows[] = {
      {"nothing", {}, true, {}},
      {"unknown elective", octets("d0 01"_hex), true, {}},                 // 14 in a request
      {"unknown elective far away", octets("e1 02 01 aa"_hex), true, {}},  // 782
      {"unknown critical far away", octets("e1 02 00 aa"_hex), true, Error::kCriticalOptionUnknown},
      {"If-Match", octets("10"_hex), true, Error::kCriticalOptionUnknown},
      {"If-None-Match", octets("50"_hex), true, Error::kCriticalOptionUnknown},
      {"unknown critical 9", octets("90"_hex), true, Error::kCriticalOptionUnknown},
      {"Uri-Host", octets("31 61"_hex), true, {}},
      {"empty Uri-Host", octets("30"_hex), true, Error::kCriticalOptionUnknown},
      {"Uri-Host twice", octets("31 61 01 62"_hex), true, Error::kCriticalOptionUnknown},
      {"Uri-Port", octets("72 16 33"_hex), true, {}},
      {"Uri-Port of three bytes", octets("73 01 16 33"_hex), true, Error::kCriticalOptionUnknown},
      {"Uri-Path twice", octets("b1 61 01 62"_hex), true, {}},
      {"Uri-Path .", octets("b1 2e"_hex), true, Error::kCriticalOptionUnknown},
      {"Uri-Path ..", octets("b2 2e 2e"_hex), true, Error::kCriticalOptionUnknown},
      {"Uri-Path ...", octets("b3 2e 2e 2e"_hex), true, {}},
      {"Uri-Path in a response", octets("b1 61"_hex), false, Error::kCriticalOptionUnknown},
      {"Content-Format twice is elective", octets("c1 2a 01 28"_hex), true, {}},
      {"Accept twice", octets("d1 04 2a 01 28"_hex), true, Error::kCriticalOptionUnknown},
      {"Accept of three bytes", octets("d3 04 00 00 2a"_hex), true, Error::kCriticalOptionUnknown},
      {"Accept in a response", octets("d1 04 2a"_hex), false, Error::kCriticalOptionUnknown},
      {"Block2", octets("d1 0a 06"_hex), true, {}},
      {"Block2 SZX 7", octets("d1 0a 07"_hex), true, Error::kCoapMalformed},
      {"Block2 of four bytes", octets("d4 0a 00 00 00 06"_hex), true, Error::kCriticalOptionUnknown},
      {"Block2 twice", octets("d1 0a 06 01 06"_hex), true, Error::kCriticalOptionUnknown},
      {"Block1 SZX 7", octets("d1 0e 07"_hex), true, Error::kCoapMalformed},
      {"Q-Block1", octets("d0 06"_hex), true, Error::kCriticalOptionUnknown},
      {"OSCORE", octets("90"_hex), true, Error::kCriticalOptionUnknown},
      {"ETag of nine bytes is elective", octets("49 01 02 03 04 05 06 07 08 09"_hex), true, {}},
      {"Max-Age in a response", octets("d1 01 05"_hex), false, {}},
  };
  for (const Rule& row : rows) {
    const Result<ParsedOptions> parsed = ParsedOptions::read(row.options, row.of_request);
    EXPECT_EQ(parsed.ok(), !row.error.has_value()) << row.name;
    if (!parsed.ok() && row.error) {
      EXPECT_EQ(parsed.error(), *row.error) << row.name;
    }
  }
}

TEST(ParsedOptions, KeepsTheFirstOfARepeatedElective) {
  constexpr auto kOptions = "41 aa 01 bb 81 2a 01 28"_hex;
  const ParsedOptions parsed = ParsedOptions::read(kOptions, true).value();
  EXPECT_TRUE(equal(parsed.etag, "aa"_hex));
  EXPECT_EQ(parsed.content_format, 42);
}

TEST(ParsedOptions, IgnoresAnElectiveThatIsTooLong) {
  constexpr auto kOptions = "49 01 02 03 04 05 06 07 08 09 24 00 00 00 00"_hex;
  const ParsedOptions parsed = ParsedOptions::read(kOptions, true).value();
  EXPECT_TRUE(parsed.etag.empty());
  EXPECT_EQ(parsed.observe, ParsedOptions::kAbsent);
}

}  // namespace
}  // namespace tailor::coap
