// SPDX-License-Identifier: Apache-2.0
// Content encryption and AES key wrap of the crypto contract over OpenSSL 3.
#include "core/crypto/content.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <climits>
#include <memory>
#include <new>

namespace tailor::crypto {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
using Cipher = std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)>;

/// What stands in ContentDecryption::state_.
struct ContentState {
  EVP_CIPHER_CTX* context = nullptr;
  uint8_t tag_bytes = 0;
  bool active = false;
};

ContentState& state_of(MutableBytes bytes) noexcept {
  return *std::launder(reinterpret_cast<ContentState*>(bytes.data()));
}

const char* name_of(ContentAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case ContentAlgorithm::kA128Ctr:
      return "AES-128-CTR";
    case ContentAlgorithm::kA192Ctr:
      return "AES-192-CTR";
    case ContentAlgorithm::kA256Ctr:
      return "AES-256-CTR";
    case ContentAlgorithm::kA128Gcm:
      return "AES-128-GCM";
    case ContentAlgorithm::kA192Gcm:
      return "AES-192-GCM";
    case ContentAlgorithm::kA256Gcm:
      return "AES-256-GCM";
    case ContentAlgorithm::kChaCha20Poly1305:
      return "ChaCha20-Poly1305";
  }
  return nullptr;
}

/// Gives `in` to the cipher, in pieces that its int can count.
Status feed(EVP_CIPHER_CTX* context, ByteView in, uint8_t* out) noexcept {
  while (!in.empty()) {
    const ByteView piece = in.first(std::min<size_t>(in.size(), INT_MAX / 2));
    int written = 0;
    if (EVP_CipherUpdate(context, out, &written, piece.data(), static_cast<int>(piece.size())) != 1) {
      return Error::kCryptoFailed;
    }
    if (out != nullptr) out += piece.size();
    in = in.subspan(piece.size());
  }
  return kOk;
}

/// Makes `context` ready for the first byte of text.
Status prepare(EVP_CIPHER_CTX* context, ContentAlgorithm algorithm, ByteView key, ByteView iv, ByteView additional,
               bool encrypt) noexcept {
  const ContentSizes sizes = content_sizes(algorithm);
  const char* const name = name_of(algorithm);
  if (name == nullptr) return Error::kAlgorithmUnsupported;
  if (key.size() != sizes.key || iv.size() != sizes.iv || (sizes.tag == 0 && !additional.empty())) {
    return Error::kValueOutOfRange;
  }
  const Cipher cipher{EVP_CIPHER_fetch(nullptr, name, nullptr), &EVP_CIPHER_free};
  if (cipher == nullptr) return Error::kAlgorithmUnsupported;
  if (context == nullptr) return Error::kAllocationFailed;
  if (EVP_CipherInit_ex2(context, cipher.get(), key.data(), iv.data(), encrypt ? 1 : 0, nullptr) != 1) {
    return Error::kCryptoFailed;
  }
  return feed(context, additional, nullptr);
}

const char* wrap_name(ByteView kek) noexcept {
  if (kek.size() == 16) return "AES-128-WRAP";
  if (kek.size() == 24) return "AES-192-WRAP";
  if (kek.size() == 32) return "AES-256-WRAP";
  return nullptr;
}

Result<size_t> wrap(ByteView kek, ByteView in, uint8_t* out, bool encrypt) noexcept {
  const Cipher cipher{EVP_CIPHER_fetch(nullptr, wrap_name(kek), nullptr), &EVP_CIPHER_free};
  const Context context{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
  if (cipher == nullptr || context == nullptr) return Error::kCryptoFailed;
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  if (EVP_CipherInit_ex2(context.get(), cipher.get(), kek.data(), nullptr, encrypt ? 1 : 0, nullptr) != 1) {
    return Error::kCryptoFailed;
  }
  int written = 0;
  if (EVP_CipherUpdate(context.get(), out, &written, in.data(), static_cast<int>(in.size())) != 1 || written <= 0) {
    return Error::kSignatureInvalid;
  }
  return static_cast<size_t>(written);
}

}  // namespace

Result<ByteView> wrap_key(ByteView kek, ByteView key, MutableBytes out) noexcept {
  if (wrap_name(kek) == nullptr || key.size() < 16 || key.size() > kMaxWrappedKeyBytes || key.size() % 8 != 0) {
    return Error::kValueOutOfRange;
  }
  if (out.size() < key.size() + kKeyWrapBytes) return Error::kBufferTooSmall;
  const auto written = wrap(kek, key, out.data(), true);
  if (!written.ok() || *written != key.size() + kKeyWrapBytes) return Error::kCryptoFailed;
  return ByteView{out.first(*written)};
}

