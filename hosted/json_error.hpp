// SPDX-License-Identifier: Apache-2.0
// Where a text stops being JSON, for people who wrote it.
#pragma once

#include <string>
#include <string_view>

namespace tailor {

/// "at byte 12: no JSON (RFC 8259)"; empty for a text that is JSON.
[[nodiscard]] std::string json_error(std::string_view text);

}  // namespace tailor
