// SPDX-License-Identifier: Apache-2.0
// What a manifest may say but an author should not want. Each rule has an id that does not change (docs/cli.md).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "authoring/walk/walker.hpp"

namespace tailor::authoring {

enum class Severity : uint8_t { kNote, kWarning, kError };

struct Remark {
  std::string rule;  ///< id, such as "no-vendor-check"
  Severity severity = Severity::kWarning;
  std::string path;
  size_t offset = 0;
  std::string text;
};

/// A rule as the documentation lists it.
struct LintRule {
  const char* id;
  Severity severity;
  const char* meaning;
};
[[nodiscard]] std::span<const LintRule> lint_rules() noexcept;

/// @returns remarks in the order of lint_rules()
[[nodiscard]] std::vector<Remark> lint(const Walked& walked);

}  // namespace tailor::authoring
