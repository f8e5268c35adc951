// SPDX-License-Identifier: Apache-2.0
// Opening the content key: the recipients of a COSE_Encrypt (RFC 9052 5.1), AES key wrap (RFC 9053 6.2.1) and
// ECDH-ES + A128KW (RFC 9053 6.4.1) with the key derivation of firmware-encryption 6.2.4.
#include "core/cbor/map_reader.hpp"
#include "core/cbor/writer.hpp"
#include "core/cose/algorithms.hpp"
#include "core/cose/headers.hpp"
#include "core/cose/options.hpp"
#include "core/suit/encryption_info.hpp"
#include "core/suit/kdf_context.hpp"

namespace tailor::suit {
namespace {

constexpr size_t kCoordinateBytes = 32;
constexpr size_t kWrappingKeyBytes = 16;  // of A128KW

/// The sender's ephemeral public key.
struct EphemeralKey {
  DecryptionKeyKind kind = DecryptionKeyKind::kP256;
  std::array<uint8_t, 2 * kCoordinateBytes> octets{};
};

Status take_coordinate(cbor::Reader& reader, uint8_t* out) noexcept {
  // A sign bit in place of y (RFC 9053 7.1.1): no backend recovers y.
  if (reader.next_is(cbor::Type::kSimple)) return Error::kCoseUnsupported;
  TAILOR_TRY_ASSIGN(const ByteView bytes, reader.take_bytes());
  if (bytes.size() != kCoordinateBytes) return Error::kValueOutOfRange;
  std::memcpy(out, bytes.data(), bytes.size());
  return kOk;
}

/// Reads a COSE_Key with its type, curve and coordinates and nothing else: EC2 on P-256, or OKP on X25519.
Status decode_ephemeral_key(ByteView bytes, EphemeralKey& key) noexcept {
  constexpr uint64_t kOkp = 1, kEc2 = 2, kCurveP256 = 1, kCurveX25519 = 4;
  cbor::Reader reader(bytes);
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  uint64_t values[2] = {};
  unsigned seen = 0;
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t label, map.next_key());
    if (label == 1 || label == -1) {
      TAILOR_TRY_ASSIGN(values[label == 1 ? 0 : 1], reader.take_unsigned());
    } else if (label == -2 || label == -3) {
      TAILOR_TRY(take_coordinate(reader, key.octets.data() + (label == -2 ? 0 : kCoordinateBytes)));
      seen |= label == -2 ? 1U : 2U;
    } else {
      return Error::kUnknownKey;
    }
  }
  const bool is_p256 = values[0] == kEc2 && values[1] == kCurveP256;
  const bool is_x25519 = values[0] == kOkp && values[1] == kCurveX25519;
  if (!is_p256 && !is_x25519) return Error::kCoseUnsupported;
  if (seen != (is_p256 ? 3U : 1U)) return Error::kMissingKey;
  key.kind = is_p256 ? DecryptionKeyKind::kP256 : DecryptionKeyKind::kX25519;
  return kOk;
}

Status agree(const ContentDecryptionKey& own, const EphemeralKey& peer, crypto::SharedSecret& secret) noexcept {
  std::array<uint8_t, 32> octets;
  std::memcpy(octets.data(), own.secret_bytes().data(), octets.size());
  Status status = kOk;
  if (peer.kind == DecryptionKeyKind::kP256) {
    status = crypto::ecdh_p256(crypto::P256PrivateKey(octets), {peer.octets}, secret);
  } else {
    crypto::X25519PublicKey point;
    std::memcpy(point.bytes.data(), peer.octets.data(), point.bytes.size());
    status = crypto::ecdh_x25519(crypto::X25519PrivateKey(octets), point, secret);
  }
  wipe(octets);
  return status;
}

/// One recipient, decoded.
struct Recipient {
  cose::Headers headers;
  ByteView wrapped;
  EphemeralKey ephemeral;
  DecryptionKeyKind kind = DecryptionKeyKind::kAesKw;  ///< of the key that it takes
};

