// SPDX-License-Identifier: Apache-2.0
// Owner of one parsed certificate of Mbed TLS, and what this folder reads out of it. Internal to
// crypto_backends/psa/x509.
#pragma once

#include <mbedtls/x509_crt.h>

#include "core/crypto/crypto.hpp"

namespace tailor::x509 {

/// A certificate that refers to the DER it was made from.
class Certificate {
 public:
  Certificate() noexcept { mbedtls_x509_crt_init(&crt_); }
  ~Certificate() { mbedtls_x509_crt_free(&crt_); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  /// @returns kDerMalformed unless `der` is exactly one certificate; kAllocationFailed
  [[nodiscard]] Status parse(ByteView der) noexcept;

  /// @returns kCertificateProfile for any other key than one on P-256
  [[nodiscard]] Result<crypto::P256PublicKey> public_key() const noexcept;
  /// True for ecdsa-with-SHA256.
  [[nodiscard]] bool signed_with_profile_algorithm() const noexcept;
  [[nodiscard]] bool is_authority() const noexcept;
  /// Whether `authority` issued this certificate: names, its right to, and the signature.
  [[nodiscard]] Status check_issued_by(const Certificate& authority) const noexcept;
  [[nodiscard]] ByteView serial() const noexcept { return {crt_.serial.p, crt_.serial.len}; }
  [[nodiscard]] ByteView subject() const noexcept { return {crt_.subject_raw.p, crt_.subject_raw.len}; }
  [[nodiscard]] uint64_t not_before() const noexcept;
  [[nodiscard]] uint64_t not_after() const noexcept;
  /// The only URI among the alternative names.
  /// @returns kCertificateProfile when there is none or more than one
  [[nodiscard]] Result<std::string_view> only_uri() const noexcept;

 private:
  mbedtls_x509_crt crt_;
};

/// Seconds since 1970 of a date of Mbed TLS.
[[nodiscard]] uint64_t to_unix_seconds(const mbedtls_x509_time& time) noexcept;

/// Reads an ECDSA-Sig-Value (RFC 3279 2.2.3) into r and s of 32 bytes.
/// @returns kDerMalformed for anything that is not strict DER of two numbers of at most 32 bytes
[[nodiscard]] Result<crypto::P256Signature> read_ecdsa_signature(ByteView der) noexcept;

}  // namespace tailor::x509
