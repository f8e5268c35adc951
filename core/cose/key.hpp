// SPDX-License-Identifier: Apache-2.0
// Public P-256 keys as COSE_Key (RFC 9052 7, RFC 9053 7.1.1) and their thumbprints (RFC 9679), which serve as key ids.
// Private keys are refused here: they have formats of their own.
#pragma once

#include "core/crypto/crypto.hpp"

namespace tailor::cose {

/// Bytes of an encoded key with a 32-byte key id and an algorithm.
inline constexpr size_t kMaxKeyBytes = 128;

/// A public key with what may stand beside it.
struct Ec2Key {
  crypto::P256PublicKey key;
  ByteView key_id;        ///< empty when absent; points into the bytes decoded
  int64_t algorithm = 0;  ///< 0 when absent
};

/// Decodes a public EC2 key on P-256.
///
/// @returns kCoseUnsupported: another key type, curve, or a compressed point; - kUnknownKey: a private key or any
///          parameter besides kty, kid, alg, crv, x, y; - kMissingKey;
///          - kValueOutOfRange: an empty key id, algorithm 0 (reserved); and what cbor::Reader gives
/// @note    whether the point is on the curve is found when the key is used
[[nodiscard]] Result<Ec2Key> decode_key(ByteView bytes) noexcept;

/// Writes the key in deterministic encoding.
[[nodiscard]] Result<ByteView> encode_key(const Ec2Key& key, MutableBytes out) noexcept;

/// Computes the COSE Key Thumbprint with SHA-256 (RFC 9679 4).
[[nodiscard]] Result<crypto::Sha256Digest> thumbprint(const crypto::P256PublicKey& key) noexcept;

}  // namespace tailor::cose
