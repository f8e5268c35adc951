// SPDX-License-Identifier: Apache-2.0
// AEAD and random numbers of the crypto contract over OpenSSL 3.
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <climits>
#include <memory>

#include "core/crypto/crypto.hpp"

namespace tailor::crypto {
namespace {

struct Suite {
  const EVP_CIPHER* cipher;
  bool is_ccm;
  int nonce_bytes;
  int tag_bytes;
};

constexpr size_t kKeyBytes = 16;

Suite suite_of(AeadAlgorithm algorithm) noexcept {
  static EVP_CIPHER* const gcm = EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr);
  static EVP_CIPHER* const ccm = EVP_CIPHER_fetch(nullptr, "AES-128-CCM", nullptr);
  if (algorithm == AeadAlgorithm::kA128Gcm) return {gcm, false, 12, 16};
  return {ccm, true, 13, 8};
}

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// Steps in the order that OpenSSL's manual gives for CCM; GCM takes the same, less the length.
bool prepare(EVP_CIPHER_CTX* context, const Suite& suite, ByteView key, ByteView nonce, ByteView additional,
             ByteView tag, int text_bytes, bool seal) noexcept {
  int ignored = 0;
  uint8_t* expected_tag = tag.empty() ? nullptr : const_cast<uint8_t*>(tag.data());  // only read by SET_TAG
  return EVP_CipherInit_ex2(context, suite.cipher, nullptr, nullptr, seal ? 1 : 0, nullptr) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, suite.nonce_bytes, nullptr) == 1 &&
         (!(suite.is_ccm || !seal) ||
          EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, suite.tag_bytes, expected_tag) == 1) &&
         EVP_CipherInit_ex2(context, nullptr, key.data(), nonce.data(), seal ? 1 : 0, nullptr) == 1 &&
         (!suite.is_ccm || EVP_CipherUpdate(context, nullptr, &ignored, nullptr, text_bytes) == 1) &&
         (additional.empty() ||
          EVP_CipherUpdate(context, nullptr, &ignored, additional.data(), static_cast<int>(additional.size())) == 1);
}

Status check_sizes(const Suite& suite, ByteView key, ByteView nonce, ByteView additional, ByteView text) noexcept {
  if (suite.cipher == nullptr) return Error::kAlgorithmUnsupported;
  if (key.size() != kKeyBytes || nonce.size() != static_cast<size_t>(suite.nonce_bytes)) return Error::kValueOutOfRange;
  if (additional.size() > INT_MAX || text.size() > INT_MAX) return Error::kValueOutOfRange;
  return kOk;
}

constexpr uint8_t kNothing[1] = {0};  // a null input means "additional data" or "length" to OpenSSL

}  // namespace

Result<ByteView> aead_seal(AeadAlgorithm algorithm, ByteView key, ByteView nonce, ByteView additional,
                           ByteView plaintext, MutableBytes out) noexcept {
  const Suite suite = suite_of(algorithm);
  TAILOR_TRY(check_sizes(suite, key, nonce, additional, plaintext));
  const size_t total = plaintext.size() + static_cast<size_t>(suite.tag_bytes);
  if (out.size() < total) return Error::kBufferTooSmall;
  const auto text_bytes = static_cast<int>(plaintext.size());
  const Context context{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
  int written = 0;
  int more = 0;
  if (context == nullptr || !prepare(context.get(), suite, key, nonce, additional, {}, text_bytes, true) ||
      EVP_CipherUpdate(context.get(), out.data(), &written, plaintext.empty() ? kNothing : plaintext.data(),
                       text_bytes) != 1 ||
      EVP_CipherFinal_ex(context.get(), out.data() + written, &more) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, suite.tag_bytes, out.data() + plaintext.size()) != 1) {
    return Error::kCryptoFailed;
  }
  return ByteView{out.first(total)};
}

Result<ByteView> aead_open(AeadAlgorithm algorithm, ByteView key, ByteView nonce, ByteView additional,
                           ByteView ciphertext_and_tag, MutableBytes out) noexcept {
  const Suite suite = suite_of(algorithm);
  TAILOR_TRY(check_sizes(suite, key, nonce, additional, ciphertext_and_tag));
  const auto tag_bytes = static_cast<size_t>(suite.tag_bytes);
  if (ciphertext_and_tag.size() < tag_bytes) return Error::kTruncated;
  const ByteView ciphertext = ciphertext_and_tag.first(ciphertext_and_tag.size() - tag_bytes);
  if (out.size() < ciphertext.size()) return Error::kBufferTooSmall;
  const auto text_bytes = static_cast<int>(ciphertext.size());
  const Context context{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
  int written = 0;
  int more = 0;
  if (context == nullptr ||
      !prepare(context.get(), suite, key, nonce, additional, ciphertext_and_tag.last(tag_bytes), text_bytes, false)) {
    return Error::kCryptoFailed;
  }
  // CCM checks the tag within the update, GCM when it ends.
  const bool authentic = EVP_CipherUpdate(context.get(), out.data(), &written,
                                          ciphertext.empty() ? kNothing : ciphertext.data(), text_bytes) == 1 &&
                         (suite.is_ccm || EVP_CipherFinal_ex(context.get(), out.data() + written, &more) == 1);
  if (!authentic) {
    wipe(out.first(ciphertext.size()));
    return Error::kSignatureInvalid;
  }
  return ByteView{out.first(ciphertext.size())};
}

Status random(MutableBytes out) noexcept {
  if (RAND_bytes_ex(nullptr, out.data(), out.size(), 0) != 1) return Error::kEntropyFailed;
  return kOk;
}

}  // namespace tailor::crypto
