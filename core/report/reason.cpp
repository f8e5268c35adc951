// SPDX-License-Identifier: Apache-2.0
#include "core/report/reason.hpp"

#include <iterator>

namespace tailor::report {
namespace {

constexpr std::string_view kWords[] = {"result OK",
                                       "CBOR parse failure",
                                       "unsupported COSE structure or header",
                                       "unsupported COSE algorithm",
                                       "signature or MAC verification failed",
                                       "unsupported SUIT command",
                                       "unsupported SUIT component",
                                       "unauthorized SUIT component",
                                       "unsupported SUIT parameter",
                                       "severing unsupported",
                                       "condition failed",
                                       "operation failed",
                                       "invocation pending"};
static_assert(std::size(kWords) == kReasons);

}  // namespace

Reason reason_of(Error error) noexcept {
  return static_cast<Reason>(suit_reason_of(error));
}

Result<Reason> reason_from_code(uint64_t code) noexcept {
  if (code >= kReasons) return Error::kValueOutOfRange;
  return static_cast<Reason>(code);
}

std::string_view words_of(Reason reason) noexcept {
  return kWords[static_cast<uint8_t>(reason)];
}

bool is_unsupported(Reason reason) noexcept {
  switch (reason) {
    case Reason::kCoseUnsupported:
    case Reason::kAlgorithmUnsupported:
    case Reason::kCommandUnsupported:
    case Reason::kComponentUnsupported:
    case Reason::kParameterUnsupported:
    case Reason::kSeveringUnsupported:
      return true;
    default:
      return false;
  }
}

}  // namespace tailor::report
