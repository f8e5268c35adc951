// SPDX-License-Identifier: Apache-2.0
#include "core/suit/encoder/payload_encryptor.hpp"

#include "core/cbor/writer.hpp"
#include "core/cose/algorithms.hpp"
#include "core/cose/headers.hpp"
#include "core/suit/kdf_context.hpp"

namespace tailor::suit {
namespace {

constexpr size_t kWrappingKeyBytes = 16;  // of A128KW
constexpr size_t kMaxSaltBytes = 64;
constexpr size_t kMaxWrappedBytes = ContentKey::kMaxBytes + crypto::kKeyWrapBytes;
/// {1: -29}
constexpr uint8_t kEcdhProtected[] = {0xA1, 0x01, 0x38, 0x1C};

/// Wipes what it guards when it goes.
class Secret {
 public:
  explicit Secret(size_t size) noexcept : size_(size) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(bytes_); }
  [[nodiscard]] MutableBytes bytes() noexcept { return MutableBytes(bytes_).first(size_); }

 private:
  std::array<uint8_t, ContentKey::kMaxBytes> bytes_{};
  size_t size_;
};

Status check(const PayloadRecipient& recipient) noexcept {
  const size_t size = recipient.key.size();
  switch (recipient.kind) {
    case DecryptionKeyKind::kAesKw:
      return cose::algorithm::key_wrap_for(size) != 0 && recipient.salt.empty() ? Status(kOk) : Error::kValueOutOfRange;
    case DecryptionKeyKind::kP256:
    case DecryptionKeyKind::kX25519: {
      const bool fits = size == (recipient.kind == DecryptionKeyKind::kP256 ? 64U : 32U);
      return fits && recipient.salt.size() <= kMaxSaltBytes ? Status(kOk) : Error::kValueOutOfRange;
    }
  }
  return Error::kValueOutOfRange;
}

void put_optional(cbor::Writer& writer, int64_t label, ByteView value) noexcept {
  if (!value.empty()) writer.put_int(label).put_bytes(value);
}

Status put_key_wrap(cbor::Writer& writer, const PayloadRecipient& recipient, ByteView content_key) noexcept {
  std::array<uint8_t, kMaxWrappedBytes> buffer;
  TAILOR_TRY_ASSIGN(const ByteView wrapped, crypto::wrap_key(recipient.key, content_key, buffer));
  writer.put_array(3).put_bytes({}).put_map(recipient.key_id.empty() ? 1 : 2);
  writer.put_int(cose::header::kAlgorithm).put_int(cose::algorithm::key_wrap_for(recipient.key.size()));
  put_optional(writer, cose::header::kKeyId, recipient.key_id);
  writer.put_bytes(wrapped);
  return kOk;
}

/// Draws an ephemeral key on the recipient's curve.
///
/// @param point   receives the ephemeral public key
/// @param secret  receives what both agree on
Result<ByteView> agree(const PayloadRecipient& recipient, std::array<uint8_t, 64>& point,
                       crypto::SharedSecret& secret) noexcept {
  if (recipient.kind == DecryptionKeyKind::kP256) {
    crypto::P256PublicKey peer;
    std::memcpy(peer.xy.data(), recipient.key.data(), peer.xy.size());
    TAILOR_TRY_ASSIGN(const crypto::P256PrivateKey ephemeral, crypto::generate_p256());
    TAILOR_TRY(crypto::ecdh_p256(ephemeral, peer, secret));
    TAILOR_TRY_ASSIGN(const crypto::P256PublicKey open, crypto::public_key_of(ephemeral));
    return copy_into(point, open.xy);
  }
  crypto::X25519PublicKey peer;
  std::memcpy(peer.bytes.data(), recipient.key.data(), peer.bytes.size());
  TAILOR_TRY_ASSIGN(const crypto::X25519PrivateKey ephemeral, crypto::generate_x25519());
  TAILOR_TRY(crypto::ecdh_x25519(ephemeral, peer, secret));
  TAILOR_TRY_ASSIGN(const crypto::X25519PublicKey open, crypto::public_key_of(ephemeral));
  return copy_into(point, open.bytes);
}

void put_ephemeral_key(cbor::Writer& writer, ByteView point) noexcept {
  const bool is_p256 = point.size() == 64;
  writer.put_int(cose::header::kEphemeralKey).put_map(is_p256 ? 4 : 3);
  writer.put_int(1).put_unsigned(is_p256 ? 2 : 1);
  writer.put_int(-1).put_unsigned(is_p256 ? 1 : 4);
  writer.put_int(-2).put_bytes(point.first(32));
  if (is_p256) writer.put_int(-3).put_bytes(point.last(32));
}

Status put_ecdh(cbor::Writer& writer, const PayloadRecipient& recipient, ByteView content_key) noexcept {
  std::array<uint8_t, 64> point_buffer;
  crypto::SharedSecret secret;
  Secret wrapping_key(kWrappingKeyBytes);
  const auto point = agree(recipient, point_buffer, secret);
  Status derived = kOk;
  if (point.ok()) {
    std::array<uint8_t, kMaxKdfContextBytes> context_buffer;
    TAILOR_TRY_ASSIGN(const ByteView context, encode_kdf_context(kEcdhProtected, context_buffer));
    derived = crypto::hkdf_sha256(secret, recipient.salt, context, wrapping_key.bytes());
  }
  wipe(secret);
  if (!point.ok()) return point.error();
  TAILOR_TRY(derived);
  std::array<uint8_t, kMaxWrappedBytes> buffer;
  TAILOR_TRY_ASSIGN(const ByteView wrapped, crypto::wrap_key(wrapping_key.bytes(), content_key, buffer));
  writer.put_array(3).put_bytes(kEcdhProtected);
  writer.put_map(1U + (recipient.key_id.empty() ? 0U : 1U) + (recipient.salt.empty() ? 0U : 1U));
  put_optional(writer, cose::header::kKeyId, recipient.key_id);
  put_ephemeral_key(writer, *point);
  put_optional(writer, cose::header::kSalt, recipient.salt);
  writer.put_bytes(wrapped);
  return kOk;
}

/// {1: algorithm}: the protected header with an AEAD, the beginning of the unprotected one with AES-CTR.
ByteView encode_algorithm(crypto::ContentAlgorithm algorithm, std::array<uint8_t, 8>& out) noexcept {
  cbor::Writer writer(out);
  const auto written =
      writer.put_map(1).put_int(cose::header::kAlgorithm).put_int(static_cast<int64_t>(algorithm)).finish();
  return written.ok() ? *written : ByteView{};
}

Result<ByteView> additional_data(bool is_aead, ByteView protected_content, MutableBytes out) noexcept {
  if (!is_aead) return ByteView{};
  return cbor::Writer(out).put_array(3).put_text("Encrypt").put_bytes(protected_content).put_bytes({}).finish();
}

}  // namespace

