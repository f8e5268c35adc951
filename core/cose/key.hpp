// SPDX-License-Identifier: Apache-2.0
// Verification keys as COSE_Key (RFC 9052 7; RFC 9053 7 for EC2, OKP and Symmetric; RFC 8778 4 for HSS-LMS). Private
// keys are refused here: they have formats of their own.
#pragma once

#include "core/cose/verification_key.hpp"

namespace tailor::cose {

/// Bytes of an encoded key with a 32-byte key id and an algorithm.
inline constexpr size_t kMaxKeyBytes = 128;

/// A key with what may stand beside it.
struct Key {
  VerificationKey key;
  ByteView key_id;        ///< empty when absent; points into the bytes decoded
  int64_t algorithm = 0;  ///< 0 when absent, and for a key that wraps: its size says which it is
};

/// Decodes a verification key: EC2 on P-256, OKP on Ed25519, HSS-LMS, or Symmetric, which is for HMAC unless its
/// algorithm is a key wrap.
///
/// @returns kCoseUnsupported: another key type, curve, or a compressed point; - kAlgorithmUnsupported: an algorithm
///          that does not verify with such a key (RFC 9052 7.1); - kUnknownKey: a private key or any other parameter
///          besides kty, kid, alg and the key's own; - kMissingKey;
///          - kValueOutOfRange: an empty key id, algorithm 0 (reserved), a key of another size than kind or algorithm
///          has; and what cbor::Reader gives
/// @note    whether a point is on its curve is found when the key is used
[[nodiscard]] Result<Key> decode_key(ByteView bytes) noexcept;

/// Writes the key in deterministic encoding.
[[nodiscard]] Result<ByteView> encode_key(const Key& key, MutableBytes out) noexcept;

}  // namespace tailor::cose
