// SPDX-License-Identifier: Apache-2.0
// A SUIT_Report as the operator API shows it, in words where there are some. Internal to the API's JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "services/update/domain/model.hpp"

namespace tailor::update_server {

/// @param kept  with a SUIT_Report, opened where it could be
/// @returns an object; of a report that cannot be read it says why
[[nodiscard]] nlohmann::ordered_json suit_report_json(const KeptReport& kept);

}  // namespace tailor::update_server
