// SPDX-License-Identifier: Apache-2.0
// Content encryption of the crypto contract over the primitives of Mbed TLS: without a PSA key slot and without heap,
// and a linker drops what a firmware does not call.
#include "core/crypto/content.hpp"

#include <mbedtls/aes.h>
#include <mbedtls/chachapoly.h>
#include <mbedtls/gcm.h>

#include <memory>
#include <new>

#include "core/crypto/symmetric.hpp"
#include "crypto_backends/psa/platform.hpp"

namespace tailor::crypto {
namespace {

enum class Kind : uint8_t { kNone, kCtr, kGcm, kChaCha };

Kind kind_of(ContentAlgorithm algorithm) noexcept {
  if (algorithm == ContentAlgorithm::kChaCha20Poly1305) return Kind::kChaCha;
  return content_sizes(algorithm).tag != 0 ? Kind::kGcm : Kind::kCtr;
}

struct Ctr {
  mbedtls_aes_context aes;
  size_t used;  ///< bytes of `stream` that were used
  uint8_t counter[16];
  uint8_t stream[16];
};

/// A payload's cipher, in either direction; ends and wipes itself.
class Cipher {
 public:
  Cipher() = default;
  ~Cipher() { end(); }
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;

  [[nodiscard]] bool active() const noexcept { return kind_ != Kind::kNone; }

  [[nodiscard]] Status start(ContentAlgorithm algorithm, ByteView key, ByteView iv, ByteView additional,
                             bool encrypt) noexcept {
    end();
    const ContentSizes sizes = content_sizes(algorithm);
    if (sizes.key == 0) return Error::kAlgorithmUnsupported;
    if (key.size() != sizes.key || iv.size() != sizes.iv || (sizes.tag == 0 && !additional.empty())) {
      return Error::kValueOutOfRange;
    }
    TAILOR_TRY(psa::ensure_started());  // the hosted library takes GCM's key schedule from the heap
    kind_ = kind_of(algorithm);
    const auto bits = static_cast<unsigned>(key.size() * 8);
    int status = 0;
    switch (kind_) {
      case Kind::kGcm:
        mbedtls_gcm_init(&u_.gcm);
        status = mbedtls_gcm_setkey(&u_.gcm, MBEDTLS_CIPHER_ID_AES, key.data(), bits);
        if (status == 0) {
          status =
              mbedtls_gcm_starts(&u_.gcm, encrypt ? MBEDTLS_GCM_ENCRYPT : MBEDTLS_GCM_DECRYPT, iv.data(), iv.size());
        }
        if (status == 0) status = mbedtls_gcm_update_ad(&u_.gcm, additional.data(), additional.size());
        break;
      case Kind::kChaCha:
        mbedtls_chachapoly_init(&u_.chacha);
        status = mbedtls_chachapoly_setkey(&u_.chacha, key.data());
        if (status == 0) {
          status = mbedtls_chachapoly_starts(&u_.chacha, iv.data(),
                                             encrypt ? MBEDTLS_CHACHAPOLY_ENCRYPT : MBEDTLS_CHACHAPOLY_DECRYPT);
        }
        if (status == 0) status = mbedtls_chachapoly_update_aad(&u_.chacha, additional.data(), additional.size());
        break;
      default:
        u_.ctr.used = 0;
        std::memcpy(u_.ctr.counter, iv.data(), iv.size());
        mbedtls_aes_init(&u_.ctr.aes);
        status = mbedtls_aes_setkey_enc(&u_.ctr.aes, key.data(), bits);
    }
    if (status != 0) {
      end();
      return Error::kCryptoFailed;
    }
    return kOk;
  }

