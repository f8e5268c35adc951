// SPDX-License-Identifier: Apache-2.0
// Error codes of the core, generated from errors.def, with their class, texts and maps to protocols. Depends on
// nothing.
#pragma once

#include <cstdint>
#include <string_view>

namespace tailor {

/// What a caller may do about an error: refuse the input, refuse the peer, tell the operator, free something, retry.
enum class ErrorClass : uint8_t { kMalformed, kUnauthentic, kPolicy, kResource, kTransient, kPort };

/// One code for one meaning; numbers are stable, because devices store and report them. Zero is not an error.
enum class Error : uint8_t {
#define TAILOR_ERROR(code, name, cls, suit, coap, http, text) k##name = code,
#include "core/base/errors.def"
#undef TAILOR_ERROR
};

/// What the protocols say for an error.
struct ErrorInfo {
  Error error;
  ErrorClass error_class;
  uint8_t suit_reason;    ///< SUIT_Report -20 reason code
  uint8_t coap_code;      ///< RFC 7252 code byte, e.g. 0x80 for 4.00
  uint16_t http_status;   ///< RFC 9110 status code
  std::string_view name;  ///< as in errors.def, e.g. "SignatureInvalid"
  std::string_view meaning;
};

/// The row of errors.def; a code that is not in it gives the row of kInternal, as everywhere below.
/// @note  with all texts: about 10 kB. A firmware asks for what it needs
[[nodiscard]] ErrorInfo describe(Error error) noexcept;

// One column of it each.
[[nodiscard]] ErrorClass class_of(Error error) noexcept;
[[nodiscard]] uint8_t suit_reason_of(Error error) noexcept;
[[nodiscard]] uint8_t coap_code_of(Error error) noexcept;
/// About 2.5 kB. The text ends with NUL, as that of meaning_text().
[[nodiscard]] std::string_view name_of(Error error) noexcept;
[[nodiscard]] std::string_view meaning_text(Error error) noexcept;

/// Finds an error by its number on the wire or in flash; an unknown number gives kInternal.
[[nodiscard]] Error error_from_code(uint8_t code) noexcept;

/// Whether log lines and diagnostic payloads name errors; with -DTAILOR_ERROR_NAMES=0 they have the number.
#ifdef TAILOR_ERROR_NAMES
inline constexpr bool kNamesErrors = TAILOR_ERROR_NAMES != 0;
#else
inline constexpr bool kNamesErrors = true;
#endif

}  // namespace tailor
