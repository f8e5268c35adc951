// SPDX-License-Identifier: Apache-2.0
// What the settings files of the long-running commands have in common: where to listen, how to log, and which file it
// is. The services read their own tables; the examples under packaging/config are read by a test.
#pragma once

#include <filesystem>
#include <string>

#include "hosted/config.hpp"
#include "hosted/log.hpp"

namespace tailor::cli {

/// A numeric address and a port: "127.0.0.1:8444", "[::1]:8444".
struct Listen {
  std::string address;
  uint16_t port = 0;
  friend bool operator==(const Listen&, const Listen&) = default;
};
/// @returns kUsageInvalid for anything else
[[nodiscard]] Outcome<Listen> listen_from_text(const std::string& text);
[[nodiscard]] std::string to_text(const Listen& listen);

/// Opens the settings that a command is to use: the named file, else `otherwise` if it is there, else nothing at all.
/// @returns kFileFailed when a named file cannot be read; kConfigMalformed
[[nodiscard]] Outcome<Config> open_settings(const std::filesystem::path& named, const std::filesystem::path& otherwise);

/// Reads the table [log]; the caller calls finish() on the whole.
[[nodiscard]] LogConfig read_log_config(Config table);

}  // namespace tailor::cli
