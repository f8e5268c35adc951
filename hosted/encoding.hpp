// SPDX-License-Identifier: Apache-2.0
// Binary as text: hexadecimal, base64 and base64url (RFC 4648). Decoders are strict; the EST body decoder alone skips
// line ends, because RFC 7030 bodies carry them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "hosted/failure.hpp"

namespace tailor {

using Bytes = std::vector<uint8_t>;

/// Writes lower-case hexadecimal.
[[nodiscard]] std::string to_hex(ByteView bytes);
/// Reads hexadecimal in either case. @returns kValueOutOfRange for any other character or an odd length
[[nodiscard]] Outcome<Bytes> from_hex(std::string_view text);

/// Writes base64url without padding (RFC 4648 section 5), the form of image digests in URIs.
[[nodiscard]] std::string to_base64url(ByteView bytes);
/// @returns kValueOutOfRange for padding, foreign characters, an impossible length or non-zero spare bits
[[nodiscard]] Outcome<Bytes> from_base64url(std::string_view text);

/// Writes base64 with padding (RFC 4648 section 4); a line end after every `line` characters when it is not 0.
[[nodiscard]] std::string to_base64(ByteView bytes, size_t line = 0);
enum class Whitespace : uint8_t { kRefuse, kSkip };
/// @returns kValueOutOfRange for anything but one padded base64 text
[[nodiscard]] Outcome<Bytes> from_base64(std::string_view text, Whitespace whitespace = Whitespace::kRefuse);

}  // namespace tailor
