// SPDX-License-Identifier: Apache-2.0
// What of the boot module a build leaves out. A build that leaves an install mode out refuses a layout that asks for
// it; slots that are executed in place need no code of their own and are always there.
#pragma once

#include "core/processor/options.hpp"

#ifndef TAILOR_BOOT_OVERWRITE
#define TAILOR_BOOT_OVERWRITE 1
#endif
#ifndef TAILOR_BOOT_SWAP
#define TAILOR_BOOT_SWAP 1
#endif
/// Images whose manifest has a dependency: boot verifies both. Costs limits::kManifestBytes of RAM, and the code for
/// dependencies. Without it such a manifest is refused at boot (ComponentUnknown), and the agent must not stage one.
#ifndef TAILOR_BOOT_DEPENDENCIES
#define TAILOR_BOOT_DEPENDENCIES TAILOR_SUIT_DEPENDENCIES
#endif
/// Slots that hold two components, one behind the other (slot_pair.hpp): boot verifies both.
#ifndef TAILOR_BOOT_PAIR
#define TAILOR_BOOT_PAIR 1
#endif

namespace tailor::boot {

inline constexpr bool kCanOverwrite = TAILOR_BOOT_OVERWRITE != 0;
inline constexpr bool kCanSwap = TAILOR_BOOT_SWAP != 0;
inline constexpr bool kCanPair = TAILOR_BOOT_PAIR != 0;
inline constexpr bool kCanMove = kCanOverwrite || kCanSwap;

}  // namespace tailor::boot
