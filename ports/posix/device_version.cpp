// SPDX-License-Identifier: Apache-2.0
#include "ports/posix/device_version.hpp"

namespace tailor::posix {

const char kDeviceVersion[] = TAILOR_DEVICE_VERSION;
const uint32_t kEnrolmentGeneration = TAILOR_DEVICE_GENERATION;

}  // namespace tailor::posix
