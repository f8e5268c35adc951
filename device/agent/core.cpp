// SPDX-License-Identifier: Apache-2.0
#include "device/agent/core.hpp"

#include <algorithm>

namespace tailor::agent {

void Backoff::failed(const AgentSettings& settings, MonotonicMs now) noexcept {
  const unsigned shift = std::min<unsigned>(failures_, 16);
  const uint64_t wait = std::min<uint64_t>(uint64_t{settings.retry_min_ms} << shift, settings.retry_max_ms);
  if (failures_ < UINT8_MAX) ++failures_;
  at_ = now + wait;
}

Error error_of(coap::Code code) noexcept {
  switch (code) {
    case coap::Code::kNotFound:
      return Error::kNotFound;
    case coap::Code::kUnauthorized:
      return Error::kNotAuthenticated;
    case coap::Code::kForbidden:
      return Error::kRoleNotPermitted;
    case coap::Code::kTooManyRequests:
    case coap::Code::kServiceUnavailable:
      return Error::kOverloaded;
    default:
      return Error::kPeerRefused;
  }
}

}  // namespace tailor::agent
