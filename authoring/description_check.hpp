// SPDX-License-Identifier: Apache-2.0
// Refuses descriptions from which no manifest could be made that devices accept.
#pragma once

#include "authoring/description.hpp"

namespace tailor::authoring {

/// @returns kValueOutOfRange with the reason
[[nodiscard]] Outcome<void> check_description(const ManifestDescription& description);

}  // namespace tailor::authoring
