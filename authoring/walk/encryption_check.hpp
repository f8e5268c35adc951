// SPDX-License-Identifier: Apache-2.0
// Whether a SUIT_Encryption_Info can be used by those who have the keys (firmware-encryption 6, 7): the core decodes
// it, and each recipient is looked at.
#pragma once

#include <vector>

#include "authoring/walk/walker.hpp"

namespace tailor::authoring {

/// @param info  a node of shape kEncryptionInfo whose children have been read
[[nodiscard]] std::vector<Finding> check_encryption(const Node& info);

}  // namespace tailor::authoring
