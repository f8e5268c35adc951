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
/// A DTLS server for operators, who bring manifests directly. Costs a link (2.4 KiB on Cortex-M3), and the server side
/// of DTLS; without it AgentSettings::listen is ignored, and servers push over the session that the device opened.
#ifndef TAILOR_AGENT_LISTENING
#define TAILOR_AGENT_LISTENING 1
#endif
/// A link to the CA beside those to the update servers. Without it an enrolment borrows the link to the first server,
/// whose session it ends, while no update is under way: one session at a time, and a link less.
#ifndef TAILOR_AGENT_CA_LINK
#define TAILOR_AGENT_CA_LINK 1
#endif

// What can go on at a time over one link. Numbers, with what each costs on Cortex-M3.

/// Own requests, at least 2: an observation and the exchange beside it. 112 bytes.
#ifndef TAILOR_AGENT_LINK_REQUESTS
#define TAILOR_AGENT_LINK_REQUESTS 3
#endif
/// Requests of the peer that take more than one message: a body that arrives, an answer that is fetched. 104 bytes.
#ifndef TAILOR_AGENT_LINK_ANSWERS
#define TAILOR_AGENT_LINK_ANSWERS 2
#endif
/// Observations of the peer. 28 bytes.
#ifndef TAILOR_AGENT_LINK_OBSERVERS
#define TAILOR_AGENT_LINK_OBSERVERS 2
#endif
/// Requests of the peer that are known again when they are repeated. 24 bytes.
#ifndef TAILOR_AGENT_LINK_REMEMBERED
#define TAILOR_AGENT_LINK_REMEMBERED 8
#endif
