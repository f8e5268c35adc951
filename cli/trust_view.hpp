// SPDX-License-Identifier: Apache-2.0
// A trust store as `tailor trust` shows it, for people and for programs.
#pragma once

#include <iosfwd>
#include <nlohmann/json.hpp>

#include "authoring/trust.hpp"
#include "cli/session.hpp"

namespace tailor::cli {

[[nodiscard]] Json trust_to_json(const authoring::TrustDescription& store);
/// Writes what trust_to_json() gave, with the members "signature" and "warnings" where it has them.
void write_trust(std::ostream& out, const Json& document);

}  // namespace tailor::cli
