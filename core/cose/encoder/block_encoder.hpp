// SPDX-License-Identifier: Apache-2.0
// Writes the structures that authenticate a detached payload (RFC 9052 4, 6). Signing is in two steps, so that the
// private key may be anywhere: what is to be signed comes out, the signature goes in. For authors; devices do not have
// it.
#pragma once

#include <span>

#include "core/cose/block.hpp"

namespace tailor::cose {

/// What stands in a signer's headers.
struct SignerHeaders {
  int64_t algorithm = algorithm::kEsp256;  ///< protected
  ByteView key_id = {};                    ///< unprotected; left out when empty
};

/// A signature and who made it.
struct SignatureEntry {
  SignerHeaders headers;
  ByteView signature;
};

/// Writes the Sig_structure (RFC 9052 4.4) of a COSE_Sign1 or of one signer of a COSE_Sign, or the MAC_structure (RFC
/// 9052 6.3) of a COSE_Mac0 or COSE_Mac.
///
/// ECDSA signs its SHA-256 digest; Ed25519, HSS/LMS and HMAC take the bytes themselves.
/// @returns the bytes written; - kBufferTooSmall
[[nodiscard]] Result<ByteView> to_be_signed(Structure structure, const SignerHeaders& headers, ByteView payload,
                                            MutableBytes out) noexcept;

/// Writes a tagged COSE_Sign1 with detached payload.
[[nodiscard]] Result<ByteView> encode_sign1(const SignatureEntry& signature, MutableBytes out) noexcept;

/// Writes a tagged COSE_Sign with detached payload.
/// @param signatures  1 to kMaxEntries, otherwise kValueOutOfRange
[[nodiscard]] Result<ByteView> encode_sign(std::span<const SignatureEntry> signatures, MutableBytes out) noexcept;

/// Writes a tagged COSE_Mac0 with detached payload around a tag that was made elsewhere.
[[nodiscard]] Result<ByteView> encode_mac0(const SignatureEntry& tag, MutableBytes out) noexcept;
/// Writes a tagged COSE_Mac0 with detached payload and HMAC-256.
[[nodiscard]] Result<ByteView> encode_mac0(ByteView payload, ByteView key, ByteView key_id, MutableBytes out) noexcept;

/// A recipient of a COSE_Mac.
struct MacRecipient {
  ByteView wrapping_key = {};  ///< 16, 24 or 32 bytes; empty: it has the MAC key, and is the only recipient
  ByteView key_id = {};        ///< left out when empty
};

/// Writes a tagged COSE_Mac with detached payload and HMAC-256 under `key`.
/// @param recipients  1 to kMaxEntries, otherwise kValueOutOfRange; so are keys of other sizes
[[nodiscard]] Result<ByteView> encode_mac(ByteView payload, ByteView key, std::span<const MacRecipient> recipients,
                                          MutableBytes out) noexcept;

}  // namespace tailor::cose
