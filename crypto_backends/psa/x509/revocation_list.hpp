// SPDX-License-Identifier: Apache-2.0
// A certificate revocation list (RFC 5280 5), as servers honour it. Hosted only: devices learn revocations through the
// trust store.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "core/base/bytes.hpp"

namespace tailor::x509 {

class RevocationList {
 public:
  /// Reads a list and checks that `authority` (DER certificate) signed it.
  ///
  /// @returns kDerMalformed; kCertificateInvalid when it is another authority's or its signature does not hold
  [[nodiscard]] static Result<RevocationList> parse(ByteView list, ByteView authority) noexcept;

  /// Whether the authority has revoked the certificate with this serial number.
  [[nodiscard]] bool revokes(ByteView serial) const noexcept;
  [[nodiscard]] size_t size() const noexcept { return serials_.size(); }
  /// When the next list is promised, in UTC seconds since 1970; 0: not said. A server may want a fresher one after it.
  [[nodiscard]] uint64_t next_update() const noexcept { return next_update_; }

 private:
  std::set<std::vector<uint8_t>> serials_;
  uint64_t next_update_ = 0;
};

}  // namespace tailor::x509
