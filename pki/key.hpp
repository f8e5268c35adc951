// SPDX-License-Identifier: Apache-2.0
// P-256 keys of hosted programs: making, PEM and PKCS#8 files, and the way to and from the key types of the core.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "core/crypto/crypto.hpp"
#include "hosted/encoding.hpp"
#include "hosted/failure.hpp"
#include "hosted/secret.hpp"

struct evp_pkey_st;

namespace tailor::pki {

/// A private key; copies share it. It has no way to a log.
class PrivateKey {
 public:
  [[nodiscard]] static Outcome<PrivateKey> generate();
  /// Reads PKCS#8 or SEC1, unencrypted. @returns kDerMalformed, or kAlgorithmUnsupported for another curve
  [[nodiscard]] static Outcome<PrivateKey> from_pem(std::string_view pem);
  [[nodiscard]] static Outcome<PrivateKey> from_der(ByteView der);
  [[nodiscard]] static Outcome<PrivateKey> from_core(const crypto::P256PrivateKey& key);
  /// Reads a PEM file; a missing file is kNotFound.
  [[nodiscard]] static Outcome<PrivateKey> read(const std::filesystem::path& path);

  /// Writes PKCS#8 as PEM, readable by the owner alone.
  [[nodiscard]] Outcome<void> write(const std::filesystem::path& path) const;
  [[nodiscard]] Outcome<SecretString> to_pem() const;
  /// PKCS#8.
  [[nodiscard]] Outcome<SecretBytes> to_der() const;
  [[nodiscard]] Outcome<crypto::P256PrivateKey> to_core() const;
  [[nodiscard]] const crypto::P256PublicKey& public_key() const noexcept { return public_key_; }

  [[nodiscard]] evp_pkey_st* handle() const noexcept { return handle_.get(); }

 private:
  PrivateKey(std::shared_ptr<evp_pkey_st> handle, const crypto::P256PublicKey& public_key)
      : handle_(std::move(handle)), public_key_(public_key) {}
  [[nodiscard]] static Outcome<PrivateKey> adopt(std::shared_ptr<evp_pkey_st> handle);

  std::shared_ptr<evp_pkey_st> handle_;
  crypto::P256PublicKey public_key_;
};

/// Takes the point out of an OpenSSL key. @returns kAlgorithmUnsupported unless it is on P-256
[[nodiscard]] Outcome<crypto::P256PublicKey> public_key_from(const evp_pkey_st* key);
/// Makes an OpenSSL key. @returns kValueOutOfRange for a point that is not on the curve
[[nodiscard]] Outcome<std::shared_ptr<evp_pkey_st>> public_key_handle(const crypto::P256PublicKey& key);

/// SubjectPublicKeyInfo (RFC 5480) as DER and PEM.
[[nodiscard]] Outcome<Bytes> public_key_to_der(const crypto::P256PublicKey& key);
[[nodiscard]] Outcome<std::string> public_key_to_pem(const crypto::P256PublicKey& key);
[[nodiscard]] Outcome<crypto::P256PublicKey> public_key_from_pem(std::string_view pem);

}  // namespace tailor::pki
