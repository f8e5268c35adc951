// SPDX-License-Identifier: Apache-2.0
// A small authority for tests: a root at a fixed time and a way to issue from it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hosted/uuid_make.hpp"
#include "pki/issue.hpp"

namespace tailor::pki {

class TestAuthority {
 public:
  explicit TestAuthority(UtcTime now = from_rfc3339("2026-11-20T12:00:00Z").value(),
                         const std::string& name = "Test authority")
      : now_(now),
        issuer_(make_root(PrivateKey::generate().value(), {"default", Role::kCa, uuid4().value()}, name,
                          {now - std::chrono::hours(1), now + std::chrono::hours(24 * 3650)})
                    .value()) {}

  [[nodiscard]] const Issuer& issuer() const { return issuer_; }
  [[nodiscard]] const Certificate& root() const { return issuer_.certificate; }
  [[nodiscard]] UtcTime now() const { return now_; }

  /// Issues for one day around now.
  [[nodiscard]] Certificate issues(Role role, const PrivateKey& key, const Uuid& id = uuid4().value(),
                                   const std::vector<std::string>& host_names = {}) const {
    return issue(issuer_, {"default", role, id}, key.public_key(),
                 {now_ - std::chrono::hours(1), now_ + std::chrono::hours(24)}, host_names)
        .value();
  }

 private:
  UtcTime now_;
  Issuer issuer_;
};

}  // namespace tailor::pki
