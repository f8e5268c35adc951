// SPDX-License-Identifier: Apache-2.0
#include "core/update/trusted_time.hpp"

#include <algorithm>

namespace tailor::update {

Result<TrustedTime> TrustedTime::from_code(uint64_t kind, UnixSeconds t) noexcept {
  switch (kind) {
    case static_cast<uint64_t>(Kind::kUnknown):
      if (t != 0) return Error::kValueOutOfRange;
      return unknown();
    case static_cast<uint64_t>(Kind::kAtLeast):
      return at_least(t);
    case static_cast<uint64_t>(Kind::kSynced):
      return synced(t);
    default:
      return Error::kValueOutOfRange;
  }
}

std::string_view name_of(TrustedTime::Kind kind) noexcept {
  switch (kind) {
    case TrustedTime::Kind::kUnknown:
      return "unknown";
    case TrustedTime::Kind::kAtLeast:
      return "at-least";
    case TrustedTime::Kind::kSynced:
      return "synced";
  }
  return "unknown";
}

Status check_certificate_period(TrustedTime now, UnixSeconds not_before, UnixSeconds not_after) noexcept {
  if (not_before > not_after) return Error::kCertificateExpired;
  switch (now.kind()) {
    case TrustedTime::Kind::kUnknown:
      return kOk;
    case TrustedTime::Kind::kAtLeast:
      if (now.seconds() > not_after) return Error::kCertificateExpired;
      return kOk;
    case TrustedTime::Kind::kSynced:
      if (now.seconds() < not_before || now.seconds() > not_after) return Error::kCertificateExpired;
      return kOk;
  }
  return Error::kInternal;
}

Status check_use_before(TrustedTime now, UnixSeconds end) noexcept {
  switch (now.kind()) {
    case TrustedTime::Kind::kUnknown:
      return Error::kTimeUnknown;
    case TrustedTime::Kind::kAtLeast:
      if (now.seconds() >= end) return Error::kConditionFailed;
      return Error::kTimeUnknown;
    case TrustedTime::Kind::kSynced:
      if (now.seconds() >= end) return Error::kConditionFailed;
      return kOk;
  }
  return Error::kInternal;
}

bool renewal_due(TrustedTime now, UnixSeconds not_before, UnixSeconds not_after) noexcept {
  if (now.kind() == TrustedTime::Kind::kUnknown || not_after < not_before) return false;
  const UnixSeconds life = not_after - not_before;
  return now.seconds() >= not_after - life / 3;
}

void TrustedClock::learn_at_least(UnixSeconds t) noexcept {
  floor_ = std::max(floor_, t);
}

Status TrustedClock::synchronize(UnixSeconds t, MonotonicMs now) noexcept {
  floor_ = floor_at(now);
  if (t < floor_) {
    synced_ = false;
    return Error::kValueOutOfRange;
  }
  synced_ = true;
  synced_seconds_ = t;
  synced_at_ = now;
  return kOk;
}

TrustedTime TrustedClock::at(MonotonicMs now) const noexcept {
  const UnixSeconds floor = floor_at(now);
  if (synced_) return TrustedTime::synced(floor);
  if (floor != 0) return TrustedTime::at_least(floor);
  return TrustedTime::unknown();
}

UnixSeconds TrustedClock::floor_at(MonotonicMs now) const noexcept {
  if (!synced_) return floor_;
  const MonotonicMs elapsed = now > synced_at_ ? now - synced_at_ : 0;
  return std::max(floor_, synced_seconds_ + elapsed / 1000);
}

}  // namespace tailor::update
