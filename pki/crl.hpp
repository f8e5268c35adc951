// SPDX-License-Identifier: Apache-2.0
// Certificate revocation lists (RFC 5280 5): made by the authority, checked by servers.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pki/issue.hpp"

namespace tailor::pki {

/// RFC 5280 5.3.1; the reasons that our authority gives.
enum class RevocationReason : uint8_t {
  kUnspecified = 0,
  kKeyCompromise = 1,
  kAffiliationChanged = 3,
  kSuperseded = 4,
  kCessationOfOperation = 5,
  kPrivilegeWithdrawn = 9,
};

/// "unspecified", "key-compromise", "affiliation-changed", "superseded", "cessation-of-operation",
/// "privilege-withdrawn".
[[nodiscard]] std::string_view to_text(RevocationReason reason) noexcept;
[[nodiscard]] std::optional<RevocationReason> reason_from_text(std::string_view text) noexcept;

struct RevokedCertificate {
  std::string serial;  ///< as Certificate::serial()
  UtcTime revoked_at;
  RevocationReason reason = RevocationReason::kUnspecified;
};

/// A list whose signature was checked.
class Crl {
 public:
  /// @returns kDerMalformed, or kSignatureInvalid unless `authority` signed it
  [[nodiscard]] static Outcome<Crl> from_der(ByteView der, const Certificate& authority);

  [[nodiscard]] const Bytes& der() const noexcept { return der_; }
  [[nodiscard]] std::string to_pem() const;
  [[nodiscard]] UtcTime this_update() const noexcept { return this_update_; }
  [[nodiscard]] UtcTime next_update() const noexcept { return next_update_; }
  [[nodiscard]] uint64_t number() const noexcept { return number_; }
  [[nodiscard]] size_t size() const noexcept { return revoked_.size(); }

  /// Tells whether the list names this certificate; false for one of another authority.
  [[nodiscard]] bool revokes(const Certificate& certificate) const;
  /// A newer list should have been there by now. Its entries still hold.
  [[nodiscard]] bool is_stale(UtcTime now) const noexcept { return now > next_update_; }

 private:
  explicit Crl(Certificate authority) : authority_(std::move(authority)) {}

  Certificate authority_;
  Bytes der_;
  UtcTime this_update_;
  UtcTime next_update_;
  uint64_t number_ = 0;
  std::map<std::string, UtcTime> revoked_;
};

/// Makes and signs a list. @param number  RFC 5280 5.2.3: higher than of any list before
[[nodiscard]] Outcome<Crl> make_crl(const Issuer& issuer, std::span<const RevokedCertificate> revoked, uint64_t number,
                                    UtcTime this_update, UtcTime next_update);

}  // namespace tailor::pki
