// SPDX-License-Identifier: Apache-2.0
// What the certificate authority remembers, and the interface through which the rules read and write it. The rules see
// one transaction at a time; who keeps the records, and how, is unknown here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hosted/encoding.hpp"
#include "hosted/utc_clock.hpp"
#include "pki/crl.hpp"
#include "pki/identity.hpp"

namespace tailor::ca {

/// A one-time code for a first certificate. The code itself is not kept, only its SHA-256.
struct CodeRecord {
  std::string hash;  ///< hexadecimal
  pki::Identity subject;
  std::vector<std::string> host_names;
  UtcTime created_at;
  UtcTime expires_at;
  std::optional<UtcTime> used_at;
};

/// A device as its maker announced it.
struct DeviceRecord {
  Uuid id;
  std::string tenant;
  Bytes sealed_secret;     ///< by Vault; empty: the device has a factory certificate only
  unsigned key_pairs = 1;  ///< certificates that one enrolment may give
  UtcTime registered_at;
  std::optional<UtcTime> retired_at;
  std::optional<uint32_t> generation;  ///< highest pre-shared key generation that began an enrolment
};

/// What a certificate was issued for.
enum class Origin : uint8_t { kCode, kPsk, kIdevid, kRenewal, kService };
[[nodiscard]] std::string_view to_text(Origin origin) noexcept;
[[nodiscard]] std::optional<Origin> origin_from_text(std::string_view text) noexcept;

struct CertificateRecord {
  std::string serial;
  pki::Identity subject;
  std::string thumbprint;  ///< of the key, hexadecimal
  Bytes der;
  UtcTime not_before;
  UtcTime not_after;
  UtcTime issued_at;
  Origin origin = Origin::kCode;
  std::string origin_reference;  ///< the generation (kPsk), the serial that was renewed (kRenewal), else empty
  std::optional<UtcTime> used_at;
  std::optional<UtcTime> revoked_at;
  pki::RevocationReason reason = pki::RevocationReason::kUnspecified;
};

/// The published revocation list.
struct CrlRecord {
  uint64_t number = 0;
  UtcTime this_update;
  Bytes der;
  bool outdated = false;  ///< something was revoked since
};

/// Which certificates to list; members that are not set match all.
struct CertificateFilter {
  std::string tenant;
  std::optional<pki::Role> role;
  std::optional<Uuid> id;
  std::optional<bool> revoked;
};

/// The place of a certificate in lists: oldest first, equal times by serial.
struct CertificateCursor {
  int64_t issued_at_ms = INT64_MIN;
  std::string serial;
};

/// The records inside one transaction. Every function can fail with the errors of the store.
class Records {
 public:
  Records() = default;
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;
  virtual ~Records() = default;

  /// @returns kAlreadyExists for the same hash
  [[nodiscard]] virtual Outcome<void> add_code(const CodeRecord& code) = 0;
  [[nodiscard]] virtual Outcome<std::optional<CodeRecord>> find_code(const std::string& hash) = 0;
  [[nodiscard]] virtual Outcome<void> mark_code_used(const std::string& hash, UtcTime when) = 0;

  /// Adds a device, or replaces it when it is there.
  [[nodiscard]] virtual Outcome<void> put_device(const DeviceRecord& device) = 0;
  [[nodiscard]] virtual Outcome<std::optional<DeviceRecord>> find_device(const Uuid& id) = 0;

  /// @returns kAlreadyExists for the same serial
  [[nodiscard]] virtual Outcome<void> add_certificate(const CertificateRecord& certificate) = 0;
  [[nodiscard]] virtual Outcome<std::optional<CertificateRecord>> find_certificate(const std::string& serial) = 0;
  [[nodiscard]] virtual Outcome<std::vector<CertificateRecord>> certificates_of(const pki::Identity& subject) = 0;
  [[nodiscard]] virtual Outcome<std::vector<CertificateRecord>> list_certificates(const CertificateFilter& filter,
                                                                                  const CertificateCursor& after,
                                                                                  size_t limit) = 0;
  /// Sets the time of the first use; a later one changes nothing.
  [[nodiscard]] virtual Outcome<void> mark_certificate_used(const std::string& serial, UtcTime when) = 0;
  [[nodiscard]] virtual Outcome<void> mark_certificate_revoked(const std::string& serial, UtcTime when,
                                                               pki::RevocationReason reason) = 0;
  /// Revoked ones whose end is after `now`.
  [[nodiscard]] virtual Outcome<std::vector<pki::RevokedCertificate>> revoked_certificates(UtcTime now) = 0;

  [[nodiscard]] virtual Outcome<std::optional<CrlRecord>> find_crl() = 0;
  [[nodiscard]] virtual Outcome<void> put_crl(const CrlRecord& crl) = 0;
};

/// Where the records are. Thread-safe.
class Ledger {
 public:
  Ledger() = default;
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  virtual ~Ledger() = default;

  using Work = std::function<Outcome<void>(Records&)>;
  /// Runs `work` in one transaction: durable when it returns success, undone when it returns a failure. It may run
  /// several times.
  [[nodiscard]] virtual Outcome<void> write(const Work& work) = 0;
  [[nodiscard]] virtual Outcome<void> read(const Work& work) = 0;
};

}  // namespace tailor::ca
