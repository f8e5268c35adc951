// SPDX-License-Identifier: Apache-2.0
// Component identifiers as authors write them: parts joined by '/', each a text ("app/config") or hexadecimal bytes
// after "0x" ("0x00"). The same form in manifests, rights of signers and tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hosted/encoding.hpp"

namespace tailor::authoring {

/// A component identifier that owns its parts (SUIT manifest 8.4.5.1).
using ComponentParts = std::vector<Bytes>;

/// Reads the text form; the empty text is the identifier without parts, the prefix of every component.
///
/// @returns kValueOutOfRange for an empty part, bad hexadecimal, or more than the core's limits allow
[[nodiscard]] Outcome<ComponentParts> component_from_text(std::string_view text);

/// Writes the text form: a part of printable characters that could not be taken for hexadecimal as it is, others as
/// "0x..".
[[nodiscard]] std::string component_to_text(const ComponentParts& parts);

/// Encodes an identifier as manifests carry it; empty for one that is beyond the core's limits.
[[nodiscard]] Bytes encode_component(const ComponentParts& parts);

}  // namespace tailor::authoring
