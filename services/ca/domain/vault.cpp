// SPDX-License-Identifier: Apache-2.0
// AES-256-GCM over OpenSSL: version 1 || nonce (12) || ciphertext || tag (16), with the device id as additional data.
#include "services/ca/domain/vault.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

#include "hosted/file.hpp"

namespace tailor::ca {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kOverhead = 1 + kNonceBytes + kTagBytes;
constexpr std::string_view kPurpose = "tailor ca secret";

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherFree>;

Bytes additional_data(const Uuid& device) {
  Bytes out(kPurpose.begin(), kPurpose.end());
  out.push_back(kVersion);
  out.insert(out.end(), device.bytes.begin(), device.bytes.end());
  return out;
}

int int_of(size_t size) {
  return static_cast<int>(size);
}

}  // namespace

Outcome<void> Vault::create_key(const std::filesystem::path& path) {
  if (std::filesystem::exists(path)) return fail(Error::kAlreadyExists, path.string());
  SecretBytes key = SecretBytes::of_size(kKeyBytes);
  if (RAND_bytes(key.reveal_mutable().data(), int_of(kKeyBytes)) != 1) return fail(Error::kEntropyFailed);
  const SecretString text(to_hex(key.reveal()) + "\n");
  return write_file(path, as_bytes(text.reveal()), FileMode::kPrivate);
}

Outcome<Vault> Vault::open_key(const std::filesystem::path& path) {
  TAILOR_TRY_ASSIGN(std::string text, read_text_file(path, 4096));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  auto key = from_hex(text);
  wipe({reinterpret_cast<uint8_t*>(text.data()), text.size()});
  if (!key.ok() || key->size() != kKeyBytes) {
    return fail(Error::kRecordMalformed, path.string() + ": not 64 hexadecimal digits");
  }
  Vault vault{SecretBytes(*key)};
  wipe(*key);
  return vault;
}

Outcome<Bytes> Vault::seal(const Uuid& device, ByteView secret) const {
  Bytes out(kOverhead + secret.size());
  out[0] = kVersion;
  uint8_t* const nonce = out.data() + 1;
  uint8_t* const text = nonce + kNonceBytes;
  const Bytes additional = additional_data(device);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  if (RAND_bytes(nonce, int_of(kNonceBytes)) != 1) return fail(Error::kEntropyFailed);
  if (!cipher || EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.reveal().data(), nonce) != 1 ||
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, additional.data(), int_of(additional.size())) != 1 ||
      EVP_EncryptUpdate(cipher.get(), text, &length, secret.data(), int_of(secret.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), text + length, &length) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, int_of(kTagBytes), text + secret.size()) != 1) {
    return fail(Error::kCryptoFailed, "sealing a secret");
  }
  return out;
}

Outcome<SecretBytes> Vault::open(const Uuid& device, ByteView sealed) const {
  const Failure damaged = fail(Error::kRecordMalformed, "sealed secret does not open");
  if (sealed.size() < kOverhead || sealed[0] != kVersion) return damaged;
  const ByteView nonce = sealed.subspan(1, kNonceBytes);
  const ByteView text = sealed.subspan(1 + kNonceBytes, sealed.size() - kOverhead);
  const ByteView tag = sealed.last(kTagBytes);
  const Bytes additional = additional_data(device);
  SecretBytes out = SecretBytes::of_size(text.size());
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  uint8_t rest[16];
  if (!cipher ||
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.reveal().data(), nonce.data()) != 1 ||
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, additional.data(), int_of(additional.size())) != 1 ||
      EVP_DecryptUpdate(cipher.get(), out.reveal_mutable().data(), &length, text.data(), int_of(text.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, int_of(kTagBytes), const_cast<uint8_t*>(tag.data())) !=
          1 ||
      EVP_DecryptFinal_ex(cipher.get(), rest, &length) != 1) {
    return damaged;
  }
  return out;
}

}  // namespace tailor::ca
