// SPDX-License-Identifier: Apache-2.0
// Which install modes are compiled in. A build that leaves one out refuses a layout that asks for it; slots that are
// executed in place need no code of their own and are always there.
#pragma once

#ifndef TAILOR_BOOT_OVERWRITE
#define TAILOR_BOOT_OVERWRITE 1
#endif
#ifndef TAILOR_BOOT_SWAP
#define TAILOR_BOOT_SWAP 1
#endif

namespace tailor::boot {

inline constexpr bool kCanOverwrite = TAILOR_BOOT_OVERWRITE != 0;
inline constexpr bool kCanSwap = TAILOR_BOOT_SWAP != 0;
inline constexpr bool kCanMove = kCanOverwrite || kCanSwap;

}  // namespace tailor::boot
