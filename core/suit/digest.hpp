// SPDX-License-Identifier: Apache-2.0
// SUIT_Digest (manifest 10): an algorithm and the digest's bytes. Every algorithm that the crypto contract knows is
// read; one that the backend lacks is refused where it is computed.
#pragma once

#include "core/cbor/reader.hpp"
#include "core/cbor/writer.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::suit {

/// A view into the bytes it was decoded from.
struct Digest {
  ByteView bytes;  ///< as long as the algorithm makes them
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::kSha256;
};

/// Bytes of an encoded SUIT_Digest with SHA-256.
inline constexpr size_t kDigestBytes = 36;

/// Reads the array `[algorithm, bytes]`; the failure is the reader's.
///
/// kAlgorithmUnsupported: none of crypto::HashAlgorithm; kValueOutOfRange: a digest of another length, or extensions.
void read_digest(cbor::Reader& reader, Digest& digest) noexcept;

/// Takes the array from the reader.
/// @returns as read_digest()
[[nodiscard]] Result<Digest> take_digest(cbor::Reader& reader) noexcept;

/// Decodes a SUIT_Digest that fills `encoded`.
[[nodiscard]] Status decode_digest(ByteView encoded, Digest& digest) noexcept;
[[nodiscard]] Result<Digest> decode_digest(ByteView encoded) noexcept;

/// Appends the array.
cbor::Writer& put_digest(cbor::Writer& writer, const crypto::Sha256Digest& digest) noexcept;

/// Digests `bytes` and compares.
/// @returns kOk when equal; `mismatch` when not; kCryptoFailed; - kAlgorithmUnsupported: the backend lacks it
[[nodiscard]] Status check_digest(const Digest& digest, ByteView bytes, Error mismatch) noexcept;

/// Ends a computation and compares.
/// @returns as check_digest()
[[nodiscard]] Status finish_digest(crypto::Hash& hash, const Digest& digest, Error mismatch) noexcept;

}  // namespace tailor::suit
