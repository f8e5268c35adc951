// SPDX-License-Identifier: Apache-2.0
// What a device can do, for people: the numbers of a capability report in the drafts' words.
#pragma once

#include <iosfwd>

#include "cli/session.hpp"

namespace tailor::cli {

/// @param capability  with the members that trial::capabilities_json() makes; what is absent is left out
void write_capability(std::ostream& out, const Json& capability);

}  // namespace tailor::cli
