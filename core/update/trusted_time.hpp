// SPDX-License-Identifier: Apache-2.0
// What a device knows about the time, and what certificates, tokens and use-before do with each kind of knowledge.
// Times are UTC seconds since 1970 (POSIX). Knows no clock and no flash: the owner feeds and persists it.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace tailor::update {

using UnixSeconds = uint64_t;

/// Unknown, "not before t", or "t now".
class TrustedTime {
 public:
  enum class Kind : uint8_t { kUnknown = 0, kAtLeast = 1, kSynced = 2 };

  constexpr TrustedTime() = default;
  [[nodiscard]] static constexpr TrustedTime unknown() noexcept { return {}; }
  [[nodiscard]] static constexpr TrustedTime at_least(UnixSeconds t) noexcept { return {Kind::kAtLeast, t}; }
  [[nodiscard]] static constexpr TrustedTime synced(UnixSeconds t) noexcept { return {Kind::kSynced, t}; }
  /// @returns kValueOutOfRange for a number that is no kind, or a time with kUnknown
  [[nodiscard]] static Result<TrustedTime> from_code(uint64_t kind, UnixSeconds t) noexcept;

  [[nodiscard]] constexpr Kind kind() const noexcept { return kind_; }
  /// Zero when unknown.
  [[nodiscard]] constexpr UnixSeconds seconds() const noexcept { return seconds_; }
  friend constexpr bool operator==(const TrustedTime&, const TrustedTime&) = default;

 private:
  constexpr TrustedTime(Kind kind, UnixSeconds seconds) noexcept : kind_(kind), seconds_(seconds) {}
  Kind kind_ = Kind::kUnknown;
  UnixSeconds seconds_ = 0;
};

/// "unknown", "at-least" or "synced".
[[nodiscard]] std::string_view name_of(TrustedTime::Kind kind) noexcept;

/// Whether a certificate may be used now. A device without a clock must be able to talk to its servers, so what cannot
/// be known does not refuse: unknown passes; at_least(t) refuses only what has surely expired; synced(t) checks both
/// ends (RFC 5280 4.1.2.5, both inclusive).
/// @returns kCertificateExpired when the certificate is outside its period
[[nodiscard]] Status check_certificate_period(TrustedTime now, UnixSeconds not_before, UnixSeconds not_after) noexcept;

/// Whether something whose sender limited its life (use-before, an access token) may be used now. Here the doubt
/// refuses: only synced(t) with t before the end passes.
/// @returns kConditionFailed when the end is surely reached; kTimeUnknown when that cannot be said
[[nodiscard]] Status check_use_before(TrustedTime now, UnixSeconds end) noexcept;

/// Whether a certificate should be renewed: two thirds of its life are surely over, or its end is known to be near.
[[nodiscard]] bool renewal_due(TrustedTime now, UnixSeconds not_before, UnixSeconds not_after) noexcept;

/// Keeps the device's time from what it is told, and a floor that never goes back.
///
/// The owner persists floor() when floor_dirty() says so, and hands it back after a reboot.
class TrustedClock {
 public:
  /// How far the floor may lag behind before it is worth a flash write.
  static constexpr UnixSeconds kFloorStep = 3600;

  explicit TrustedClock(UnixSeconds persisted_floor = 0) noexcept
      : floor_(persisted_floor), persisted_(persisted_floor) {}

  /// Learns that it is at least `t`: a signed document or certificate that begins at `t` was accepted.
  void learn_at_least(UnixSeconds t) noexcept;
  /// Learns the time from a source that is trusted for it.
  ///
  /// A source that lies below the floor was set back: its time is not taken, and the clock falls to at_least(floor).
  /// @returns kValueOutOfRange in that case
  [[nodiscard]] Status synchronize(UnixSeconds t, MonotonicMs now) noexcept;

  [[nodiscard]] TrustedTime at(MonotonicMs now) const noexcept;

  /// The floor to persist: the highest time known so far.
  [[nodiscard]] UnixSeconds floor_at(MonotonicMs now) const noexcept;
  [[nodiscard]] bool floor_dirty(MonotonicMs now) const noexcept { return floor_at(now) >= persisted_ + kFloorStep; }
  void floor_persisted(UnixSeconds floor) noexcept { persisted_ = floor; }

 private:
  UnixSeconds floor_;
  UnixSeconds persisted_;
  bool synced_ = false;
  UnixSeconds synced_seconds_ = 0;
  MonotonicMs synced_at_ = 0;
};

}  // namespace tailor::update
