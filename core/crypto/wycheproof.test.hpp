// SPDX-License-Identifier: Apache-2.0
// Reads Wycheproof's files for the tests of this folder. They are found in the folder that TAILOR_VECTORS names, or in
// ../shared/vectors beside the source tree; a test is skipped where they are not at hand.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/crypto.hpp"

namespace tailor::crypto {
using nlohmann::json;
using Bytes = std::vector<uint8_t>;

inline std::optional<json> load(const std::string& name) {
  const char* folder = std::getenv("TAILOR_VECTORS");
  const char* source = std::getenv("TAILOR_SOURCE_DIR");
  const std::filesystem::path root =
      folder != nullptr ? std::filesystem::path{folder}
                        : std::filesystem::path{source != nullptr ? source : "."} / "../shared/vectors";
  std::ifstream file{root / "protocols" / name};
  if (!file) return std::nullopt;
  return json::parse(file);
}

inline Bytes unhex(const json& text) {
  const auto digits = text.get<std::string>();
  Bytes out;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    out.push_back(static_cast<uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return out;
}

/// The tests of all groups of a Wycheproof file for which `wanted(group)` holds, with their group.
template <typename Wanted, typename Check>
int for_each_test(const json& file, Wanted wanted, Check check) {
  int count = 0;
  for (const json& group : file["testGroups"]) {
    if (!wanted(group)) continue;
    for (const json& test : group["tests"]) {
      SCOPED_TRACE("tcId " + std::to_string(test["tcId"].get<int>()) + " " + test["comment"].get<std::string>());
      check(group, test);
      ++count;
    }
  }
  return count;
}

#define TAILOR_LOAD_OR_SKIP(variable, name) \
  const auto variable = load(name);         \
  if (!variable) GTEST_SKIP() << "vectors are not at hand: " << name

/// "valid" is true, "invalid" false; what Wycheproof calls acceptable is nothing to assert.
inline std::optional<bool> verdict(const json& test) {
  if (test["result"] == "acceptable") return std::nullopt;
  return test["result"] == "valid";
}

}  // namespace tailor::crypto
