// SPDX-License-Identifier: Apache-2.0
// Numbers of 64 bits on the command line. CLI11 takes "-1" for the largest number, and what is too large as well.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>

namespace tailor::cli {

/// Refuses what is no whole number from 0 to 2^64 - 1 in decimal digits.
[[nodiscard]] inline CLI::Validator whole_number() {
  return CLI::Validator(
      [](const std::string& text) {
        uint64_t value = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, value);
        const bool whole = error == std::errc() && stop == end && !text.empty();
        return whole ? std::string() : "'" + text + "' is no whole number from 0 to 18446744073709551615";
      },
      "NUMBER");
}

}  // namespace tailor::cli
