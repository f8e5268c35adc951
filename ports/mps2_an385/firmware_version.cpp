// SPDX-License-Identifier: Apache-2.0
// See firmware_version.hpp; the build says the version.
#include "ports/mps2_an385/firmware_version.hpp"

namespace tailor::mps2 {

const char* const kFirmwareVersion = TAILOR_FIRMWARE_VERSION;

}  // namespace tailor::mps2
