// SPDX-License-Identifier: Apache-2.0
#include "core/coap/message.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "testing/vectors/vectors.hpp"

namespace tailor::coap {
namespace {

using Octets = std::vector<uint8_t>;

template <size_t N>
Octets octets(const std::array<uint8_t, N>& bytes) {
  return {bytes.begin(), bytes.end()};
}

/// Writes what was decoded; equal to the source because our writer uses the shortest form of every option.
Octets rewritten(const Message& message) {
  std::array<uint8_t, 1500> buffer{};
  MessageWriter writer(buffer);
  writer.header(message.type, message.code, message.message_id, message.token);
  OptionReader reader(message.options);
  OptionView option;
  while (reader.next(option)) writer.option(static_cast<Option>(option.number), option.value);
  writer.payload(message.payload);
  const ByteView bytes = writer.finish().value();
  return {bytes.begin(), bytes.end()};
}

TEST(MessageVectors, ExamplesOfTheStandard) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "third-party vectors are not here";
  const std::string text = testing::read_text(*folder / "protocols/coap_rfc7252_a.json");
  const auto messages = testing::json_texts(text, "hex");
  const auto codes = testing::json_texts(text, "code");
  const auto tokens = testing::json_texts(text, "token");
  const auto payloads = testing::json_texts(text, "payload");
  const auto ids = testing::json_texts(text, "mid");
  ASSERT_EQ(messages.size(), 4U);
  for (size_t i = 0; i < messages.size(); ++i) {
    const Octets bytes = testing::from_hex(messages[i]);
    const Message message = decode(bytes).value();
    EXPECT_EQ(message.type, i % 2 == 0 ? Type::kConfirmable : Type::kAcknowledgement);
    EXPECT_EQ(message.code, codes[i] == "0.01" ? Code::kGet : Code::kContent);
    EXPECT_EQ(message.token, Token(testing::from_hex(tokens[i])));
    EXPECT_EQ(message.message_id, std::stoul(ids[i], nullptr, 16));
    EXPECT_EQ(as_text(message.payload), payloads[i]);
    EXPECT_TRUE(OptionList(message.options, Option::kUriPath).matches(i % 2 == 0 ? "temperature" : ""));
    EXPECT_EQ(rewritten(message), bytes);
  }
}

struct Malformed {
  const char* name;
  Octets bytes;
  Error error = Error::kCoapMalformed;
};

TEST(Message, RefusesMalformed) {
  const Malformed rows[] = {
      {"nothing", {}},
      {"half a header", octets("40 01 00"_hex)},
      {"version 0", octets("00 01 00 01"_hex), Error::kUnsupportedVersion},
      {"version 2", octets("80 01 00 01"_hex), Error::kUnsupportedVersion},
      {"token length 9", octets("49 01 00 01 01 02 03 04 05 06 07 08 09"_hex)},
      {"token length 15", octets("4f 01 00 01 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f"_hex)},
      {"token cut off", octets("42 01 00 01 01"_hex)},
      {"empty with token", octets("41 00 00 01 01"_hex)},
      {"empty with option", octets("40 00 00 01 b1 61"_hex)},
      {"empty with payload", octets("40 00 00 01 ff 61"_hex)},
      {"payload marker without payload", octets("40 01 00 01 ff"_hex)},
      {"marker without payload behind an option", octets("40 01 00 01 b1 61 ff"_hex)},
      {"option value cut off", octets("40 01 00 01 b2 61"_hex)},
      {"reserved length 15", octets("40 01 00 01 bf 61"_hex)},
      {"reserved delta 15", octets("40 01 00 01 f1 61"_hex)},
      {"extended delta missing", octets("40 01 00 01 d1"_hex)},
      {"extended delta of two bytes cut off", octets("40 01 00 01 e0 01"_hex)},
      {"extended length missing", octets("40 01 00 01 0d"_hex)},
      {"extended length of two bytes cut off", octets("40 01 00 01 0e 00"_hex)},
      {"delta beyond 65535", octets("40 01 00 01 e0 fe f3"_hex)},
      {"sum of deltas beyond 65535", octets("40 01 00 01 e0 fe f2 10"_hex)},
      {"length beyond the message", octets("40 01 00 01 0e ff ff 00"_hex)},
  };
  for (const Malformed& row : rows) {
    const Result<Message> result = decode(row.bytes);
    ASSERT_FALSE(result.ok()) << row.name;
    EXPECT_EQ(result.error(), row.error) << row.name;
  }
}

TEST(Message, LimitsAreAllowed) {
  const Message token = decode("48 01 00 01 01 02 03 04 05 06 07 08"_hex).value();
  EXPECT_EQ(token.token.bytes().size(), 8U);
  const Octets number = octets("40 01 00 01 e0 fe f2"_hex);
  OptionReader reader(decode(number).value().options);
  OptionView option;
  ASSERT_TRUE(reader.next(option));
  EXPECT_EQ(option.number, 65535);
}

TEST(Message, EveryPrefixOfAValidMessageIsRefusedOrAnotherMessage) {
  // Token, path of two segments, block option, payload. A prefix that ends at an option is a message of its own; no
  // other may pass, and none may claim bytes that are not there.
  const auto whole = "44 01 12 34 de ad be ef b3 69 6d 67 04 61 62 63 64 c1 26 ff 01 02"_hex;
  const std::vector<size_t> ends_of_items = {8, 12, 17, 19, 21, 22};
  for (size_t length = 0; length <= whole.size(); ++length) {
    const Octets prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const bool at_end = std::find(ends_of_items.begin(), ends_of_items.end(), length) != ends_of_items.end();
    EXPECT_EQ(decode(prefix).ok(), at_end) << length;
  }
}

TEST(MessageWriter, OptionsOfEveryLengthForm) {
  for (const size_t length : {0U, 1U, 12U, 13U, 268U, 269U, 1000U}) {
    for (const unsigned value_of : {1U, 12U, 13U, 268U, 269U, 2000U, 65535U}) {
      const auto number = static_cast<uint16_t>(value_of);
      std::array<uint8_t, 1200> buffer{};
      MessageWriter writer(buffer);
      writer.header(Type::kConfirmable, Code::kGet, 7, Token{});
      const Octets value(length, 0xaa);
      writer.option(static_cast<Option>(number), value);
      const Message message = decode(writer.finish().value()).value();
      OptionReader reader(message.options);
      OptionView option;
      ASSERT_TRUE(reader.next(option));
      EXPECT_EQ(option.number, number);
      EXPECT_TRUE(equal(option.value, value));
      EXPECT_FALSE(reader.next(option));
    }
  }
}

TEST(MessageWriter, UintsHaveNoLeadingZeros) {
  struct Row {
    uint32_t value;
    Octets bytes;
  };
  const Row rows[] = {
      {0, {}}, {1, {1}}, {255, {255}}, {256, {1, 0}}, {0x10000, {1, 0, 0}}, {0xffffffff, {255, 255, 255, 255}}};
  for (const Row& row : rows) {
    std::array<uint8_t, 32> buffer{};
    MessageWriter writer(buffer);
    writer.header(Type::kConfirmable, Code::kGet, 7, Token{});
    writer.option_uint(Option::kSize1, row.value);
    const Message message = decode(writer.finish().value()).value();
    const OptionView option = find_option(message.options, Option::kSize1);
    EXPECT_TRUE(equal(option.value, row.bytes)) << row.value;
    EXPECT_EQ(uint_value(option.value, 4).value(), row.value);
  }
}

TEST(MessageWriter, SplitsUris) {
  struct Row {
    const char* uri;
    std::vector<std::string> path;
    std::vector<std::string> query;
  };
  const Row rows[] = {
      {"", {}, {}},
      {"/", {}, {}},
      {"/a", {"a"}, {}},
      {"a/b", {"a", "b"}, {}},
      {"/a/", {"a", ""}, {}},
      {"/a//b", {"a", "", "b"}, {}},
      {"/a%2Fb/%20%41", {"a/b", " A"}, {}},
      {"/a?x=1&y=%26", {"a"}, {"x=1", "y=&"}},
      {"?x", {}, {"x"}},
      {"/a?", {"a"}, {}},
  };
  for (const Row& row : rows) {
    std::array<uint8_t, 100> buffer{};
    MessageWriter writer(buffer);
    writer.header(Type::kConfirmable, Code::kGet, 7, Token{});
    writer.path(row.uri);
    writer.query(row.uri);
    const Message message = decode(writer.finish().value()).value();
    const OptionList path(message.options, Option::kUriPath);
    const OptionList query(message.options, Option::kUriQuery);
    ASSERT_EQ(path.count(), row.path.size()) << row.uri;
    ASSERT_EQ(query.count(), row.query.size()) << row.uri;
    for (size_t i = 0; i < row.path.size(); ++i) EXPECT_EQ(path.at(i), row.path[i]) << row.uri;
    for (size_t i = 0; i < row.query.size(); ++i) EXPECT_EQ(query.at(i), row.query[i]) << row.uri;
  }
}

TEST(MessageWriter, RefusesBrokenEscapes) {
  for (const char* uri : {"/%", "/%4", "/%4g", "/a/%g0"}) {
    std::array<uint8_t, 100> buffer{};
    MessageWriter writer(buffer);
    writer.header(Type::kConfirmable, Code::kGet, 7, Token{});
    writer.path(uri);
    EXPECT_EQ(writer.finish().error(), Error::kValueOutOfRange) << uri;
  }
}

TEST(MessageWriter, KeepsTheFirstErrorAndNeverOverruns) {
  const auto write = [](MutableBytes buffer) {
    MessageWriter writer(buffer);
    writer.header(Type::kConfirmable, Code::kPost, 7, Token("01 02"_hex));
    writer.path("/abc");
    writer.option_uint(Option::kSize1, 70000);
    writer.payload("01 02 03"_hex);
    return writer.finish();
  };
  std::array<uint8_t, 64> large{};
  const size_t needed = write(large).value().size();
  for (size_t size = 0; size < needed; ++size) {
    Octets exact(size);  // the address sanitizer guards its end
    EXPECT_EQ(write(exact).error(), Error::kDatagramTooLarge) << size;
  }
  Octets exact(needed);
  EXPECT_TRUE(write(exact).ok());

  MessageWriter disordered(large);
  disordered.option_uint(Option::kSize1, 1);
  disordered.option_uint(Option::kObserve, 1);
  disordered.payload(Octets(500));
  EXPECT_EQ(disordered.finish().error(), Error::kInternal);
}

TEST(MessageWriter, PayloadMayOverlapTheBufferBehindIt) {
  std::array<uint8_t, 64> buffer{};
  for (size_t i = 0; i < 16; ++i) buffer[20 + i] = static_cast<uint8_t>(i);
  MessageWriter writer(buffer);
  writer.header(Type::kConfirmable, Code::kPost, 7, Token{});
  writer.payload(MutableBytes{buffer}.subspan(20, 16));
  const Message message = decode(writer.finish().value()).value();
  ASSERT_EQ(message.payload.size(), 16U);
  for (size_t i = 0; i < 16; ++i) EXPECT_EQ(message.payload[i], i);
}

}  // namespace
}  // namespace tailor::coap
