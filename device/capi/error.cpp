// SPDX-License-Identifier: Apache-2.0
// tailor/error.h over the core's table.
#include "tailor/error.h"

#include "core/base/error.hpp"
#include "device/capi/convert.hpp"

namespace tailor::capi {

// A spot check that header and list were made from each other; the test compares all of them.
static_assert(static_cast<int>(Error::kTruncated) == TAILOR_ERROR_TRUNCATED);
static_assert(static_cast<int>(Error::kInternal) == TAILOR_ERROR_INTERNAL);

}  // namespace tailor::capi

// The names of errors.def are literals, so they end with NUL.
extern "C" const char* tailor_error_name(tailor_error_t error) {
  return error == TAILOR_OK ? "Ok" : tailor::name_of(static_cast<tailor::Error>(error)).data();
}

extern "C" const char* tailor_error_meaning(tailor_error_t error) {
  return error == TAILOR_OK ? "" : tailor::meaning_text(static_cast<tailor::Error>(error)).data();
}
