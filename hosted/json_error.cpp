// SPDX-License-Identifier: Apache-2.0
#include "hosted/json_error.hpp"

#include <nlohmann/json.hpp>

namespace tailor {

std::string json_error(std::string_view text) {
  try {
    const nlohmann::json read = nlohmann::json::parse(text);
    return "";
  } catch (const nlohmann::json::parse_error& error) {
    // The library counts from 1, and gives the byte behind the last one that it read.
    return "at byte " + std::to_string(error.byte == 0 ? 0 : error.byte - 1) + ": no JSON (RFC 8259)";
  }
}

}  // namespace tailor
