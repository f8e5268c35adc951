// SPDX-License-Identifier: Apache-2.0
// Who may open a secured CoAP session, and as whom. The front asks during the handshake; services and the CLI answer,
// mostly with CertificatePolicy.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/coap/peer.hpp"
#include "core/crypto/crypto.hpp"
#include "crypto_backends/psa/x509/identity.hpp"
#include "crypto_backends/psa/x509/revocation_list.hpp"
#include "hosted/failure.hpp"
#include "hosted/utc_clock.hpp"

namespace tailor::net {

/// Who the peer is, once it has proved it.
struct Admission {
  std::string tenant;
  coap::PeerRole role = coap::PeerRole::kNone;
  Uuid id{};

  /// What was shown for it, to be judged again while the session lasts.
  struct Certificate {
    std::array<uint8_t, x509::kSerialBytes> serial{};
    uint8_t serial_bytes = 0;
    uint8_t authority = 0;      ///< index among the policy's
    uint64_t usable_until = 0;  ///< UTC seconds since 1970
  };
  std::optional<Certificate> certificate{};
  std::optional<crypto::P256PublicKey> key{};  ///< of that certificate
};

/// Answers come from every network thread at once.
class AccessPolicy {
 public:
  AccessPolicy() = default;
  AccessPolicy(const AccessPolicy&) = delete;
  AccessPolicy& operator=(const AccessPolicy&) = delete;
  virtual ~AccessPolicy() = default;

  /// Judges a certificate (DER, the peer's own first): issuer, dates, revocation, role, whitelist.
  /// @returns the error that log and diagnostics will name
  [[nodiscard]] virtual Result<Admission> admit_certificate(std::span<const ByteView> chain) noexcept = 0;
  /// Judges somebody again who was admitted before, and has a session since.
  /// @returns the error that ends the session
  [[nodiscard]] virtual Status review(const Admission& admission) noexcept;
  /// Writes the key of a PSK identity into `out` (dtls::kPskBytes) and returns what was written.
  [[nodiscard]] virtual Result<ByteView> find_psk(ByteView identity, MutableBytes out) noexcept;
  /// Says who has proved that it holds that key.
  [[nodiscard]] virtual Result<Admission> admit_psk(ByteView identity) noexcept;
};

/// Admits certificates of our profile that one of the authorities issued.
class CertificatePolicy : public AccessPolicy {
 public:
  struct Rules {
    std::vector<std::vector<uint8_t>> authorities;  ///< DER certificates
    std::vector<coap::PeerRole> roles;              ///< who may come; empty: nobody
    const UtcClock* clock = nullptr;                ///< null: dates are not checked
    /// The last word on an authentic certificate, e.g. a whitelist of (role, id); null: no more questions.
    std::function<Status(const x509::PeerIdentity&)> last_word{};
  };

  explicit CertificatePolicy(Rules rules) : rules_(std::move(rules)) {}

  /// Puts a fresh revocation list (DER) into force; it must be of one of the authorities.
  /// @returns what RevocationList::parse() returns; the list in force stays then
  [[nodiscard]] Status set_revocations(ByteView list) noexcept;

  [[nodiscard]] Result<Admission> admit_certificate(std::span<const ByteView> chain) noexcept override;
  /// @returns kCertificateRevoked, kCertificateExpired
  [[nodiscard]] Status review(const Admission& admission) noexcept override;

 private:
  struct Revocations {
    size_t authority;
    x509::RevocationList list;
  };
  [[nodiscard]] Status check_revocations(size_t authority, ByteView serial) noexcept;
  /// UTC seconds since 1970; nothing without a clock.
  [[nodiscard]] std::optional<uint64_t> now() const noexcept;

  const Rules rules_;
  std::shared_ptr<const std::vector<Revocations>> revocations_;  ///< read and replaced atomically
};

}  // namespace tailor::net
