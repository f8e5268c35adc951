// SPDX-License-Identifier: Apache-2.0
// For the tests of message codecs: a map taken apart and put together again with one thing wrong, the worked example of
// a format's page, and the claim that no prefix of a valid message is valid.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "core/cbor/map_reader.hpp"
#include "core/cbor/writer.hpp"

namespace tailor::testing {

using Bytes = std::vector<uint8_t>;

inline Bytes to_vector(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

inline Bytes from_hex(const std::string& text) {
  Bytes bytes;
  std::string digits;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
  }
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoul(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

inline std::string to_hex(ByteView bytes) {
  std::string text;
  for (const uint8_t byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

/// The first ```hex block of docs/formats/<page>; "#" starts a comment.
inline Bytes worked_example(const std::string& page) {
  const char* root = std::getenv("TAILOR_SOURCE_DIR");
  std::ifstream file(std::string(root != nullptr ? root : ".") + "/docs/formats/" + page);
  std::string digits;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```hex") {
      inside = true;
    } else if (inside && line == "```") {
      break;
    } else if (inside) {
      digits += line.substr(0, line.find('#'));
    }
  }
  return from_hex(digits);
}

/// A CBOR map of small integer keys, taken apart.
class MapOfFields {
 public:
  explicit MapOfFields(ByteView message) {
    cbor::Reader reader(message);
    auto map = cbor::MapReader::open(reader).value();
    while (map.more()) {
      const auto key = static_cast<uint64_t>(map.next_key().value());
      fields_.emplace_back(key, to_vector(reader.take_item().value()));
    }
  }
  MapOfFields without(uint64_t key) const {
    MapOfFields changed = *this;
    std::erase_if(changed.fields_, [key](const auto& field) { return field.first == key; });
    return changed;
  }
  MapOfFields with(uint64_t key, const std::string& item_hex) const {
    MapOfFields changed = without(key);
    changed.fields_.emplace_back(key, from_hex(item_hex));
    std::sort(changed.fields_.begin(), changed.fields_.end());
    return changed;
  }
  MapOfFields with_twice(uint64_t key) const {
    MapOfFields changed = *this;
    const auto found = std::find_if(changed.fields_.begin(), changed.fields_.end(),
                                    [key](const auto& field) { return field.first == key; });
    changed.fields_.insert(found, *found);
    return changed;
  }
  MapOfFields reversed() const {
    MapOfFields changed = *this;
    std::reverse(changed.fields_.begin(), changed.fields_.end());
    return changed;
  }
  Bytes bytes() const {
    Bytes out(16384);
    cbor::Writer writer(out);
    writer.put_map(fields_.size());
    for (const auto& [key, item] : fields_) writer.put_unsigned(key).put_encoded(item);
    return to_vector(writer.finish().value());
  }

 private:
  std::vector<std::pair<uint64_t, Bytes>> fields_;
};

struct MalformedRow {
  const char* name;
  Bytes bytes;
  Error expected;
};

template <typename Decode>
void expect_refused(const std::vector<MalformedRow>& rows, Decode&& decode) {
  for (const MalformedRow& row : rows) {
    const auto result = decode(ByteView{row.bytes});
    if (result.ok()) {
      ADD_FAILURE() << row.name << " was accepted";
      continue;
    }
    EXPECT_EQ(name_of(result.error()), name_of(row.expected)) << row.name;
  }
}

/// Rows that hold for every format of ours: a map whose key 0 is its version, below 23.
template <typename Decode>
void expect_common_rules(const Bytes& valid, Decode&& decode) {
  ASSERT_TRUE(decode(ByteView{valid}).ok());
  for (size_t length = 0; length < valid.size(); ++length) {
    // Each prefix in memory of its own, so that a sanitizer sees a read past it.
    const Bytes prefix(valid.begin(), valid.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(decode(ByteView{prefix}).ok()) << "prefix of " << length;
  }
  Bytes longer = valid;
  longer.push_back(0);
  const MapOfFields fields(valid);
  expect_refused({{"trailing byte", longer, Error::kTrailingBytes},
                  {"another version", fields.with(0, "17").bytes(), Error::kUnsupportedVersion},
                  {"version as text", fields.with(0, "6131").bytes(), Error::kCborWrongType},
                  {"no version", fields.without(0).bytes(), Error::kMissingKey},
                  {"unknown key", fields.with(23, "00").bytes(), Error::kUnknownKey},
                  {"key twice", fields.with_twice(1).bytes(), Error::kDuplicateKey},
                  {"keys in descending order", fields.reversed().bytes(), Error::kCborNotCanonical},
                  {"an array", from_hex("80"), Error::kCborWrongType},
                  {"a negative key", from_hex("a12000"), Error::kUnknownKey}},
                 decode);
}

}  // namespace tailor::testing
