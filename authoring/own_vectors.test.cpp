// SPDX-License-Identifier: Apache-2.0
// The project's own vectors, which were made without its code: what a recipient takes is valid here, and each malformed
// structure is refused, most of them by the walk.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "authoring/manifest.hpp"
#include "authoring/summary.hpp"
#include "authoring/testing.hpp"
#include "core/cose/key.hpp"

namespace tailor::authoring {
namespace {

using Json = nlohmann::json;

std::filesystem::path folder() {
  const char* sources = std::getenv("TAILOR_SOURCE_DIR");
  return std::filesystem::path(sources == nullptr ? "." : sources) / "tests" / "vectors" / "suit";
}

Json read_json(const std::filesystem::path& file) {
  return Json::parse(read_text_file(file, 64U << 20U).value());
}

std::vector<cose::VerificationKey> trusted(const Json& device) {
  std::vector<cose::VerificationKey> keys;
  for (const Json& entry : device.value("trusted", Json::array())) {
    const auto key = cose::decode_key(from_hex(entry["key"].get<std::string>()).value());
    if (key.ok()) keys.push_back(key->key);
  }
  return keys;
}

suit::Leniency leniency(const Json& device) {
  const Json names = device.value("leniency", Json::array());
  const auto has = [&](const char* name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  return {.untagged_envelope = has("untagged-envelope"),
          .legacy_algorithms = has("legacy-algorithms"),
          .missing_dependency_integrity = has("missing-dependency-integrity"),
          .index_beyond_components = has("index-beyond-components")};
}

TEST(OwnCases, WhatARecipientTakesIsValid) {
  size_t taken = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (!entry.is_directory()) continue;
    const Json document = read_json(entry.path() / "case.json");
    // What a custom command means is known to the device that defines it; here it is refused.
    const bool custom = entry.path().filename().string().starts_with("command-custom");
    if (document["expected"]["verdict"] != "done" || custom) continue;
    const Bytes envelope = read_file(entry.path() / "envelope.suit").value();
    const auto verified = verify_envelope(envelope, trusted(document["device"]), leniency(document["device"]));
    EXPECT_TRUE(verified.ok()) << entry.path().filename() << ": " << (verified.ok() ? "" : verified.error().to_text());
    ++taken;
  }
  EXPECT_GE(taken, 90U);
}

TEST(OwnCases, EveryMalformedStructureIsRefused) {
  const Json document = read_json(folder() / "malformed.json");
  const auto keys = trusted(document["device"]);
  size_t rows = 0, with_place = 0;
  for (const Json& row : document["rows"]) {
    const Bytes envelope = from_hex(row["envelope"].get<std::string>()).value();
    const auto verified = verify_envelope(envelope, keys, suit::kStrict);
    EXPECT_FALSE(verified.ok()) << row["structure"] << ": " << row["name"];
    if (!verified.ok() && verified.error().context.starts_with("at byte ")) ++with_place;
    ++rows;
  }
  EXPECT_GE(rows, 600U);
  EXPECT_GE(with_place, rows * 9 / 10) << "the place is told";
}

}  // namespace
}  // namespace tailor::authoring
