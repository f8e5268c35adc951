// SPDX-License-Identifier: Apache-2.0
// The table behind error.hpp. Only describe() reads it.
#include "core/base/error.hpp"

namespace tailor {
namespace {

constexpr uint8_t coap_byte(unsigned decimal) {
  return static_cast<uint8_t>(((decimal / 100U) << 5U) | (decimal % 100U));
}

// A device reports numbers and logs names: with -DTAILOR_ERROR_TEXTS=0 the meanings stay at the server.
#ifndef TAILOR_ERROR_TEXTS
#define TAILOR_ERROR_TEXTS 1
#endif
constexpr std::string_view meaning(std::string_view text) {
  return TAILOR_ERROR_TEXTS != 0 ? text : std::string_view{};
}

constexpr ErrorInfo kErrors[] = {
#define TAILOR_ERROR(code, name, cls, suit, coap, http, text) \
  {Error::k##name, ErrorClass::k##cls, suit, coap_byte(coap), http, #name, meaning(text)},
#include "core/base/errors.def"
#undef TAILOR_ERROR
};

constexpr bool strictly_ascending() {
  for (unsigned i = 1; i < sizeof(kErrors) / sizeof(kErrors[0]); ++i) {
    if (kErrors[i - 1].error >= kErrors[i].error) return false;
  }
  return true;
}
static_assert(strictly_ascending(), "errors.def must list codes once each, in ascending order");

}  // namespace

const ErrorInfo& describe(Error error) noexcept {
  const ErrorInfo* last = nullptr;
  for (const ErrorInfo& info : kErrors) {
    if (info.error == error) return info;
    last = &info;
  }
  return *last;  // kInternal stands last
}

Error error_from_code(uint8_t code) noexcept {
  // A table of its own: a boot program reads codes from its journal and has no use for names and texts.
  static constexpr uint8_t kCodes[] = {
#define TAILOR_ERROR(code, name, cls, suit, coap, http, text) code,
#include "core/base/errors.def"
#undef TAILOR_ERROR
  };
  for (const uint8_t known : kCodes) {
    if (known == code) return static_cast<Error>(code);
  }
  return Error::kInternal;
}

std::string_view name_of(Error error) noexcept {
  return describe(error).name;
}

}  // namespace tailor
