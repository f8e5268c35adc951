// SPDX-License-Identifier: Apache-2.0
// What differs between one firmware image and the next of the demonstration. Knows nothing.
#pragma once

namespace tailor::mps2 {

extern const char* const kFirmwareVersion;

}  // namespace tailor::mps2
