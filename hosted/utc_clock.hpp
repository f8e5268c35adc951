// SPDX-License-Identifier: Apache-2.0
// Calendar time for hosted programs, behind an interface so that tests own it. Deadlines of protocols use MonotonicMs
// (core/base/clock.hpp), never this.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "hosted/failure.hpp"

namespace tailor {

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;

[[nodiscard]] constexpr int64_t to_unix_ms(UtcTime time) noexcept {
  return time.time_since_epoch().count();
}
[[nodiscard]] constexpr UtcTime from_unix_ms(int64_t ms) noexcept {
  return UtcTime(std::chrono::milliseconds(ms));
}
[[nodiscard]] constexpr int64_t to_unix_seconds(UtcTime time) noexcept {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}
[[nodiscard]] constexpr UtcTime from_unix_seconds(int64_t s) noexcept {
  return UtcTime(std::chrono::seconds(s));
}

/// Writes RFC 3339 in UTC: "2026-11-20T15:55:00Z", with ".123" when there are milliseconds.
[[nodiscard]] std::string to_rfc3339(UtcTime time);
/// Reads what to_rfc3339 writes. @returns kValueOutOfRange for anything else, also for other offsets
[[nodiscard]] Outcome<UtcTime> from_rfc3339(std::string_view text);

class UtcClock {
 public:
  UtcClock() = default;
  UtcClock(const UtcClock&) = delete;
  UtcClock& operator=(const UtcClock&) = delete;
  virtual ~UtcClock() = default;
  /// Safe to call from any thread.
  [[nodiscard]] virtual UtcTime now() const = 0;
};

/// The computer's clock.
class SystemUtcClock final : public UtcClock {
 public:
  [[nodiscard]] UtcTime now() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

/// A clock that stands still until it is told otherwise.
class FakeUtcClock final : public UtcClock {
 public:
  explicit FakeUtcClock(UtcTime start = from_unix_seconds(1'790'000'000)) : ms_(to_unix_ms(start)) {}
  [[nodiscard]] UtcTime now() const override { return from_unix_ms(ms_.load()); }
  void advance(std::chrono::milliseconds by) { ms_ += by.count(); }
  void set(UtcTime time) { ms_ = to_unix_ms(time); }

 private:
  std::atomic<int64_t> ms_;
};

}  // namespace tailor
