// SPDX-License-Identifier: Apache-2.0
// SUIT_Digest (manifest 10): an algorithm and the digest's bytes. SHA-256 is what is accepted; the rest is refused by
// name, because no backend of the device has it.
#pragma once

#include "core/cbor/reader.hpp"
#include "core/cbor/writer.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::suit {

/// A view into the bytes it was decoded from.
struct Digest {
  ByteView bytes;  ///< SHA-256, 32 bytes
};

/// Bytes of an encoded SUIT_Digest with SHA-256.
inline constexpr size_t kDigestBytes = 36;

/// Takes the array `[algorithm, bytes]` from the reader.
/// @returns kAlgorithmUnsupported: not SHA-256; - kValueOutOfRange: a digest of another length, or extensions
[[nodiscard]] Result<Digest> take_digest(cbor::Reader& reader) noexcept;

/// Decodes a SUIT_Digest that fills `encoded`.
[[nodiscard]] Result<Digest> decode_digest(ByteView encoded) noexcept;

/// Appends the array.
cbor::Writer& put_digest(cbor::Writer& writer, const crypto::Sha256Digest& digest) noexcept;

/// Digests `bytes` and compares.
/// @returns kOk when equal; `mismatch` when not; kCryptoFailed
[[nodiscard]] Status check_digest(const Digest& digest, ByteView bytes, Error mismatch) noexcept;

}  // namespace tailor::suit
