// SPDX-License-Identifier: Apache-2.0
// Writes SUIT envelopes (manifest 8.2, 8.3), the other side of envelope.hpp, and adds signatures to those that exist.
#pragma once

#include "core/cose/sign1.hpp"
#include "core/suit/encoder/manifest_encoder.hpp"

namespace tailor::suit {

/// A payload inside the envelope.
struct IntegratedPayload {
  std::string_view uri = {};  ///< as in the manifest's parameter uri, e.g. "#firmware"
  ByteView content = {};
};

struct EnvelopeParts {
  ByteView manifest = {};                                ///< as encode_manifest() made it
  std::span<const ByteView> authentication_blocks = {};  ///< as sign_manifest() made them; none: unsigned
  std::span<const ManifestMember> members = {};          ///< those that are severed go into the envelope
  std::span<const IntegratedPayload> payloads = {};      ///< shorter URIs first, then in the order of their bytes
};

/// Writes a tagged envelope.
///
/// @param out  may be empty to ask for the size with envelope_bytes()
/// @returns kCborNotCanonical: the payloads are not in order; - kBufferTooSmall; - kCryptoFailed
[[nodiscard]] Result<ByteView> encode_envelope(const EnvelopeParts& parts, MutableBytes out) noexcept;

/// Bytes that encode_envelope() will write.
[[nodiscard]] size_t envelope_bytes(const EnvelopeParts& parts) noexcept;

/// Writes the SUIT_Digest over a manifest: what signatures cover (manifest 8.3).
[[nodiscard]] Result<ByteView> encode_signed_digest(ByteView manifest, MutableBytes out) noexcept;

/// Makes an authentication block for a manifest: a COSE_Sign1 with detached payload.
[[nodiscard]] Result<ByteView> sign_manifest(ByteView manifest, const crypto::P256PrivateKey& key, ByteView key_id,
                                             MutableBytes out) noexcept;

/// Copies an envelope with one more authentication block; the blocks that are there stay.
/// @param out  not the memory of `envelope`; 9 bytes more than it and the block suffice
[[nodiscard]] Result<ByteView> add_authentication_block(ByteView envelope, ByteView block, MutableBytes out) noexcept;

}  // namespace tailor::suit
