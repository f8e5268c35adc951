// SPDX-License-Identifier: Apache-2.0
// P-256 keys over OpenSSL 3's provider interface.
#include "pki/key.hpp"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include <algorithm>

#include "hosted/file.hpp"
#include "pki/openssl.hpp"

namespace tailor::pki {
namespace {

constexpr const char* kGroup = "prime256v1";

/// A PEM pass-phrase callback that has none: an encrypted key is refused instead of asking on the terminal.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

Outcome<std::array<uint8_t, 32>> coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return openssl_failure(Error::kDerMalformed, "key parameter");
  const BignumPtr number(raw);
  std::array<uint8_t, 32> out{};
  if (BN_bn2binpad(number.get(), out.data(), 32) != 32) return fail(Error::kDerMalformed, "key parameter");
  return out;
}

}  // namespace

Outcome<crypto::P256PublicKey> public_key_from(const evp_pkey_st* key) {
  char group[32] = "";
  size_t length = 0;
  if (key == nullptr || EVP_PKEY_is_a(key, "EC") != 1 ||
      EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), &length) != 1 ||
      std::string_view(group, length) != kGroup) {
    ERR_clear_error();
    return fail(Error::kAlgorithmUnsupported, "key is not on P-256");
  }
  TAILOR_TRY_ASSIGN(const auto x, coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X));
  TAILOR_TRY_ASSIGN(const auto y, coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y));
  crypto::P256PublicKey out;
  std::copy(x.begin(), x.end(), out.xy.begin());
  std::copy(y.begin(), y.end(), out.xy.begin() + 32);
  return out;
}

Outcome<std::shared_ptr<evp_pkey_st>> public_key_handle(const crypto::P256PublicKey& key) {
  std::array<uint8_t, 65> point{0x04};
  std::copy(key.xy.begin(), key.xy.end(), point.begin() + 1);
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(kGroup), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()), OSSL_PARAM_END};
  EVP_PKEY* raw = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters)) != 1) {
    return openssl_failure(Error::kValueOutOfRange, "public key");
  }
  return std::shared_ptr<evp_pkey_st>(raw, EVP_PKEY_free);
}

Outcome<Bytes> public_key_to_der(const crypto::P256PublicKey& key) {
  TAILOR_TRY_ASSIGN(const auto handle, public_key_handle(key));
  return pki::to_der(handle.get(), i2d_PUBKEY);
}

Outcome<std::string> public_key_to_pem(const crypto::P256PublicKey& key) {
  TAILOR_TRY_ASSIGN(const Bytes der, public_key_to_der(key));
  return pem("PUBLIC KEY", der);
}

Outcome<crypto::P256PublicKey> public_key_from_pem(std::string_view text) {
  const BioPtr bio = memory_bio(text);
  const PkeyPtr key(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_pass_phrase, nullptr));
  if (!key) return openssl_failure(Error::kDerMalformed, "public key");
  return public_key_from(key.get());
}

Outcome<PrivateKey> PrivateKey::adopt(std::shared_ptr<evp_pkey_st> handle) {
  TAILOR_TRY_ASSIGN(const crypto::P256PublicKey public_key, public_key_from(handle.get()));
  return PrivateKey(std::move(handle), public_key);
}

Outcome<PrivateKey> PrivateKey::generate() {
  EVP_PKEY* raw = EVP_EC_gen(kGroup);
  if (raw == nullptr) return openssl_failure(Error::kEntropyFailed, "generating a key");
  return adopt(std::shared_ptr<evp_pkey_st>(raw, EVP_PKEY_free));
}

Outcome<PrivateKey> PrivateKey::from_pem(std::string_view text) {
  const BioPtr bio = memory_bio(text);
  EVP_PKEY* raw = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr);
  if (raw == nullptr) return openssl_failure(Error::kDerMalformed, "private key");
  return adopt(std::shared_ptr<evp_pkey_st>(raw, EVP_PKEY_free));
}

Outcome<PrivateKey> PrivateKey::from_der(ByteView der) {
  const uint8_t* position = der.data();
  EVP_PKEY* raw = d2i_AutoPrivateKey(nullptr, &position, static_cast<long>(der.size()));
  if (raw == nullptr) return openssl_failure(Error::kDerMalformed, "private key");
  std::shared_ptr<evp_pkey_st> handle(raw, EVP_PKEY_free);
  if (position != der.data() + der.size()) return fail(Error::kDerMalformed, "private key: trailing bytes");
  return adopt(std::move(handle));
}

Outcome<PrivateKey> PrivateKey::from_core(const crypto::P256PrivateKey& key) {
  // ECPrivateKey of RFC 5915 without the public key, which OpenSSL then computes.
  std::array<uint8_t, 51> der{0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20};
  constexpr std::array<uint8_t, 12> kNamedCurve{0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
  std::copy(key.secret_scalar().begin(), key.secret_scalar().end(), der.begin() + 7);
  std::copy(kNamedCurve.begin(), kNamedCurve.end(), der.begin() + 39);
  auto out = from_der(der);
  wipe(der);
  return out;
}

Outcome<PrivateKey> PrivateKey::read(const std::filesystem::path& path) {
  TAILOR_TRY_ASSIGN(std::string text, read_text_file(path, 65536));
  auto key = with_context(from_pem(text), path.string());
  wipe({reinterpret_cast<uint8_t*>(text.data()), text.size()});
  return key;
}

Outcome<void> PrivateKey::write(const std::filesystem::path& path) const {
  TAILOR_TRY_ASSIGN(const SecretString text, to_pem());
  return write_file(path, as_bytes(text.reveal()), FileMode::kPrivate);
}

Outcome<SecretString> PrivateKey::to_pem() const {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), handle(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return openssl_failure(Error::kCryptoFailed, "encoding a private key");
  }
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return SecretString(std::string_view(data, static_cast<size_t>(length)));
}

Outcome<SecretBytes> PrivateKey::to_der() const {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (!bio || i2d_PKCS8PrivateKey_bio(bio.get(), handle(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return openssl_failure(Error::kCryptoFailed, "encoding a private key");
  }
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return SecretBytes(as_bytes({data, static_cast<size_t>(length)}));
}

Outcome<crypto::P256PrivateKey> PrivateKey::to_core() const {
  TAILOR_TRY_ASSIGN(auto scalar, coordinate(handle(), OSSL_PKEY_PARAM_PRIV_KEY));
  const crypto::P256PrivateKey key(scalar);
  wipe(scalar);
  return key;
}

}  // namespace tailor::pki
