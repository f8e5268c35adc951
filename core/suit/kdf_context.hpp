// SPDX-License-Identifier: Apache-2.0
// COSE_KDF_Context as firmware-encryption 6.2.4 fills it in: what the key that wraps a content key is bound to.
#pragma once

#include "core/base/bytes.hpp"

namespace tailor::suit {

/// With a protected header of 64 bytes; ours has 5.
inline constexpr size_t kMaxKdfContextBytes = 112;

/// Writes [-3, [nil, nil, nil], [nil, nil, nil], [128, protected, 'SUIT Payload Encryption']].
/// @param recipient_protected  content of the recipient's protected header
/// @returns kBufferTooSmall
[[nodiscard]] Result<ByteView> encode_kdf_context(ByteView recipient_protected, MutableBytes out) noexcept;

}  // namespace tailor::suit
