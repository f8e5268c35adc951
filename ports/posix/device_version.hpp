// SPDX-License-Identifier: Apache-2.0
// What one build of tailor-device says of itself; the build gives the values (tailor_device_image in CMakeLists.txt).
#pragma once

#include <cstdint>

namespace tailor::posix {

/// Version text, also in registrations.
extern const char kDeviceVersion[];
/// An image that cannot use the certificates of its predecessors carries a higher generation: the device enrols anew
/// with the pre-shared key of that generation (docs/formats/factory-bundle.md).
extern const uint32_t kEnrolmentGeneration;

}  // namespace tailor::posix