/// @returns kAlgorithmUnsupported, kCoseUnsupported: not for us; any other error: malformed
Status decode_recipient(ByteView item, Recipient& recipient) noexcept {
  cbor::Reader reader = cbor::Reader::in_any_order(item);
  reader.require(reader.array() == 3, Error::kCoseUnsupported);
  cose::Headers& headers = recipient.headers;
  cose::read_headers(reader, headers);
  reader.require(!reader.next_is_null(), Error::kCoseUnsupported);
  reader.bytes(recipient.wrapped);
  TAILOR_TRY(reader.status());
  if (cose::algorithm::is_key_wrap(headers.algorithm)) {
    return headers.protected_content.empty() ? Status(kOk) : Status(Error::kCoseUnsupported);
  }
  if (headers.algorithm != cose::algorithm::kEcdhEsA128Kw) return Error::kAlgorithmUnsupported;
  if (!headers.algorithm_is_protected || headers.ephemeral_key.empty()) return Error::kCoseUnsupported;
  TAILOR_TRY(decode_ephemeral_key(headers.ephemeral_key, recipient.ephemeral));
  recipient.kind = recipient.ephemeral.kind;
  return kOk;
}

bool is_about_one_recipient(Error error) noexcept {
  return error == Error::kAlgorithmUnsupported || error == Error::kCoseUnsupported;
}

}  // namespace

/// Tries keys on recipients; the only one who fills a ContentKey.
class RecipientOpener {
 public:
  RecipientOpener(size_t key_bytes, const DecryptionKeys& keys, ContentKey& key) noexcept
      : key_bytes_(key_bytes), keys_(keys), key_(key) {}

  /// @returns kOk when the content key is open; otherwise why not
  Status open(const Recipient& recipient) noexcept {
    Status failure = Error::kDecryptionKeyMissing;
    const int64_t algorithm = recipient.headers.algorithm;
    for (size_t nth = 0;; ++nth) {
      const ContentDecryptionKey* const own = keys_.candidate(recipient.headers.key_id, nth);
      if (own == nullptr) return failure;
      if (own->kind() != recipient.kind) continue;
      if (own->kind() == DecryptionKeyKind::kAesKw &&
          cose::algorithm::key_wrap_for(own->secret_bytes().size()) != algorithm) {
        continue;
      }
      const Status opened = open_with(recipient, *own);
      if (opened.ok()) return opened;
      failure = opened.error() == Error::kAlgorithmUnsupported ? opened : Status(Error::kDecryptionFailed);
    }
  }

 private:
  Status open_with(const Recipient& recipient, const ContentDecryptionKey& own) noexcept {
    if (recipient.wrapped.size() != key_bytes_ + crypto::kKeyWrapBytes) return Error::kDecryptionFailed;
    if (own.kind() == DecryptionKeyKind::kAesKw) return unwrap(own.secret_bytes(), recipient.wrapped);
    crypto::SharedSecret secret;
    std::array<uint8_t, kWrappingKeyBytes> wrapping_key;
    Status status = agree(own, recipient.ephemeral, secret);
    if (status.ok()) status = derive_wrapping_key(secret, recipient.headers, wrapping_key);
    if (status.ok()) status = unwrap(wrapping_key, recipient.wrapped);
    wipe(secret);
    wipe(wrapping_key);
    return status;
  }

  Status unwrap(ByteView wrapping_key, ByteView wrapped) noexcept {
    TAILOR_TRY(crypto::unwrap_key(wrapping_key, wrapped, key_.secret_));
    key_.size_ = key_bytes_;
    return kOk;
  }

  static Status derive_wrapping_key(const crypto::SharedSecret& secret, const cose::Headers& headers,
                                    MutableBytes out) noexcept {
    std::array<uint8_t, kMaxKdfContextBytes> buffer;
    TAILOR_TRY_ASSIGN(const ByteView context, encode_kdf_context(headers.protected_content, buffer));
    return crypto::hkdf_sha256(secret, headers.salt, context, out);
  }

  size_t key_bytes_;
  const DecryptionKeys& keys_;
  ContentKey& key_;
};

Status open_content_key(const EncryptionInfo& info, const DecryptionKeys& keys, ContentKey& key) noexcept {
  if constexpr (!cose::options::kEncrypt) return Error::kParameterUnsupported;
  RecipientOpener opener(info.key_bytes, keys, key);
  Status outcome = Error::kDecryptionKeyMissing;
  cbor::Reader reader = cbor::Reader::in_any_order(info.recipients);
  for (size_t i = 0; i < info.recipient_count; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView item, reader.take_item());
    Recipient recipient;
    if (const Status decoded = decode_recipient(item, recipient); !decoded.ok()) {
      if (!is_about_one_recipient(decoded.error())) return decoded;
      continue;
    }
    const Status opened = opener.open(recipient);
    if (opened.ok()) return opened;
    if (opened.error() != Error::kDecryptionKeyMissing) outcome = opened;
  }
  return outcome;
}

}  // namespace tailor::suit
