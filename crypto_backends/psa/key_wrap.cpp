// SPDX-License-Identifier: Apache-2.0
// AES key wrap (RFC 3394) of the crypto contract over the AES block cipher of Mbed TLS.
#include <mbedtls/aes.h>

#include "core/crypto/content.hpp"
#include "core/crypto/symmetric.hpp"

namespace tailor::crypto {
namespace {

constexpr size_t kHalf = 8;  ///< the half blocks in which RFC 3394 counts
constexpr uint8_t kRounds = 6;

/// A block cipher with one key.
class Block {
 public:
  Block() noexcept { mbedtls_aes_init(&aes_); }
  ~Block() { mbedtls_aes_free(&aes_); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  [[nodiscard]] Status set_key(ByteView kek, int mode) noexcept {
    mode_ = mode;
    const auto bits = static_cast<unsigned>(kek.size() * 8);
#if defined(MBEDTLS_BLOCK_CIPHER_NO_DECRYPT)
    if (mode != MBEDTLS_AES_ENCRYPT) return Error::kAlgorithmUnsupported;
    const int status = mbedtls_aes_setkey_enc(&aes_, kek.data(), bits);
#else
    const int status = mode == MBEDTLS_AES_ENCRYPT ? mbedtls_aes_setkey_enc(&aes_, kek.data(), bits)
                                                   : mbedtls_aes_setkey_dec(&aes_, kek.data(), bits);
#endif
    if (status != 0) return Error::kCryptoFailed;
    return kOk;
  }
  /// One step of RFC 3394 2.2.1 or 2.2.2: block = AES(A | R).
  [[nodiscard]] Status step(uint8_t* block) noexcept {
    if (mbedtls_aes_crypt_ecb(&aes_, mode_, block, block) != 0) return Error::kCryptoFailed;
    return kOk;
  }

 private:
  mbedtls_aes_context aes_;
  int mode_ = MBEDTLS_AES_ENCRYPT;
};

Status check_sizes(ByteView kek, size_t key_bytes, size_t room, size_t needed) noexcept {
  if (kek.size() != 16 && kek.size() != 24 && kek.size() != 32) return Error::kValueOutOfRange;
  if (key_bytes < 2 * kHalf || key_bytes > kMaxWrappedKeyBytes || key_bytes % kHalf != 0) {
    return Error::kValueOutOfRange;
  }
  if (room < needed) return Error::kBufferTooSmall;
  return kOk;
}

}  // namespace

Result<ByteView> wrap_key(ByteView kek, ByteView key, MutableBytes out) noexcept {
  TAILOR_TRY(check_sizes(kek, key.size(), out.size(), key.size() + kKeyWrapBytes));
  Block aes;
  TAILOR_TRY(aes.set_key(kek, MBEDTLS_AES_ENCRYPT));
  uint8_t block[2 * kHalf];
  std::memset(block, 0xa6, kHalf);  // RFC 3394 2.2.3.1
  std::memcpy(out.data() + kHalf, key.data(), key.size());
  uint8_t count = 0;
  for (uint8_t round = 0; round < kRounds; ++round) {
    for (size_t at = kHalf; at <= key.size(); at += kHalf) {
      std::memcpy(block + kHalf, out.data() + at, kHalf);
      TAILOR_TRY(aes.step(block));
      block[kHalf - 1] = static_cast<uint8_t>(block[kHalf - 1] ^ ++count);
      std::memcpy(out.data() + at, block + kHalf, kHalf);
    }
  }
  std::memcpy(out.data(), block, kHalf);
  wipe(block);
  return ByteView{out.first(key.size() + kKeyWrapBytes)};
}

Result<ByteView> unwrap_key(ByteView kek, ByteView wrapped, MutableBytes out) noexcept {
  const size_t key_bytes = wrapped.size() < kKeyWrapBytes ? 0 : wrapped.size() - kKeyWrapBytes;
  TAILOR_TRY(check_sizes(kek, key_bytes, out.size(), key_bytes));
  Block aes;
  TAILOR_TRY(aes.set_key(kek, MBEDTLS_AES_DECRYPT));
  uint8_t block[2 * kHalf];
  std::memcpy(block, wrapped.data(), kHalf);
  std::memcpy(out.data(), wrapped.data() + kHalf, key_bytes);
  auto count = static_cast<uint8_t>(kRounds * (key_bytes / kHalf));
  for (uint8_t round = 0; round < kRounds; ++round) {
    for (size_t at = key_bytes; at > 0; at -= kHalf) {
      block[kHalf - 1] = static_cast<uint8_t>(block[kHalf - 1] ^ count--);
      std::memcpy(block + kHalf, out.data() + at - kHalf, kHalf);
      TAILOR_TRY(aes.step(block));
      std::memcpy(out.data() + at - kHalf, block + kHalf, kHalf);
    }
  }
  uint8_t expected[kHalf];
  std::memset(expected, 0xa6, kHalf);
  const bool authentic = constant_time_equal(expected, ByteView{block}.first(kHalf));
  wipe(block);
  if (!authentic) {
    wipe(out.first(key_bytes));
    return Error::kSignatureInvalid;
  }
  return ByteView{out.first(key_bytes)};
}

}  // namespace tailor::crypto
