// SPDX-License-Identifier: Apache-2.0
#include "services/store/value.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace tailor::store {
namespace {

TEST(HexU64, KeepsTheOrderOfNumbersAsTextAboveTwoToThe63) {
  const uint64_t numbers[] = {
      0, 1, 9, 10, 0xFFFFU, (uint64_t{1} << 63U) - 1, uint64_t{1} << 63U, std::numeric_limits<uint64_t>::max()};
  std::string previous;
  for (const uint64_t number : numbers) {
    const std::string text = hex_u64(number);
    EXPECT_LT(previous, text);
    const auto back = parse_hex_u64(text);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back.value(), number);
    previous = text;
  }
}

TEST(HexU64, RefusesWhatItDoesNotWrite) {
  for (const char* text : {"", "0", "000000000000000", "00000000000000000", "000000000000000G", "000000000000000A",
                           "-00000000000000f", " 00000000000000f"}) {
    const auto back = parse_hex_u64(text);
    ASSERT_FALSE(back.ok()) << text;
    EXPECT_EQ(back.error().code, Error::kRecordMalformed) << text;
  }
}

TEST(HexBytes, RoundTripAndRefusals) {
  const std::vector<uint8_t> bytes = {0x00, 0x7F, 0x80, 0xFF};
  EXPECT_EQ(hex_bytes(bytes), "007f80ff");
  const auto back = parse_hex_bytes("007f80ff");
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back.value(), bytes);
  for (const char* text : {"0", "0g", "FF", "0x00"}) EXPECT_FALSE(parse_hex_bytes(text).ok()) << text;
}

TEST(RowReader, ReadsARecordInOrder) {
  const Uuid id = Uuid::from_text("6ba7b810-9dad-11d1-80b4-00c04fd430c8").value();
  const Row row = {Value("text"), Value(-5), Value(hex_u64(1)), Value(hex_bytes(id.view())),
                   Value(id),     Value(),   Value(true)};
  RowReader reader(row);
  EXPECT_EQ(reader.text(), "text");
  EXPECT_EQ(reader.integer(), -5);
  EXPECT_EQ(reader.u64(), 1U);
  EXPECT_EQ(reader.bytes().size(), 16U);
  EXPECT_EQ(reader.uuid(), id);
  EXPECT_FALSE(reader.maybe_text().has_value());
  EXPECT_TRUE(reader.flag());
  EXPECT_TRUE(reader.finish().ok());
}

TEST(RowReader, KeepsTheFirstProblem) {
  struct Case {
    const char* name;
    Row row;
    void (*read)(RowReader&);
  };
  const Case cases[] = {
      {"missing", {}, [](RowReader& r) { (void)r.text(); }},
      {"null", {Value()}, [](RowReader& r) { (void)r.text(); }},
      {"text for integer", {Value("1")}, [](RowReader& r) { (void)r.integer(); }},
      {"integer for text", {Value(1)}, [](RowReader& r) { (void)r.text(); }},
      {"bad number", {Value("12")}, [](RowReader& r) { (void)r.u64(); }},
      {"bad bytes", {Value("1")}, [](RowReader& r) { (void)r.bytes(); }},
      {"bad uuid", {Value("1")}, [](RowReader& r) { (void)r.uuid(); }},
      {"left over", {Value(1), Value(2)}, [](RowReader& r) { (void)r.integer(); }},
      {"maybe of another type", {Value(1)}, [](RowReader& r) { (void)r.maybe_text(); }},
  };
  for (const Case& c : cases) {
    RowReader reader(c.row);
    c.read(reader);
    const auto done = reader.finish();
    ASSERT_FALSE(done.ok()) << c.name;
    EXPECT_EQ(done.error().code, Error::kRecordMalformed) << c.name;
  }
  const Row row = {Value("x"), Value("y")};
  RowReader reader(row);
  (void)reader.integer();
  (void)reader.u64();
  EXPECT_EQ(reader.finish().error().context, "column 1: not an integer");
}

}  // namespace
}  // namespace tailor::store
