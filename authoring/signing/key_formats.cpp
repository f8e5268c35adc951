// SPDX-License-Identifier: Apache-2.0
#include "authoring/signing/key_formats.hpp"

#include "authoring/hss/key_file.hpp"
#include "authoring/signing/signing_key.hpp"
#include "core/cose/encoder/private_key.hpp"
#include "core/cose/key.hpp"
#include "hosted/file.hpp"
#include "pki/certificate.hpp"
#include "pki/key.hpp"
#include "pki/openssl.hpp"

namespace tailor::authoring {
namespace {

int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

Outcome<cose::VerificationKey> verification_key_of(const crypto::Ed25519PublicKey& key) {
  return with_context(cose::VerificationKey::from_bytes(cose::KeyKind::kEd25519, key.bytes), "public key");
}

Outcome<cose::VerificationKey> verification_key_of(const PrivateKey& key) {
  if (const auto* p256 = std::get_if<crypto::P256PrivateKey>(&key)) {
    TAILOR_TRY_ASSIGN(const crypto::P256PublicKey found, with_context(crypto::public_key_of(*p256), "private key"));
    return cose::VerificationKey(found);
  }
  TAILOR_TRY_ASSIGN(const crypto::Ed25519PublicKey found,
                    with_context(crypto::public_key_of(std::get<crypto::Ed25519PrivateKey>(key)), "private key"));
  return verification_key_of(found);
}

Outcome<cose::VerificationKey> public_key_from_pem(std::string_view text) {
  const pki::BioPtr bio = pki::memory_bio(text);
  const pki::PkeyPtr key(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_pass_phrase, nullptr));
  if (!key) return pki::openssl_failure(Error::kDerMalformed, "public key");
  if (EVP_PKEY_is_a(key.get(), "ED25519") == 1) {
    crypto::Ed25519PublicKey found;
    size_t size = found.bytes.size();
    if (EVP_PKEY_get_raw_public_key(key.get(), found.bytes.data(), &size) != 1) {
      return pki::openssl_failure(Error::kDerMalformed, "public key");
    }
    return verification_key_of(found);
  }
  TAILOR_TRY_ASSIGN(const crypto::P256PublicKey found, pki::public_key_from(key.get()));
  return cose::VerificationKey(found);
}

}  // namespace

Outcome<PrivateKey> private_key_from_pem(std::string_view text) {
  const pki::BioPtr bio = pki::memory_bio(text);
  const pki::PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
  if (!key) return pki::openssl_failure(Error::kDerMalformed, "private key");
  if (EVP_PKEY_is_a(key.get(), "ED25519") == 1) {
    std::array<uint8_t, 32> seed{};
    size_t size = seed.size();
    if (EVP_PKEY_get_raw_private_key(key.get(), seed.data(), &size) != 1) {
      return pki::openssl_failure(Error::kDerMalformed, "private key");
    }
    const crypto::Ed25519PrivateKey found{seed};
    wipe(seed);
    return PrivateKey(found);
  }
  TAILOR_TRY_ASSIGN(const pki::PrivateKey p256, pki::PrivateKey::from_pem(text));
  TAILOR_TRY_ASSIGN(const crypto::P256PrivateKey found, p256.to_core());
  return PrivateKey(found);
}

Outcome<SecretString> private_key_to_pem(const crypto::Ed25519PrivateKey& key) {
  const pki::PkeyPtr handle(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key.secret_bytes().data(), key.secret_bytes().size()));
  const pki::BioPtr bio(BIO_new(BIO_s_secmem()));
  if (!handle || !bio ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), handle.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return pki::openssl_failure(Error::kCryptoFailed, "writing a private key");
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return SecretString({text, static_cast<size_t>(size)});
}

Outcome<std::string> public_key_to_pem(const crypto::Ed25519PublicKey& key) {
  const pki::PkeyPtr handle(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
  if (!handle) return pki::openssl_failure(Error::kValueOutOfRange, "public key");
  TAILOR_TRY_ASSIGN(const Bytes der, pki::to_der(handle.get(), i2d_PUBKEY));
  return pki::pem("PUBLIC KEY", der);
}

Outcome<cose::VerificationKey> read_verification_key(const std::filesystem::path& path) {
  const Outcome<Bytes> content = read_file(path);
  if (!content.ok()) {
    const bool missing = content.error().code == Error::kNotFound;
    return fail(missing ? Error::kFileFailed : content.error().code, content.error().context);
  }
  if (is_hss_key_file(content.value())) {
    TAILOR_TRY_ASSIGN(const HssKeyFile key, with_context(decode_hss_key(content.value()), path.string()));
    return with_context(cose::VerificationKey::from_bytes(cose::KeyKind::kHssLms, key.public_key), path.string());
  }
  const std::string_view text = as_text(content.value());
  if (text.find("-----BEGIN ") == std::string_view::npos) {
    const auto key = cose::decode_key(content.value());
    if (key.ok()) return key->key;
    if (cose::decode_private_key(content.value()).ok()) {
      TAILOR_TRY_ASSIGN(const std::unique_ptr<SigningKey> own, open_signing_key(path.string()));
      return own->verification_key();
    }
    return fail(key.error(), path.string() + ": neither PEM nor a COSE_Key");
  }
  if (text.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos) {
    TAILOR_TRY_ASSIGN(const pki::Certificate certificate,
                      with_context(pki::Certificate::from_pem(text), path.string()));
    return cose::VerificationKey(certificate.public_key());
  }
  if (text.find("PRIVATE KEY-----") != std::string_view::npos) {
    TAILOR_TRY_ASSIGN(const PrivateKey key, with_context(private_key_from_pem(text), path.string()));
    return with_context(verification_key_of(key), path.string());
  }
  return with_context(public_key_from_pem(text), path.string());
}

}  // namespace tailor::authoring
