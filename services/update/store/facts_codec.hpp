// SPDX-License-Identifier: Apache-2.0
// What was read out of a manifest, as the text that the store keeps, so that choosing reads no envelope again.
#pragma once

#include "services/update/domain/model.hpp"

namespace tailor::update_server {

[[nodiscard]] std::string facts_to_text(const ManifestFacts& facts);
/// @returns kRecordMalformed
[[nodiscard]] Outcome<ManifestFacts> facts_from_text(const std::string& text);

}  // namespace tailor::update_server
