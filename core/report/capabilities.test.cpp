// SPDX-License-Identifier: Apache-2.0
#include "core/report/capabilities.hpp"

#include "core/update/codec.test.hpp"

namespace tailor::report {
namespace {

using tailor::testing::Bytes;
using tailor::testing::from_hex;
using tailor::testing::MapOfFields;
using tailor::testing::to_hex;
using tailor::testing::to_vector;

const Bytes kPart = from_hex("00");

Bytes example() {
  ComponentCapability exact;
  EXPECT_TRUE(exact.id.push_back(kPart, Error::kInternal).ok());
  ComponentCapability any;
  any.any_below = true;
  const ComponentCapability components[] = {exact, any};
  constexpr int32_t kCommands[] = {1, 2, 3, 20, 29};
  constexpr int32_t kParameters[] = {1, 2, 3, 14};
  constexpr int32_t kAlgorithms[] = {-16, -9, -65534};
  constexpr int32_t kEnvelope[] = {2, 3};
  Capabilities capabilities;
  capabilities.components = components;
  capabilities.lists[list_index(suit::capability_key::kCommands)] = kCommands;
  capabilities.lists[list_index(suit::capability_key::kParameters)] = kParameters;
  capabilities.lists[list_index(suit::capability_key::kCryptoAlgorithms)] = kAlgorithms;
  capabilities.lists[list_index(suit::capability_key::kEnvelope)] = kEnvelope;
  Bytes buffer(256);
  return to_vector(encode(capabilities, buffer).value());
}

TEST(Capabilities, AreWrittenAsTheDraftsCddlHasThem) {
  EXPECT_EQ(to_hex(example()), to_hex(from_hex("a5"
                                               "01 82 814100 81f5"
                                               "02 85 01 02 03 14 181d"
                                               "03 84 01 02 03 0e"
                                               "04 83 2f 28 39fffd"
                                               "05 82 02 03")));
}

TEST(Capabilities, AreReadBack) {
  const Bytes bytes = example();
  const CapabilityView read = decode_capabilities(bytes).value();
  EXPECT_EQ(to_hex(read.components), "8281410081f5");
  EXPECT_EQ(to_hex(read.lists[list_index(suit::capability_key::kCommands)]), "8501020314181d");
  EXPECT_EQ(to_hex(read.lists[list_index(suit::capability_key::kEnvelope)]), "820203");
  EXPECT_TRUE(read.lists[list_index(suit::capability_key::kDependency)].empty());
  EXPECT_TRUE(read.extensions.empty());
}

TEST(Capabilities, PathsOfElementsThatTheDraftDoesNotListAreKept) {
  Bytes bytes = example();
  bytes[0] = 0xa7;
  const Bytes paths = from_hex("830303018103 8403030101 8104");
  bytes.insert(bytes.end(), paths.begin(), paths.end());
  EXPECT_EQ(to_hex(decode_capabilities(bytes).value().extensions), to_hex(paths));
}

TEST(Capabilities, RefusesEveryPrefixAndEveryMalformedClass) {
  const Bytes valid = example();
  for (size_t length = 0; length < valid.size(); ++length) {
    const Bytes prefix(valid.begin(), valid.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(decode_capabilities(prefix).ok()) << "prefix of " << length;
  }
  const MapOfFields fields(valid);
  Bytes longer = valid;
  longer.push_back(0);
  Bytes path_to_nothing = valid;
  path_to_nothing[0] = 0xa6;
  for (const uint8_t byte : from_hex("80 8103")) path_to_nothing.push_back(byte);
  std::vector<tailor::testing::MalformedRow> rows = {
      {"trailing byte", longer, Error::kTrailingBytes},
      {"an array", from_hex("80"), Error::kCborWrongType},
      {"key 0", fields.with(0, "8101").bytes(), Error::kUnknownKey},
      {"key 11", fields.with(11, "8101").bytes(), Error::kUnknownKey},
      {"key that is text", from_hex("a1613100"), Error::kCborWrongType},
      {"no component", fields.with(1, "80").bytes(), Error::kValueOutOfRange},
      {"component as bytes", fields.with(1, "814100").bytes(), Error::kCborWrongType},
      {"false in place of the wildcard", fields.with(1, "8181f4").bytes(), Error::kValueOutOfRange},
      {"wildcard before a part", fields.with(1, "8182f54100").bytes(), Error::kCborWrongType},
      {"six parts", fields.with(1, "8186404040404040").bytes(), Error::kValueOutOfRange},
      {"no command", fields.with(2, "80").bytes(), Error::kValueOutOfRange},
      {"command as text", fields.with(2, "816131").bytes(), Error::kCborWrongType},
      {"empty optional list", fields.with(10, "80").bytes(), Error::kValueOutOfRange},
      {"commands twice", fields.with_twice(2).bytes(), Error::kDuplicateKey},
      {"keys descend", fields.reversed().bytes(), Error::kCborNotCanonical},
      {"empty path", path_to_nothing, Error::kValueOutOfRange},
  };
  for (const uint64_t key : {1, 2, 3, 4}) rows.push_back({"missing", fields.without(key).bytes(), Error::kMissingKey});
  tailor::testing::expect_refused(rows, decode_capabilities);
}

TEST(Capabilities, EncoderRefusesWhatTheDecoderWould) {
  Bytes buffer(256);
  const ComponentCapability any{{}, true};
  constexpr int32_t kOne[] = {1};
  Capabilities capabilities;
  capabilities.components = {&any, 1};
  capabilities.lists[0] = kOne;
  capabilities.lists[1] = kOne;
  EXPECT_EQ(encode(capabilities, buffer).error(), Error::kValueOutOfRange) << "no algorithm";
  capabilities.lists[2] = kOne;
  EXPECT_TRUE(encode(capabilities, buffer).ok());
  capabilities.components = {};
  EXPECT_EQ(encode(capabilities, buffer).error(), Error::kValueOutOfRange) << "no component";
}

}  // namespace
}  // namespace tailor::report
