// SPDX-License-Identifier: Apache-2.0
// Between the core's results and the C API's numbers, which are the same ones.
#pragma once

#include "core/base/result.hpp"
#include "tailor/error.h"

namespace tailor::capi {

/// What an integrator's function answered; a number that errors.def does not know becomes kInternal.
[[nodiscard]] inline Status from_c(tailor_error_t error) noexcept {
  if (error == TAILOR_OK) return kOk;
  return error_from_code(static_cast<uint8_t>(error));
}

[[nodiscard]] inline tailor_error_t to_c(const Status& status) noexcept {
  return status.ok() ? TAILOR_OK : static_cast<tailor_error_t>(status.error());
}

}  // namespace tailor::capi