  [[nodiscard]] Status update(ByteView in, uint8_t* out) noexcept {
    size_t written = 0;
    int status = 0;
    if (in.empty()) return kOk;
    switch (kind_) {
      case Kind::kGcm:
        status = mbedtls_gcm_update(&u_.gcm, in.data(), in.size(), out, in.size(), &written);
        break;
      case Kind::kChaCha:
        status = mbedtls_chachapoly_update(&u_.chacha, in.size(), in.data(), out);
        break;
      default:
        status =
            mbedtls_aes_crypt_ctr(&u_.ctr.aes, in.size(), &u_.ctr.used, u_.ctr.counter, u_.ctr.stream, in.data(), out);
    }
    if (status != 0) return Error::kCryptoFailed;
    return kOk;
  }

  /// @returns the tag that belongs to what went through; empty without one
  [[nodiscard]] Result<ByteView> finish(std::array<uint8_t, 16>& tag) noexcept {
    size_t written = 0;
    int status = 0;
    size_t tag_bytes = tag.size();
    switch (kind_) {
      case Kind::kGcm:
        status = mbedtls_gcm_finish(&u_.gcm, nullptr, 0, &written, tag.data(), tag.size());
        break;
      case Kind::kChaCha:
        status = mbedtls_chachapoly_finish(&u_.chacha, tag.data());
        break;
      default:
        tag_bytes = 0;
    }
    end();
    if (status != 0) return Error::kCryptoFailed;
    return ByteView{tag}.first(tag_bytes);
  }

 private:
  void end() noexcept {
    if (kind_ == Kind::kGcm) mbedtls_gcm_free(&u_.gcm);  // what it took from the heap
    if (kind_ != Kind::kNone) wipe({reinterpret_cast<uint8_t*>(&u_), sizeof u_});
    kind_ = Kind::kNone;
  }

  union {
    Ctr ctr;
    mbedtls_gcm_context gcm;
    mbedtls_chachapoly_context chacha;
  } u_;
  Kind kind_ = Kind::kNone;
};

Cipher& cipher_of(MutableBytes state) noexcept {
  return *std::launder(reinterpret_cast<Cipher*>(state.data()));
}

}  // namespace

ContentDecryption::ContentDecryption() noexcept {
  static_assert(sizeof(Cipher) <= kStateBytes && alignof(Cipher) <= 8);
  std::construct_at(reinterpret_cast<Cipher*>(state_.data()));
}

ContentDecryption::~ContentDecryption() {
  std::destroy_at(&cipher_of(state_));
}

Status ContentDecryption::start(ContentAlgorithm algorithm, ByteView key, ByteView iv, ByteView additional) noexcept {
  return cipher_of(state_).start(algorithm, key, iv, additional, false);
}

Result<ByteView> ContentDecryption::update(ByteView ciphertext, MutableBytes out) noexcept {
  if (!cipher_of(state_).active()) return Error::kStateConflict;
  if (out.size() < ciphertext.size()) return Error::kBufferTooSmall;
  TAILOR_TRY(cipher_of(state_).update(ciphertext, out.data()));
  return ByteView{out.first(ciphertext.size())};
}

Status ContentDecryption::finish(ByteView tag) noexcept {
  if (!cipher_of(state_).active()) return Error::kStateConflict;
  std::array<uint8_t, 16> room{};
  TAILOR_TRY_ASSIGN(const ByteView expected, cipher_of(state_).finish(room));
  if (!constant_time_equal(expected, tag)) return Error::kSignatureInvalid;
  return kOk;
}

Result<ByteView> encrypt_content(ContentAlgorithm algorithm, ByteView key, ByteView iv, ByteView additional,
                                 ByteView plaintext, MutableBytes out) noexcept {
  Cipher cipher;
  TAILOR_TRY(cipher.start(algorithm, key, iv, additional, true));
  const size_t tag_bytes = content_sizes(algorithm).tag;
  if (out.size() < plaintext.size() + tag_bytes) return Error::kBufferTooSmall;
  TAILOR_TRY(cipher.update(plaintext, out.data()));
  std::array<uint8_t, 16> room{};
  TAILOR_TRY_ASSIGN(const ByteView tag, cipher.finish(room));
  TAILOR_TRY(copy_into(out.subspan(plaintext.size()), tag));
  return ByteView{out.first(plaintext.size() + tag_bytes)};
}

}  // namespace tailor::crypto
