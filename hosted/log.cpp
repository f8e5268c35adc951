// SPDX-License-Identifier: Apache-2.0
// Log lines over spdlog, which gives thread-safe sinks; the line itself is built here so that both formats carry the
// same record and a value cannot forge a line.
#include "hosted/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "hosted/utc_clock.hpp"

namespace tailor {
namespace {

constexpr std::string_view kLevelNames[] = {"debug", "info", "warning", "error", "off"};

struct State {
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger;
  LogFormat format = LogFormat::kText;
  std::atomic<LogLevel> level = LogLevel::kInfo;
};

State& state() {
  static State* const instance = [] {
    auto* made = new State;  // lives as long as the process: threads may log during exit
    made->logger = std::make_shared<spdlog::logger>("tailor", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->logger->set_pattern("%v");
    made->logger->set_level(spdlog::level::trace);
    made->logger->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

/// Quotes a value when a reader could misread where it ends; escapes what would forge a line.
std::string text_value(const LogField& field) {
  const bool plain = !field.value.empty() && field.value.find_first_of(" \"=\\") == std::string::npos &&
                     std::all_of(field.value.begin(), field.value.end(), [](char c) { return c > 0x20 && c != 0x7f; });
  if (plain) return field.value;
  return nlohmann::json(field.value).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string as_text_line(LogLevel level, std::string_view area, std::string_view message,
                         std::initializer_list<LogField> fields) {
  std::string line = to_rfc3339(SystemUtcClock().now());
  line.append(" ").append(kLevelNames[static_cast<size_t>(level)]).append(" ").append(area).append(": ");
  line.append(message);
  for (const LogField& field : fields) line.append(" ").append(field.key).append("=").append(text_value(field));
  return line;
}

std::string as_json_line(LogLevel level, std::string_view area, std::string_view message,
                         std::initializer_list<LogField> fields) {
  nlohmann::ordered_json line;
  line["time"] = to_rfc3339(SystemUtcClock().now());
  line["level"] = kLevelNames[static_cast<size_t>(level)];
  line["area"] = area;
  line["message"] = message;
  for (const LogField& field : fields) {
    if (field.quoted) {
      line[std::string(field.key)] = field.value;
    } else {
      line[std::string(field.key)] = nlohmann::json::parse(field.value, nullptr, false);
    }
  }
  return line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Outcome<void> configure_log(const LogConfig& config) {
  try {
    std::shared_ptr<spdlog::sinks::sink> sink;
    if (config.file.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(config.file.string());
    }
    auto logger = std::make_shared<spdlog::logger>("tailor", std::move(sink));
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::trace);
    State& all = state();
    const std::lock_guard lock(all.mutex);
    all.logger = std::move(logger);
    all.format = config.format;
    all.level = config.level;
    return kOk;
  } catch (const std::exception& error) {
    return fail(Error::kFileFailed, config.file.string() + ": " + error.what());
  }
}

Outcome<LogLevel> log_level_from_text(std::string_view text) {
  for (size_t i = 0; i < std::size(kLevelNames); ++i) {
    if (text == kLevelNames[i]) return static_cast<LogLevel>(i);
  }
  return fail(Error::kConfigMalformed, "log level is none of debug, info, warning, error, off");
}

Outcome<LogFormat> log_format_from_text(std::string_view text) {
  if (text == "text") return LogFormat::kText;
  if (text == "json") return LogFormat::kJson;
  return fail(Error::kConfigMalformed, "log format is none of text, json");
}

void log(LogLevel level, std::string_view area, std::string_view message,
         std::initializer_list<LogField> fields) noexcept {
  try {
    State& all = state();
    if (level < all.level.load() || level == LogLevel::kOff) return;
    std::shared_ptr<spdlog::logger> logger;
    LogFormat format{};
    {
      const std::lock_guard lock(all.mutex);
      logger = all.logger;
      format = all.format;
    }
    const std::string line = format == LogFormat::kJson ? as_json_line(level, area, message, fields)
                                                        : as_text_line(level, area, message, fields);
    logger->log(spdlog::level::info, spdlog::string_view_t(line));
  } catch (...) {  // NOLINT(bugprone-empty-catch): a log line that cannot be written must not stop the service
  }
}

void log_failure(std::string_view area, std::string_view message, const Failure& failure) noexcept {
  log(LogLevel::kWarning, area, message, {{"error", failure.code}, {"context", failure.context}});
}

}  // namespace tailor
