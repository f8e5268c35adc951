// SPDX-License-Identifier: Apache-2.0
// What of the agent a build leaves out; everything is in unless -DTAILOR_AGENT_...=0 takes it out. What is left out is
// refused by name.
#pragma once

#include "core/processor/options.hpp"

/// Manifests with a dependency. Costs limits::kManifestBytes of RAM for the dependency's manifest, and 1.2 KiB for
/// what is known of it (Cortex-M3). The boot program needs TAILOR_BOOT_DEPENDENCIES too.
#ifndef TAILOR_AGENT_DEPENDENCIES
#define TAILOR_AGENT_DEPENDENCIES TAILOR_SUIT_DEPENDENCIES
#endif
/// A component in which a payload is kept as it came until a manifest copies it, and decrypts it on the way.
#ifndef TAILOR_AGENT_STAGING
#define TAILOR_AGENT_STAGING 1
#endif
