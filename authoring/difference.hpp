// SPDX-License-Identifier: Apache-2.0
// What changed between two manifests, element by element.
#pragma once

#include <string>
#include <vector>

#include "authoring/walk/walker.hpp"

namespace tailor::authoring {

/// One element that is not the same in both; empty where it is absent.
struct Difference {
  std::string path;
  std::string before, after;  ///< diagnostic notation; payloads by size and digest
};

/// Compares element by element, in the order of the new envelope; what is gone stands last.
[[nodiscard]] std::vector<Difference> differences(const Walked& before, const Walked& after);

}  // namespace tailor::authoring
