// SPDX-License-Identifier: Apache-2.0
// Log lines that a person can read and a machine can parse: the same record as text or as one JSON object a line.
// Callers see only this header; secrets have no way into a field.
#pragma once

#include <concepts>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "hosted/failure.hpp"

namespace tailor {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat : uint8_t { kText, kJson };

struct LogConfig {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
  std::filesystem::path file;  ///< empty: standard error
};

/// One key and value of a log line.
struct LogField {
  std::string_view key;
  std::string value;
  bool quoted = true;  ///< false: a number

  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  LogField(std::string_view name, const char* text) : key(name), value(text) {}
  LogField(std::string_view name, const std::string& text) : key(name), value(text) {}
  LogField(std::string_view name, Error error) : key(name), value(name_of(error)) {}
  template <std::integral T>
  LogField(std::string_view name, T number) : key(name), value(std::to_string(number)), quoted(false) {}
};

/// Sends all later lines where `config` says. Without it, lines of level info and above go to standard error as text.
///
/// @returns kFileFailed when the file cannot be opened; the log stays as it was
[[nodiscard]] Outcome<void> configure_log(const LogConfig& config);

/// Reads "debug", "info", "warning", "error" or "off". @returns kConfigMalformed
[[nodiscard]] Outcome<LogLevel> log_level_from_text(std::string_view text);
/// Reads "text" or "json". @returns kConfigMalformed
[[nodiscard]] Outcome<LogFormat> log_format_from_text(std::string_view text);

/// Writes one line. `area` is the part of the program ("ca", "http"); the message is a fixed text, what varies goes
/// into fields. Safe from any thread; never fails towards the caller.
void log(LogLevel level, std::string_view area, std::string_view message,
         std::initializer_list<LogField> fields = {}) noexcept;

/// Writes a failure at warning level: its code and context become fields.
void log_failure(std::string_view area, std::string_view message, const Failure& failure) noexcept;

}  // namespace tailor
