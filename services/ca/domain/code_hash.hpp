// SPDX-License-Identifier: Apache-2.0
// How the ledger names an enrolment code without holding it. Codes are 128 random bits, so that a plain hash is enough.
#pragma once

#include <string>
#include <string_view>

namespace tailor::ca {

/// SHA-256 of the code's characters, hexadecimal.
[[nodiscard]] std::string code_hash(std::string_view code);

}  // namespace tailor::ca
