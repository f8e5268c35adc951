// SPDX-License-Identifier: Apache-2.0
// One log line as "key=value key=value" in a fixed buffer, for the log port. It takes texts, numbers, errors and UUIDs
// and no raw bytes: a secret has no way in.
#pragma once

#include <array>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/uuid.hpp"
#include "tailor/port/log.h"

namespace tailor::agent {

/// Writes when it goes out of scope: LogLine(log, TAILOR_LOG_INFO, "enrol.done").number("pairs", 2);
class LogLine {
 public:
  /// @param log    may be null: nothing is written
  /// @param event  "topic.event", NUL-terminated, lives longer than the line
  LogLine(const tailor_log_t* log, tailor_log_level_t level, const char* event) noexcept
      : log_(log), level_(level), event_(event) {}
  ~LogLine();
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;

  /// Blanks, quotes, line ends and bytes that are no printable ASCII become '_': a line stays one line.
  LogLine& text(std::string_view key, std::string_view value) noexcept;
  LogLine& number(std::string_view key, uint64_t value) noexcept;
  LogLine& uuid(std::string_view key, const Uuid& value) noexcept;
  /// By name, or by number in a build without names.
  LogLine& error(Error value) noexcept {
    if constexpr (kNamesErrors) return text("error", name_of(value));
    return number("error", static_cast<uint64_t>(value));
  }
  /// The first eight bytes as hex; for digests, which are public.
  LogLine& digest(std::string_view key, ByteView value) noexcept;

 private:
  void put(std::string_view text) noexcept;
  void key(std::string_view name) noexcept;

  const tailor_log_t* log_;
  tailor_log_level_t level_;
  const char* event_;
  std::array<char, 224> line_{};
  size_t length_ = 0;
};

}  // namespace tailor::agent
