// SPDX-License-Identifier: Apache-2.0
// The rules that one item of an envelope has to keep beyond being CBOR: type, range, length, what has to be there.
#pragma once

#include <vector>

#include "authoring/walk/walker.hpp"

namespace tailor::authoring {

/// Checks an item whose children have been read.
/// @param tag  of the COSE structure whose body it is
[[nodiscard]] std::vector<Finding> conform(const Node& node, uint64_t tag);

/// "<what> is expected here (<clause>)".
[[nodiscard]] std::string with_clause(const char* what, const Node& node);
/// " (<clause>)" of the elements of a map; empty for those without.
[[nodiscard]] std::string clause_of(Shape in);

}  // namespace tailor::authoring
