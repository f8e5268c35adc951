// SPDX-License-Identifier: Apache-2.0
// UTF-8, for those who collect a text in pieces and cannot have Reader check it.
#pragma once

#include "core/base/bytes.hpp"

namespace tailor::cbor {

/// Tells whether bytes are UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(ByteView text) noexcept;

}  // namespace tailor::cbor
