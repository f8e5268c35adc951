// SPDX-License-Identifier: Apache-2.0
#include "authoring/signing/signing_key.hpp"

#include <algorithm>

#include "authoring/hss/hss_key.hpp"
#include "authoring/signing/key_formats.hpp"
#include "authoring/signing/pkcs11_key.hpp"
#include "core/cose/algorithms.hpp"
#include "core/cose/encoder/private_key.hpp"
#include "core/cose/key.hpp"
#include "hosted/file.hpp"

namespace tailor::authoring {
namespace {

class P256Key final : public SigningKey {
 public:
  P256Key(const crypto::P256PrivateKey& key, const crypto::P256PublicKey& public_key)
      : SigningKey(public_key), key_(key) {}
  Outcome<Bytes> sign(ByteView to_be_signed) override {
    TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, with_context(crypto::sha256(to_be_signed), "signing"));
    TAILOR_TRY_ASSIGN(const crypto::P256Signature signature, with_context(crypto::sign_p256(key_, digest), "signing"));
    return Bytes(signature.begin(), signature.end());
  }

 private:
  crypto::P256PrivateKey key_;
};

class Ed25519Key final : public SigningKey {
 public:
  Ed25519Key(const crypto::Ed25519PrivateKey& key, const cose::VerificationKey& public_key)
      : SigningKey(public_key), key_(key) {}
  Outcome<Bytes> sign(ByteView to_be_signed) override {
    TAILOR_TRY_ASSIGN(const crypto::Ed25519Signature signature,
                      with_context(crypto::sign_ed25519(key_, to_be_signed), "signing"));
    return Bytes(signature.begin(), signature.end());
  }

 private:
  crypto::Ed25519PrivateKey key_;
};

class HmacKey final : public SigningKey {
 public:
  explicit HmacKey(const cose::VerificationKey& key) : SigningKey(key) {}
  Outcome<Bytes> sign(ByteView to_be_signed) override {
    TAILOR_TRY_ASSIGN(const crypto::Sha256Digest tag,
                      with_context(crypto::hmac_sha256(verification_key().bytes(), to_be_signed), "tag"));
    return Bytes(tag.begin(), tag.end());
  }
};

template <typename Key>
Outcome<std::unique_ptr<SigningKey>> curve_key_of(ByteView secret) {
  std::array<uint8_t, 32> bytes{};
  std::copy_n(secret.begin(), bytes.size(), bytes.begin());
  const Key key{bytes};
  wipe(bytes);
  return signing_key_of(key);
}

Outcome<std::unique_ptr<SigningKey>> signing_key_of(const cose::PrivateKey& key) {
  switch (key.kind()) {
    case cose::PrivateKeyKind::kP256:
      return curve_key_of<crypto::P256PrivateKey>(key.secret_bytes());
    case cose::PrivateKeyKind::kEd25519:
      return curve_key_of<crypto::Ed25519PrivateKey>(key.secret_bytes());
    case cose::PrivateKeyKind::kSymmetric:
      return hmac_key_of(key.secret_bytes());
    default:
      return fail(Error::kAlgorithmUnsupported, "an X25519 key signs nothing");
  }
}

/// Whether a key's algorithm, if it names one, is that of its signatures, by its new or its old name (RFC 9864).
bool may_sign(int64_t named, int64_t algorithm) {
  return named == 0 || named == algorithm ||
         (named == cose::algorithm::kEs256 && algorithm == cose::algorithm::kEsp256) ||
         (named == cose::algorithm::kEdDsa && algorithm == cose::algorithm::kEd25519);
}

/// A COSE_Key file with a private or secret part.
Outcome<std::unique_ptr<SigningKey>> open_cose_key(ByteView content, const std::string& name) {
  const auto key = cose::decode_private_key(content);
  if (!key.ok()) {
    if (cose::decode_key(content).ok()) return fail(Error::kUsageInvalid, name + ": a public key signs nothing");
    return fail(key.error(), name + ": neither PEM, COSE_Key nor HSS/LMS key");
  }
  TAILOR_TRY_ASSIGN(std::unique_ptr<SigningKey> made, with_context(signing_key_of(*key), name));
  if (!may_sign(key->algorithm, made->cose_algorithm())) {
    return fail(Error::kAlgorithmUnsupported, name + ": the key is for algorithm " + std::to_string(key->algorithm));
  }
  return made;
}

}  // namespace

int64_t SigningKey::cose_algorithm() const noexcept {
  switch (verification_key_.kind()) {
    case cose::KeyKind::kP256:
      return cose::algorithm::kEsp256;
    case cose::KeyKind::kEd25519:
      return cose::algorithm::kEd25519;
    case cose::KeyKind::kHssLms:
      return cose::algorithm::kHssLms;
    default:
      return cose::algorithm::kHmac256;
  }
}

Outcome<Bytes> SigningKey::key_id() const {
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, with_context(cose::thumbprint(verification_key_), "thumbprint"));
  return Bytes(digest.begin(), digest.end());
}

Outcome<std::unique_ptr<SigningKey>> signing_key_of(const crypto::P256PrivateKey& key) {
  TAILOR_TRY_ASSIGN(const crypto::P256PublicKey public_key, with_context(crypto::public_key_of(key), "private key"));
  return std::unique_ptr<SigningKey>(std::make_unique<P256Key>(key, public_key));
}

Outcome<std::unique_ptr<SigningKey>> signing_key_of(const crypto::Ed25519PrivateKey& key) {
  TAILOR_TRY_ASSIGN(const crypto::Ed25519PublicKey public_key, with_context(crypto::public_key_of(key), "private key"));
  TAILOR_TRY_ASSIGN(
      const cose::VerificationKey verification,
      with_context(cose::VerificationKey::from_bytes(cose::KeyKind::kEd25519, public_key.bytes), "public key"));
  return std::unique_ptr<SigningKey>(std::make_unique<Ed25519Key>(key, verification));
}

Outcome<std::unique_ptr<SigningKey>> hmac_key_of(ByteView secret) {
  TAILOR_TRY_ASSIGN(const cose::VerificationKey key,
                    with_context(cose::VerificationKey::from_bytes(cose::KeyKind::kHmac256, secret), "HMAC key"));
  return std::unique_ptr<SigningKey>(std::make_unique<HmacKey>(key));
}

Outcome<std::unique_ptr<SigningKey>> open_signing_key(const std::string& name) {
  if (is_pkcs11_uri(name)) return open_pkcs11_key(name);
  Outcome<Bytes> content = read_file(name);
  if (!content.ok()) {
    const bool missing = content.error().code == Error::kNotFound;
    return fail(missing ? Error::kFileFailed : content.error().code, content.error().context);
  }
  const SecretBytes secret(content.value());
  wipe(content.value());
  if (is_hss_key_file(secret.reveal())) return open_hss_key(name, secret.reveal());
  const std::string_view text = as_text(secret.reveal());
  if (text.find("-----BEGIN ") == std::string_view::npos) return open_cose_key(secret.reveal(), name);
  TAILOR_TRY_ASSIGN(const PrivateKey key, with_context(private_key_from_pem(text), name));
  return std::visit([](const auto& kind) { return signing_key_of(kind); }, key);
}

}  // namespace tailor::authoring
