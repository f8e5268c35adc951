// SPDX-License-Identifier: Apache-2.0
// The rules of the certificate authority: who gets a certificate for what, once or again; renewal, revocation,
// retirement. Pure decisions over Records and a clock; knows no HTTP, CoAP, SQL or socket. Thread-safe.
#pragma once

#include <chrono>
#include <mutex>
#include <span>
#include <vector>

#include "hosted/secret.hpp"
#include "pki/crl.hpp"
#include "pki/issue.hpp"
#include "services/ca/domain/records.hpp"
#include "services/ca/domain/vault.hpp"

namespace tailor::ca {

/// Durations that the operator may set.
struct Policy {
  std::chrono::seconds device_validity = std::chrono::hours(24 * 365);
  std::chrono::seconds server_validity = std::chrono::hours(24 * 365);
  std::chrono::seconds operator_validity = std::chrono::hours(24 * 90);
  /// Certificates start this long ago, because clocks of constrained devices are late.
  std::chrono::seconds backdate = std::chrono::hours(1);
  std::chrono::seconds code_lifetime = std::chrono::hours(24);
  std::chrono::seconds crl_validity = std::chrono::hours(24 * 7);
};

struct NewCode {
  pki::Role role = pki::Role::kOperator;
  std::string tenant = "default";
  std::optional<Uuid> id;  ///< a random one when it is not set
  std::vector<std::string> host_names;
  std::optional<std::chrono::seconds> lifetime;  ///< Policy::code_lifetime when it is not set
};

struct IssuedCode {
  SecretString code;  ///< shown once; the ledger keeps its hash
  pki::Identity subject;
  UtcTime expires_at;
};

struct NewDevice {
  Uuid id;
  std::string tenant = "default";
  SecretBytes secret;      ///< empty: enrols with its factory certificate only
  unsigned key_pairs = 2;  ///< most certificates that one enrolment may give: 1 or 2
};

class Authority {
 public:
  /// @param factory_anchors  manufacturers' roots, for `idevid` mode
  Authority(pki::Issuer issuer, Policy policy, Vault vault, std::vector<pki::Certificate> factory_anchors,
            Ledger& ledger, const UtcClock& clock);

  // --- enrolment: all take the DER of a PKCS#10 request, and refuse with kCsrInvalid or kCertificateProfile ----------

  /// Spends a one-time code.
  /// @param user  the role's name: a code for an operator cannot be spent by mistake as a server's
  /// @returns kEnrolmentCodeInvalid when the code is unknown, used, expired or for another role
  [[nodiscard]] Outcome<pki::Certificate> enrol_with_code(std::string_view user, const SecretString& code,
                                                          ByteView request);
  /// Enrols a device that proved to know its pre-shared key of this generation.
  ///
  /// One generation is one transaction of up to DeviceRecord::key_pairs keys. The same key again gets the same
  /// certificate, until one certificate of the transaction was used or a higher generation began.
  /// @returns kPskUnknown, kPskSpent, kDeviceRetired
  [[nodiscard]] Outcome<pki::Certificate> enrol_with_psk(const Uuid& device, uint32_t generation, ByteView request);
  /// Enrols a device by its factory certificate (RFC 9148).
  /// @returns kCertificateInvalid, kCertificateProfile; kNotFound when the device is not registered; kDeviceRetired
  [[nodiscard]] Outcome<pki::Certificate> enrol_with_factory_certificate(const pki::Certificate& factory,
                                                                         ByteView request);
  /// Renews: same subject and host names, any key. The current certificate stays valid until its own end.
  /// @returns what authenticate() returns for the current one
  [[nodiscard]] Outcome<pki::Certificate> renew(const pki::Certificate& current, ByteView request);

  // --- who is who ----------------------------------------------------------------------------------------------------

  /// Tells whose certificate it is, and remembers that it was used.
  /// @returns kCertificateInvalid, kCertificateExpired, kCertificateRevoked, kCertificateProfile, kDeviceRetired
  [[nodiscard]] Outcome<pki::Identity> authenticate(const pki::Certificate& certificate);
  /// The same without remembering a use: for a certificate whose holder has not yet proved to have the key.
  [[nodiscard]] Outcome<pki::Identity> check(const pki::Certificate& certificate);
  /// True when a manufacturer's root issued it: to be tried with enrol_with_factory_certificate().
  [[nodiscard]] bool is_factory_certificate(const pki::Certificate& certificate) const;
  /// Derives a device's pre-shared key for the handshake. Whether its generation is spent is told by enrol_with_psk(),
  /// in words, not by a failing handshake.
  /// @returns kPskUnknown
  [[nodiscard]] Outcome<SecretBytes> pre_shared_key(const Uuid& device, uint32_t generation);

  // --- administration ------------------------------------------------------------------------------------------------

  /// @returns kValueOutOfRange for a role device, a bad tenant, host names of an operator, or a lifetime below 1 s
  [[nodiscard]] Outcome<IssuedCode> issue_code(const NewCode& code);
  /// Registers a device, or starts one anew that was retired.
  /// @returns kAlreadyExists; kValueOutOfRange for a secret under 16 bytes or key_pairs other than 1 and 2
  [[nodiscard]] Outcome<void> register_device(const NewDevice& device);
  [[nodiscard]] Outcome<DeviceRecord> device(const Uuid& id);
  /// Revokes every certificate of a device and lets it enrol no more.
  [[nodiscard]] Outcome<void> retire_device(const Uuid& id);
  [[nodiscard]] Outcome<CertificateRecord> certificate(const std::string& serial);
  [[nodiscard]] Outcome<std::vector<CertificateRecord>> certificates(const CertificateFilter& filter,
                                                                     const CertificateCursor& after, size_t limit);
  /// @returns kNotFound; revoking again changes nothing
  [[nodiscard]] Outcome<void> revoke(const std::string& serial, pki::RevocationReason reason);
  /// Notes that a server saw this certificate: it ends the enrolment transaction that it came from.
  [[nodiscard]] Outcome<void> note_use(const std::string& serial);
  /// The revocation list in force; a new one is made when something was revoked or half of its time is over.
  [[nodiscard]] Outcome<pki::Crl> crl();
  /// Issues a certificate for a service of this authority itself.
  [[nodiscard]] Outcome<pki::Certificate> issue_for_service(const pki::Identity& subject,
                                                            const crypto::P256PublicKey& key,
                                                            const std::vector<std::string>& host_names);

  [[nodiscard]] const pki::Certificate& root() const noexcept { return issuer_.certificate; }

 private:
  struct Grant;  // what an authenticated request is entitled to
  [[nodiscard]] Outcome<pki::Certificate> issue(Records& records, const Grant& grant,
                                                const crypto::P256PublicKey& key) const;
  [[nodiscard]] Outcome<pki::Identity> verify_own(const pki::Certificate& certificate) const;
  [[nodiscard]] Outcome<void> check_not_withdrawn(Records& records, const pki::Certificate& certificate,
                                                  const pki::Identity& subject) const;
  [[nodiscard]] bool is_fresh(const std::optional<CrlRecord>& stored) const;
  [[nodiscard]] std::chrono::seconds validity_of(pki::Role role) const;

  const pki::Issuer issuer_;
  const Policy policy_;
  const Vault vault_;
  const std::vector<pki::Certificate> anchors_;
  const std::vector<pki::Certificate> factory_anchors_;
  Ledger& ledger_;
  const UtcClock& clock_;
};

}  // namespace tailor::ca
