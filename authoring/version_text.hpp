// SPDX-License-Identifier: Apache-2.0
// Versions as people write them ("1.2.0-rc.1") and as manifests carry them: integers, with -1 for a release candidate,
// -2 for beta and -3 for alpha (update-management, condition-version).
#pragma once

#include <string>
#include <string_view>

#include "authoring/description.hpp"

namespace tailor::authoring {

/// @returns kValueOutOfRange for any other text
[[nodiscard]] Outcome<std::vector<int64_t>> version_from_text(std::string_view text);
[[nodiscard]] std::string version_to_text(const std::vector<int64_t>& version);

/// Reads a comparison and a version: ">=1.2", ">1", "=2.0.1", "<=3", "<4".
[[nodiscard]] Outcome<VersionRule> version_rule_from_text(std::string_view text);
/// ">=" and the like; empty for a number that is no comparison.
[[nodiscard]] std::string_view comparison_text(int64_t comparison) noexcept;

}  // namespace tailor::authoring
