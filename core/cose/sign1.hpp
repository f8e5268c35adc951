// SPDX-License-Identifier: Apache-2.0
// COSE_Sign1 alone (RFC 9052 4.2), for documents that have one signer: decode, verify, and sign with ECDSA on P-256
// (RFC 9053 2.1, RFC 9864). block.hpp has the structures with which a manifest is authenticated.
#pragma once

#include "core/cose/block.hpp"

namespace tailor::cose {

inline constexpr uint64_t kSign1Tag = 18;

inline constexpr size_t kSignatureBytes = 64;
/// Bytes of a COSE_Sign1 with detached payload and a 32-byte key id, as sign1() makes it.
inline constexpr size_t kDetachedSign1Bytes = 109;

/// A decoded COSE_Sign1. Nothing in it is trusted. Views point into the bytes it was decoded from.
struct Sign1 {
  ByteView protected_header;  ///< content of the byte string
  int32_t algorithm = 0;
  ByteView key_id;   ///< empty when absent
  ByteView payload;  ///< empty when detached
  bool detached = false;
  ByteView signature;
};

/// Decodes a tagged COSE_Sign1 (RFC 9052 4.2).
///
/// @returns kCoseUnsupported: another COSE structure, no algorithm in the protected header, an algorithm in the
///          unprotected one, critical header parameters (RFC 9052 3.1)
///          - kAlgorithmUnsupported: an algorithm that is named by text
///          - kTrailingBytes, kDuplicateKey and what cbor::Reader gives
/// @note    header parameters that are not understood and not critical are passed over (RFC 9052 3)
[[nodiscard]] Result<Sign1> decode_sign1(ByteView bytes) noexcept;

/// Verifies the signature over `payload`.
///
/// @param payload  the detached payload, or `message.payload`
/// @returns kOk; - kAlgorithmUnsupported: by number, by policy, or with a key of this kind; - kSignatureInvalid
[[nodiscard]] Status verify_sign1(const Sign1& message, ByteView payload, const VerificationKey& key,
                                  const VerificationPolicy& policy, ByteView external_data = {}) noexcept;

struct SignOptions {
  int64_t algorithm = algorithm::kEsp256;
  ByteView key_id = {};  ///< left out when empty
  bool detached = false;
  ByteView external_data = {};
};

/// Signs `payload` and writes a tagged COSE_Sign1 into `out`.
///
/// @returns the bytes written; - kBufferTooSmall; - kAlgorithmUnsupported; - kCryptoFailed
[[nodiscard]] Result<ByteView> sign1(ByteView payload, const crypto::P256PrivateKey& key, const SignOptions& options,
                                     MutableBytes out) noexcept;

}  // namespace tailor::cose
