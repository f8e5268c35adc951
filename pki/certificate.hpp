// SPDX-License-Identifier: Apache-2.0
// A parsed X.509 certificate and a parsed certificate request, as the rest of the program sees them. Making them is in
// issue.hpp, judging them in verify.hpp; docs/formats/certificates.md is the profile.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/crypto.hpp"
#include "hosted/encoding.hpp"
#include "hosted/utc_clock.hpp"
#include "pki/identity.hpp"

struct x509_st;

namespace tailor::pki {

class PrivateKey;

/// Bytes of a certificate or request that are looked at; ours have about 600.
inline constexpr size_t kMaxDerBytes = 4096;

/// A certificate with a P-256 key. Copies share the parsed form.
class Certificate {
 public:
  /// @returns kDerMalformed, kAlgorithmUnsupported for another key type, kBodyTooLarge above kMaxDerBytes
  [[nodiscard]] static Outcome<Certificate> from_der(ByteView der);
  [[nodiscard]] static Outcome<Certificate> from_pem(std::string_view pem);
  /// Reads the first certificate of a PEM file.
  [[nodiscard]] static Outcome<Certificate> read(const std::filesystem::path& path);

  [[nodiscard]] const Bytes& der() const noexcept { return der_; }
  [[nodiscard]] std::string to_pem() const;
  /// Lower-case hexadecimal without leading zero bytes.
  [[nodiscard]] const std::string& serial() const noexcept { return serial_; }
  [[nodiscard]] const std::string& common_name() const noexcept { return common_name_; }
  [[nodiscard]] UtcTime not_before() const noexcept { return not_before_; }
  [[nodiscard]] UtcTime not_after() const noexcept { return not_after_; }
  [[nodiscard]] const crypto::P256PublicKey& public_key() const noexcept { return public_key_; }
  /// The subject URI, when there is exactly one and it follows the profile.
  [[nodiscard]] const std::optional<Identity>& identity() const noexcept { return identity_; }
  /// dNSName and iPAddress entries, addresses as text.
  [[nodiscard]] const std::vector<std::string>& host_names() const noexcept { return host_names_; }
  [[nodiscard]] bool is_authority() const noexcept { return is_authority_; }

  [[nodiscard]] x509_st* handle() const noexcept { return handle_.get(); }
  friend bool operator==(const Certificate& a, const Certificate& b) { return a.der_ == b.der_; }

 private:
  Certificate() = default;

  Bytes der_;
  std::string serial_;
  std::string common_name_;
  UtcTime not_before_;
  UtcTime not_after_;
  crypto::P256PublicKey public_key_;
  std::optional<Identity> identity_;
  std::vector<std::string> host_names_;
  bool is_authority_ = false;
  std::shared_ptr<x509_st> handle_;
};

/// Reads every certificate of a PEM text or file; at least one.
[[nodiscard]] Outcome<std::vector<Certificate>> certificates_from_pem(std::string_view pem);
[[nodiscard]] Outcome<std::vector<Certificate>> read_certificates(const std::filesystem::path& path);

/// A PKCS#10 request (RFC 2986) whose signature holds: the sender has the private key.
struct CertificateRequest {
  crypto::P256PublicKey public_key;
  std::string common_name;              ///< empty when the subject has none
  std::optional<Identity> identity;     ///< from a requested subject URI
  std::vector<std::string> host_names;  ///< requested dNSName and iPAddress entries

  /// @returns kCsrInvalid for anything malformed, for another key type, and for a signature that fails
  [[nodiscard]] static Outcome<CertificateRequest> from_der(ByteView der);
  [[nodiscard]] static Outcome<CertificateRequest> from_pem(std::string_view pem);
};

/// Makes a request for `identity`: subject CN = id, subject URI and host names as requested extensions. DER.
[[nodiscard]] Outcome<Bytes> make_request(const PrivateKey& key, const Identity& identity,
                                          const std::vector<std::string>& host_names = {});
/// Makes a request that names nobody, for an enrolment whose authentication says who it is. DER.
[[nodiscard]] Outcome<Bytes> make_request(const PrivateKey& key);
[[nodiscard]] std::string request_to_pem(ByteView der);

}  // namespace tailor::pki
