// SPDX-License-Identifier: Apache-2.0
// Reports of devices as JSON, in words where there are some: for the operator API and for dry runs.
#pragma once

#include <nlohmann/json.hpp>

#include "core/report/capabilities.hpp"
#include "core/report/suit_report.hpp"

namespace tailor::trial {

/// Members `uri`, `manifest`, `success`, `failure`, `records`, `records_missing` and `capabilities`.
[[nodiscard]] nlohmann::ordered_json report_json(const report::SuitReport& report);
/// Lists of numbers by name, and the components encoded.
[[nodiscard]] nlohmann::ordered_json capabilities_json(const report::CapabilityView& view);
/// A command sequence by its manifest_key, as reports number it: "install", "shared", "none".
[[nodiscard]] std::string section_name(int64_t section);

}  // namespace tailor::trial
