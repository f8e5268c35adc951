// SPDX-License-Identifier: Apache-2.0
// A SUIT_Report as the operator API shows it, in words where there are some. Internal to the API's JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "services/update/domain/model.hpp"

namespace tailor::update_server {

/// @param sealed        as the device sent it
/// @param seal_failure  what was found when it came; absent: the seal holds
/// @returns an object; of a report that cannot be read it says why
[[nodiscard]] nlohmann::ordered_json suit_report_json(const Bytes& sealed, const std::optional<Error>& seal_failure);

}  // namespace tailor::update_server
