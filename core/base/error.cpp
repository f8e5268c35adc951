// SPDX-License-Identifier: Apache-2.0
// The tables behind error.hpp: numbers, names and meanings apart, so that a firmware links what it asks for. Names and
// meanings stand in one text each, ended by NULs, since a pointer to each would take as much again.
#include "core/base/error.hpp"

namespace tailor {
namespace {

constexpr uint8_t coap_byte(unsigned decimal) {
  return static_cast<uint8_t>(((decimal / 100U) << 5U) | (decimal % 100U));
}

struct Codes {
  Error error;
  ErrorClass error_class;
  uint8_t suit_reason;
  uint8_t coap_code;
};
constexpr Codes kCodes[] = {
#define TAILOR_ERROR(code, name, cls, suit, coap, http, text) \
  {Error::k##name, ErrorClass::k##cls, suit, coap_byte(coap)},
#include "core/base/errors.def"
#undef TAILOR_ERROR
};
constexpr unsigned kCount = sizeof(kCodes) / sizeof(kCodes[0]);

constexpr uint16_t kHttp[] = {
#define TAILOR_ERROR(code, name, cls, suit, coap, http, text) http,
#include "core/base/errors.def"
#undef TAILOR_ERROR
};

constexpr char kNames[] =
#define TAILOR_ERROR(code, name, cls, suit, coap, http, text) #name "\0"
#include "core/base/errors.def"
#undef TAILOR_ERROR
    ;

// A device reports numbers and logs names: with -DTAILOR_ERROR_TEXTS=0 the meanings stay at the server.
#ifndef TAILOR_ERROR_TEXTS
#define TAILOR_ERROR_TEXTS 1
#endif
constexpr char kMeanings[] =
#define TAILOR_ERROR(code, name, cls, suit, coap, http, text) text "\0"
#include "core/base/errors.def"
#undef TAILOR_ERROR
    ;

constexpr bool strictly_ascending() {
  for (unsigned i = 1; i < kCount; ++i) {
    if (kCodes[i - 1].error >= kCodes[i].error) return false;
  }
  return true;
}
static_assert(strictly_ascending(), "errors.def must list codes once each, in ascending order");

/// Where an error stands; kInternal, which stands last, for one that is not listed.
unsigned row_of(Error error) noexcept {
  unsigned row = 0;
  while (row + 1 < kCount && kCodes[row].error != error) ++row;
  return row;
}

std::string_view nth(const char* texts, unsigned row) noexcept {
  for (; row > 0; ++texts) {
    if (*texts == 0) --row;
  }
  size_t length = 0;
  while (texts[length] != 0) ++length;
  return {texts, length};
}

}  // namespace

ErrorInfo describe(Error error) noexcept {
  const unsigned row = row_of(error);
  const Codes& codes = kCodes[row];
  return {codes.error, codes.error_class, codes.suit_reason,  codes.coap_code,
          kHttp[row],  nth(kNames, row),  meaning_text(error)};
}

ErrorClass class_of(Error error) noexcept {
  return kCodes[row_of(error)].error_class;
}

uint8_t suit_reason_of(Error error) noexcept {
  return kCodes[row_of(error)].suit_reason;
}

uint8_t coap_code_of(Error error) noexcept {
  return kCodes[row_of(error)].coap_code;
}

Error error_from_code(uint8_t code) noexcept {
  return kCodes[row_of(static_cast<Error>(code))].error;
}

std::string_view name_of(Error error) noexcept {
  return nth(kNames, row_of(error));
}

std::string_view meaning_text(Error error) noexcept {
  return nth(TAILOR_ERROR_TEXTS != 0 ? kMeanings : "", TAILOR_ERROR_TEXTS != 0 ? row_of(error) : 0);
}

}  // namespace tailor
