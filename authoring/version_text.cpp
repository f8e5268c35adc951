// SPDX-License-Identifier: Apache-2.0
#include "authoring/version_text.hpp"

#include <charconv>

namespace tailor::authoring {
namespace {

struct Stage {
  const char* name;
  int64_t value;
};
constexpr Stage kStages[] = {{"rc", -1}, {"beta", -2}, {"alpha", -3}};

struct Comparison {
  std::string_view text;
  int64_t value;
};
constexpr Comparison kComparisons[] = {
    // longer texts first
    {">=", suit::version_comparison::kGreaterEqual}, {"<=", suit::version_comparison::kLesserEqual},
    {">", suit::version_comparison::kGreater},       {"<", suit::version_comparison::kLesser},
    {"=", suit::version_comparison::kEqual},
};

}  // namespace

Outcome<std::vector<int64_t>> version_from_text(std::string_view text) {
  const auto refuse = [&] { return fail(Error::kValueOutOfRange, "'" + std::string(text) + "' is no version"); };
  std::vector<int64_t> out;
  bool staged = false;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find_first_of(".-", start), text.size());
    const std::string_view part = text.substr(start, end - start);
    if (part.empty()) return refuse();
    int64_t value = 0;
    if (part.front() >= '0' && part.front() <= '9') {
      const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), value);
      if (error != std::errc() || stop != part.data() + part.size()) return refuse();
    } else {
      for (const Stage& stage : kStages) {
        if (part == stage.name) value = stage.value;
      }
      // A stage stands behind the release, once.
      if (value == 0 || staged || out.empty() || text[start - 1] != '-') return refuse();
      staged = true;
    }
    out.push_back(value);
    start = end + 1;
  }
  return out;
}

std::string version_to_text(const std::vector<int64_t>& version) {
  std::string out;
  for (const int64_t part : version) {
    std::string name = std::to_string(part);
    const char* separator = ".";
    for (const Stage& stage : kStages) {
      if (part != stage.value) continue;
      name = stage.name;
      separator = "-";
    }
    if (!out.empty()) out += separator;
    out += name;
  }
  return out;
}

Outcome<VersionRule> version_rule_from_text(std::string_view text) {
  for (const Comparison& comparison : kComparisons) {
    if (!text.starts_with(comparison.text)) continue;
    TAILOR_TRY_ASSIGN(std::vector<int64_t> value, version_from_text(text.substr(comparison.text.size())));
    return VersionRule{.comparison = comparison.value, .value = std::move(value)};
  }
  return fail(Error::kValueOutOfRange, "'" + std::string(text) + "' does not begin with >, >=, =, <= or <");
}

std::string_view comparison_text(int64_t comparison) noexcept {
  for (const Comparison& known : kComparisons) {
    if (known.value == comparison) return known.text;
  }
  return {};
}

}  // namespace tailor::authoring
