// SPDX-License-Identifier: Apache-2.0
// What authors sign with: one interface over keys in files (P-256, Ed25519, HSS/LMS, HMAC) and keys that never leave a
// PKCS#11 module. It signs bytes; COSE and SUIT, which say what those are, stand above it.
#pragma once

#include <memory>
#include <string>

#include "core/cose/verification_key.hpp"
#include "hosted/encoding.hpp"
#include "hosted/failure.hpp"

namespace tailor::authoring {

/// A key that makes signatures or MACs. It has no way to text.
class SigningKey {
 public:
  virtual ~SigningKey() = default;
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  /// Makes the signature (RFC 9053 2; RFC 8778) or tag (RFC 9053 3.1) over the encoded Sig_structure or MAC_structure.
  ///
  /// @returns 64 bytes for P-256 and Ed25519, 32 for HMAC, what the parameters say for HSS/LMS;
  ///          - kKeyExhausted: an HSS/LMS key has no signature left; and what keeps the key from being used
  /// @note  an HSS/LMS key uses one of its signatures up at each call, also at one that fails
  [[nodiscard]] virtual Outcome<Bytes> sign(ByteView to_be_signed) = 0;

  /// The key under which others verify; for HMAC that is the secret itself.
  [[nodiscard]] const cose::VerificationKey& verification_key() const noexcept { return verification_key_; }
  /// ESP256 -9, Ed25519 -19, HSS-LMS -46 or HMAC 256/256 5.
  [[nodiscard]] int64_t cose_algorithm() const noexcept;
  /// The key's thumbprint, which serves as its key id (RFC 9679).
  [[nodiscard]] Outcome<Bytes> key_id() const;

 protected:
  explicit SigningKey(const cose::VerificationKey& verification_key) noexcept : verification_key_(verification_key) {}

 private:
  cose::VerificationKey verification_key_;
};

/// Opens a key by the name a person gives: a file (PKCS#8 or SEC1 in PEM, a symmetric COSE_Key, an HSS/LMS key file),
/// or "pkcs11:..." (RFC 7512).
///
/// @returns kFileFailed; kDerMalformed, kRecordMalformed and what cose::decode_key() gives for a file that is no key;
///          - kAlgorithmUnsupported for a key that signs nothing of ours; - kUsageInvalid: a public key
[[nodiscard]] Outcome<std::unique_ptr<SigningKey>> open_signing_key(const std::string& name);

/// Keys whose secret is at hand.
[[nodiscard]] Outcome<std::unique_ptr<SigningKey>> signing_key_of(const crypto::P256PrivateKey& key);
[[nodiscard]] Outcome<std::unique_ptr<SigningKey>> signing_key_of(const crypto::Ed25519PrivateKey& key);
/// @param secret  16 to 64 bytes
[[nodiscard]] Outcome<std::unique_ptr<SigningKey>> hmac_key_of(ByteView secret);

}  // namespace tailor::authoring
