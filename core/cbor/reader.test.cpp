// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>

#include "core/base/limits.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::cbor {
namespace {

using testing::from_hex;
using testing::Octets;

Status whole(ByteView bytes) {
  Reader reader(bytes);
  TAILOR_TRY(reader.take_item());
  return reader.finish();
}

TEST(Reader, TakesEachType) {
  constexpr auto kBytes = "18 64 39 01 f3 42 0102 62 c3bc 82 a1 00 d8 6b f5 f6"_hex;
  Reader reader(kBytes);
  EXPECT_EQ(reader.take_unsigned().value(), 100U);
  EXPECT_EQ(reader.take_int().value(), -500);
  EXPECT_TRUE(equal(reader.take_bytes().value(), "0102"_hex));
  EXPECT_EQ(reader.take_text().value(), "\xC3\xBC");
  EXPECT_EQ(reader.take_array().value(), 2U);
  EXPECT_EQ(reader.take_map().value(), 1U);
  EXPECT_EQ(reader.take_unsigned().value(), 0U);
  EXPECT_EQ(reader.take_tag().value(), 107U);
  EXPECT_TRUE(reader.take_bool().value());
  EXPECT_TRUE(reader.next_is_null());
  EXPECT_TRUE(reader.take_null().ok());
  EXPECT_TRUE(reader.finish().ok());
}

TEST(Reader, AWrongTypeConsumesNothing) {
  constexpr auto kBytes = "01 40"_hex;
  Reader reader(kBytes);
  EXPECT_EQ(reader.take_bytes().error(), Error::kCborWrongType);
  EXPECT_EQ(reader.take_text().error(), Error::kCborWrongType);
  EXPECT_EQ(reader.take_map().error(), Error::kCborWrongType);
  EXPECT_EQ(reader.take_bool().error(), Error::kCborWrongType);
  EXPECT_EQ(reader.take_null().error(), Error::kCborWrongType);
  EXPECT_EQ(reader.take_unsigned().value(), 1U);
  EXPECT_EQ(reader.finish().error(), Error::kTrailingBytes);
}

TEST(Reader, IntegersAtTheEdgesOfTheirRange) {
  EXPECT_EQ(Reader("1b 7fffffffffffffff"_hex).take_int().value(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Reader("3b 7fffffffffffffff"_hex).take_int().value(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(Reader("1b 8000000000000000"_hex).take_int().error(), Error::kValueOutOfRange);
  EXPECT_EQ(Reader("3b 8000000000000000"_hex).take_int().error(), Error::kValueOutOfRange);
  EXPECT_EQ(Reader("1b ffffffffffffffff"_hex).take_unsigned().value(), UINT64_MAX);
}

TEST(Reader, NeverTrustsALength) {
  for (const char* digits : {"5b ffffffffffffffff 00", "7b ffffffffffffffff 61", "9b ffffffffffffffff 00",
                             "bb ffffffffffffffff 00 00", "42 01", "82 01", "a1 01"}) {
    const Octets bytes = from_hex(digits);
    EXPECT_EQ(whole(bytes).error(), Error::kTruncated) << digits;
    EXPECT_FALSE(Reader(bytes).take_bytes().ok());
    EXPECT_FALSE(Reader(bytes).take_text().ok());
  }
  EXPECT_EQ(Reader("9b ffffffffffffffff 00"_hex).take_array().error(), Error::kTruncated);
  EXPECT_EQ(Reader("a2 00 00 00"_hex).take_map().error(), Error::kTruncated);
}

TEST(Reader, TextMustBeUtf8) {
  for (const char* good : {"60", "61 00", "62 c280", "63 e0a080", "63 ed9fbf", "64 f0908080", "64 f48fbfbf"}) {
    EXPECT_TRUE(whole(from_hex(good)).ok()) << good;
  }
  for (const char* bad : {"61 80", "61 c2", "62 c0af", "62 c1bf", "62 c27f", "63 e09fbf", "63 eda080", "64 f08fbfbf",
                          "64 f4908080", "64 f5808080", "62 e0a0", "61 ff"}) {
    EXPECT_EQ(whole(from_hex(bad)).error(), Error::kCborMalformed) << bad;
    EXPECT_EQ(Reader(from_hex(bad)).take_text().error(), Error::kCborMalformed) << bad;
  }
}

TEST(Reader, MapKeysAscendAndAreUnique) {
  EXPECT_TRUE(whole("a3 01 00 20 00 61 61 00"_hex).ok());
  EXPECT_EQ(whole("a2 02 00 01 00"_hex).error(), Error::kCborNotCanonical);
  EXPECT_EQ(whole("a2 01 00 01 00"_hex).error(), Error::kDuplicateKey);
  EXPECT_EQ(whole("a2 20 00 01 00"_hex).error(), Error::kCborNotCanonical);
  EXPECT_EQ(whole("81 a2 61 62 00 61 61 00"_hex).error(), Error::kCborNotCanonical);
  EXPECT_TRUE(whole("a2 81 40 00 81 41 00 00"_hex).ok()) << "an array may be a key (SUIT text map)";
}

TEST(Reader, DepthIsBounded) {
  for (const uint8_t opener : {uint8_t{0x81}, uint8_t{0xC1}}) {
    Octets nested(limits::kCborDepth, opener);
    nested.push_back(0x00);
    EXPECT_TRUE(whole(nested).ok());
    nested.insert(nested.begin(), opener);
    EXPECT_EQ(whole(nested).error(), Error::kCborTooDeep);
  }
  const Octets flood(100000, 0x81);
  EXPECT_EQ(whole(flood).error(), Error::kCborTooDeep);
}

TEST(Reader, ItemSpanIncludesTheHead) {
  constexpr auto kBytes = "58 02 0a 0b 01"_hex;
  constexpr auto kShort = "42 0a0b 01"_hex;
  Reader short_form(kShort);
  EXPECT_TRUE(equal(short_form.take_item().value(), "42 0a0b"_hex));
  EXPECT_EQ(Reader(kBytes).take_item().error(), Error::kCborNotCanonical);
}

// RFC 8949 appendix A. Indefinite lengths are well-formed CBOR and not deterministic.
TEST(Reader, AppendixAAndF) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  const std::string document = testing::read_text(*folder / "protocols/cbor_rfc8949_a_f.json");
  const size_t border = document.find("\"not_well_formed\": [");
  ASSERT_NE(border, std::string::npos);
  const auto valid = testing::json_texts(std::string_view(document).substr(0, border), "hex");
  const auto malformed = testing::json_texts(std::string_view(document).substr(border), "hex");
  ASSERT_EQ(valid.size(), 81U);
  ASSERT_EQ(malformed.size(), 94U);
  size_t indefinite = 0;
  for (const std::string& digits : valid) {
    const Octets bytes = from_hex(digits);
    const Status status = whole(bytes);
    if (!status.ok()) {
      EXPECT_EQ(status.error(), Error::kCborNotCanonical) << digits;
      EXPECT_NE(std::find(bytes.begin(), bytes.end(), 0xFF), bytes.end()) << digits << " has no break";
      ++indefinite;
      continue;
    }
    for (size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_FALSE(whole(ByteView(bytes).first(length)).ok()) << digits << " cut to " << length;
    }
  }
  EXPECT_EQ(indefinite, 11U);
  for (const std::string& digits : malformed) EXPECT_FALSE(whole(from_hex(digits)).ok()) << digits;
}

TEST(Reader, AnyOrderIsForKeysAlone) {
  for (const bool any : {false, true}) {
    const auto reads = [any](ByteView bytes) {
      Reader reader = any ? Reader::in_any_order(bytes) : Reader(bytes);
      return reader.take_item();
    };
    EXPECT_EQ(reads("a2 20 00 04 00"_hex).ok(), any);
    EXPECT_EQ(reads("81 a2 20 00 04 00"_hex).ok(), any) << "at every depth";
    EXPECT_EQ(reads("a2 20 00 20 00"_hex).error(), Error::kDuplicateKey);
    EXPECT_EQ(reads("a1 18 04 00"_hex).error(), Error::kCborNotCanonical) << "heads are the shortest";
    EXPECT_EQ(reads("bf ff"_hex).error(), Error::kCborNotCanonical);
  }
}

TEST(Reader, KeepsTheFirstFailure) {
  constexpr auto kBytes = "83 01 41 aa 20 f5"_hex;
  Reader reader(kBytes);
  EXPECT_EQ(reader.array(), 3U);
  EXPECT_EQ(reader.number(), 1U);
  EXPECT_TRUE(reader.status().ok());
  EXPECT_EQ(reader.text(), "") << "it is a byte string";
  EXPECT_TRUE(reader.failed() && reader.at_end());
  EXPECT_EQ(reader.number(), 0U);
  EXPECT_EQ(reader.integer(), 0);
  EXPECT_TRUE(reader.bytes().empty());
  EXPECT_EQ(reader.array() + reader.map(), 0U);
  EXPECT_FALSE(reader.boolean());
  reader.null();
  reader.item();
  reader.fail(Error::kUnknownKey);
  reader.fail_with(Error::kMissingKey);
  reader.require(false, Error::kDuplicateKey);
  EXPECT_EQ(reader.status().error(), Error::kCborWrongType);
  EXPECT_EQ(reader.finished().error(), Error::kCborWrongType);
  Reader rest(kBytes);
  rest.fail_with(kOk);
  rest.require(true, Error::kDuplicateKey);
  EXPECT_EQ(rest.array(), 3U);
  EXPECT_EQ(rest.finished().error(), Error::kTrailingBytes);
}

TEST(Reader, LabelsHave32Bits) {
  EXPECT_EQ(Reader("1a 7fffffff"_hex).label(), INT32_MAX);
  EXPECT_EQ(Reader("3a 7ffffffe"_hex).label(), -INT32_MAX);
  EXPECT_EQ(Reader("1a 80000000"_hex).label(), Reader::kNoLabel);
  EXPECT_EQ(Reader("3a 80000000"_hex).label(), Reader::kNoLabel);
  EXPECT_EQ(Reader("3b 7fffffffffffffff"_hex).label(), Reader::kNoLabel);
}

TEST(Reader, BothWaysGiveTheSame) {
  // A float whose bits are those of false; simple values in one byte and two; every type; broken and short items.
  for (const char* hex : {"00",
                          "18 18",
                          "1b ffffffffffffffff",
                          "20",
                          "3b ffffffffffffffff",
                          "40",
                          "42 0102",
                          "42 01",
                          "60",
                          "62 c3bc",
                          "61 ff",
                          "80",
                          "81 00",
                          "81",
                          "a0",
                          "a1 00 00",
                          "a1 00",
                          "c0 00",
                          "d8 6b 00",
                          "f4",
                          "f5",
                          "f6",
                          "f7",
                          "f8 20",
                          "f9 0014",
                          "f9 0016",
                          "fa 00000015",
                          "1c",
                          "5f 40 ff",
                          "18 01",
                          ""}) {
    const Octets bytes = from_hex(hex);
    const auto same = [&](auto take, auto read) {
      Reader taking(bytes), reading(bytes);
      const auto taken = take(taking);
      const bool equals = read(reading, taken);
      ASSERT_EQ(taken.ok(), reading.status().ok()) << hex;
      if (taken.ok()) {
        EXPECT_TRUE(equals) << hex;
        EXPECT_EQ(taking.rest().size(), reading.rest().size()) << hex;
      } else {
        EXPECT_EQ(taken.error(), reading.status().error()) << hex;
        EXPECT_TRUE(equal(taking.rest(), bytes)) << hex << ": a take that fails consumes nothing";
        EXPECT_TRUE(reading.at_end()) << hex;
      }
    };
    same([](Reader& r) { return r.take_unsigned(); },
         [](Reader& r, auto& t) { return t.ok() ? r.number() == *t : r.number() == 0; });
    same([](Reader& r) { return r.take_int(); },
         [](Reader& r, auto& t) { return t.ok() ? r.integer() == *t : r.integer() == 0; });
    same([](Reader& r) { return r.take_bytes(); },
         [](Reader& r, auto& t) {
           const ByteView v = r.bytes();
           return t.ok() && equal(v, *t);
         });
    same([](Reader& r) { return r.take_text(); },
         [](Reader& r, auto& t) {
           const auto v = r.text();
           return t.ok() && v == *t;
         });
    same([](Reader& r) { return r.take_array(); },
         [](Reader& r, auto& t) { return t.ok() ? r.array() == *t : r.array() == 0; });
    same([](Reader& r) { return r.take_map(); },
         [](Reader& r, auto& t) { return t.ok() ? r.map() == *t : r.map() == 0; });
    same([](Reader& r) { return r.take_tag(); },
         [](Reader& r, auto& t) { return t.ok() ? r.tag() == *t : r.tag() == 0; });
    same([](Reader& r) { return r.take_bool(); },
         [](Reader& r, auto& t) {
           const bool v = r.boolean();
           return t.ok() && v == *t;
         });
    same([](Reader& r) { return r.take_item(); },
         [](Reader& r, auto& t) {
           ByteView v;
           r.item(v);
           return t.ok() && equal(v, *t);
         });
    same([](Reader& r) { return r.take_null(); },
         [](Reader& r, auto& t) {
           r.null();
           return t.ok();
         });
  }
}

}  // namespace
}  // namespace tailor::cbor