Result<ByteView> unwrap_key(ByteView kek, ByteView wrapped, MutableBytes out) noexcept {
  if (wrap_name(kek) == nullptr || wrapped.size() < 16 + kKeyWrapBytes ||
      wrapped.size() > kMaxWrappedKeyBytes + kKeyWrapBytes || wrapped.size() % 8 != 0) {
    return Error::kValueOutOfRange;
  }
  const size_t key_bytes = wrapped.size() - kKeyWrapBytes;
  if (out.size() < key_bytes) return Error::kBufferTooSmall;
  // OpenSSL works in a buffer as long as its input.
  std::array<uint8_t, kMaxWrappedKeyBytes + kKeyWrapBytes> room{};
  const auto written = wrap(kek, wrapped, room.data(), false);
  if (written.ok() && *written == key_bytes) std::copy_n(room.begin(), key_bytes, out.begin());
  wipe(room);
  if (!written.ok()) return written.error();
  if (*written != key_bytes) return Error::kCryptoFailed;
  return ByteView{out.first(key_bytes)};
}

ContentDecryption::ContentDecryption() noexcept {
  static_assert(sizeof(ContentState) <= kStateBytes && alignof(ContentState) <= 8);
  std::construct_at(reinterpret_cast<ContentState*>(state_.data()));
}

ContentDecryption::~ContentDecryption() {
  EVP_CIPHER_CTX_free(state_of(state_).context);  // wipes it
}

Status ContentDecryption::start(ContentAlgorithm algorithm, ByteView key, ByteView iv, ByteView additional) noexcept {
  ContentState& state = state_of(state_);
  state.active = false;
  EVP_CIPHER_CTX_free(state.context);
  state.context = EVP_CIPHER_CTX_new();
  TAILOR_TRY(prepare(state.context, algorithm, key, iv, additional, false));
  state.tag_bytes = content_sizes(algorithm).tag;
  state.active = true;
  return kOk;
}

Result<ByteView> ContentDecryption::update(ByteView ciphertext, MutableBytes out) noexcept {
  ContentState& state = state_of(state_);
  if (!state.active) return Error::kStateConflict;
  if (out.size() < ciphertext.size()) return Error::kBufferTooSmall;
  TAILOR_TRY(feed(state.context, ciphertext, out.data()));
  return ByteView{out.first(ciphertext.size())};
}

Status ContentDecryption::finish(ByteView tag) noexcept {
  ContentState& state = state_of(state_);
  if (!state.active) return Error::kStateConflict;
  state.active = false;
  Status status = kOk;
  if (tag.size() != state.tag_bytes) {
    status = Error::kSignatureInvalid;
  } else if (state.tag_bytes != 0) {
    uint8_t rest[16];
    int written = 0;
    auto* const expected = const_cast<uint8_t*>(tag.data());  // only read by SET_TAG
    if (EVP_CIPHER_CTX_ctrl(state.context, EVP_CTRL_AEAD_SET_TAG, state.tag_bytes, expected) != 1 ||
        EVP_CipherFinal_ex(state.context, rest, &written) != 1) {
      status = Error::kSignatureInvalid;
    }
  }
  EVP_CIPHER_CTX_free(state.context);
  state.context = nullptr;
  return status;
}

Result<ByteView> encrypt_content(ContentAlgorithm algorithm, ByteView key, ByteView iv, ByteView additional,
                                 ByteView plaintext, MutableBytes out) noexcept {
  const Context context{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
  TAILOR_TRY(prepare(context.get(), algorithm, key, iv, additional, true));
  const size_t tag_bytes = content_sizes(algorithm).tag;
  if (out.size() < plaintext.size() + tag_bytes) return Error::kBufferTooSmall;
  TAILOR_TRY(feed(context.get(), plaintext, out.data()));
  uint8_t rest[16];
  int written = 0;
  if (EVP_CipherFinal_ex(context.get(), rest, &written) != 1 || written != 0 ||
      (tag_bytes != 0 && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag_bytes),
                                             out.data() + plaintext.size()) != 1)) {
    return Error::kCryptoFailed;
  }
  return ByteView{out.first(plaintext.size() + tag_bytes)};
}

}  // namespace tailor::crypto
