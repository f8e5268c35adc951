// SPDX-License-Identifier: Apache-2.0
// What a signature or a MAC covers: Sig_structure and MAC_structure (RFC 9052 4.4, 6.3). Its last element is the
// payload, which may be large: it is written up to there, and the payload follows as it is.
#pragma once

#include "core/cose/block.hpp"

namespace tailor::cose {

/// Writes the structure up to the payload's first byte.
/// @returns kBodyTooLarge when it does not fit
[[nodiscard]] Result<ByteView> encode_before_payload(const Claim& claim, ByteView external_data, size_t payload_bytes,
                                                     MutableBytes out) noexcept;

/// Puts the whole structure together.
/// @returns kBodyTooLarge when it does not fit
[[nodiscard]] Result<ByteView> assemble(const Claim& claim, ByteView external_data, ByteView payload,
                                        MutableBytes out) noexcept;

/// Digests the structure, however large the payload.
[[nodiscard]] Status digest(ByteView before_payload, ByteView payload, crypto::Sha256Digest& digest) noexcept;

}  // namespace tailor::cose