Result<EncryptedPayload> encrypt_payload(crypto::ContentAlgorithm algorithm,
                                         std::span<const PayloadRecipient> recipients, ByteView plaintext,
                                         MutableBytes ciphertext, MutableBytes info) noexcept {
  const crypto::ContentSizes sizes = crypto::content_sizes(algorithm);
  if (sizes.key == 0) return Error::kAlgorithmUnsupported;
  if (recipients.empty() || recipients.size() > kMaxRecipients) return Error::kValueOutOfRange;
  for (const PayloadRecipient& recipient : recipients) TAILOR_TRY(check(recipient));

  Secret content_key(sizes.key);
  std::array<uint8_t, 16> iv_buffer;
  const MutableBytes iv = MutableBytes(iv_buffer).first(sizes.iv);
  TAILOR_TRY(crypto::random(content_key.bytes()));
  TAILOR_TRY(crypto::random(iv));
  const bool is_aead = sizes.tag != 0;
  std::array<uint8_t, 8> algorithm_buffer;
  std::array<uint8_t, 32> additional_buffer;
  const ByteView encoded_algorithm = encode_algorithm(algorithm, algorithm_buffer);
  TAILOR_TRY_ASSIGN(const ByteView additional, additional_data(is_aead, encoded_algorithm, additional_buffer));

  cbor::Writer writer(info);
  writer.put_tag(kEncryptTag).put_array(4).put_bytes(is_aead ? encoded_algorithm : ByteView{});
  writer.put_map(is_aead ? 1 : 2);
  if (!is_aead) writer.put_encoded(encoded_algorithm.subspan(1));
  writer.put_int(cose::header::kIv).put_bytes(iv);
  writer.put_null().put_array(recipients.size());
  for (const PayloadRecipient& recipient : recipients) {
    const bool wraps = recipient.kind == DecryptionKeyKind::kAesKw;
    TAILOR_TRY(wraps ? put_key_wrap(writer, recipient, content_key.bytes())
                     : put_ecdh(writer, recipient, content_key.bytes()));
  }
  EncryptedPayload payload;
  TAILOR_TRY_ASSIGN(payload.info, writer.finish());
  TAILOR_TRY_ASSIGN(payload.ciphertext,
                    crypto::encrypt_content(algorithm, content_key.bytes(), iv, additional, plaintext, ciphertext));
  return payload;
}

}  // namespace tailor::suit
