// SPDX-License-Identifier: Apache-2.0
// What of the SUIT documents a build leaves out. Everything is in unless -DTAILOR_SUIT_...=0 takes it out; what is left
// out is refused by name (CommandUnsupported, ParameterUnsupported, TooManyDependencies). What the manifest draft
// requires (manifest 8.4.13: vendor, class, image match, set component index, override parameters, fetch, invoke) has
// no option. tools/suit_options.py builds each option off, alone, as a test.
#pragma once

/// Try-each, run-sequence and the soft failure of both.
#ifndef TAILOR_SUIT_SEQUENCES
#define TAILOR_SUIT_SEQUENCES 1
#endif
/// Conditions component slot, device identifier and abort.
#ifndef TAILOR_SUIT_CONDITIONS
#define TAILOR_SUIT_CONDITIONS 1
#endif
/// Condition check-content.
#ifndef TAILOR_SUIT_CHECK_CONTENT
#define TAILOR_SUIT_CHECK_CONTENT 1
#endif
/// Directive write.
#ifndef TAILOR_SUIT_WRITE
#define TAILOR_SUIT_WRITE 1
#endif
/// Directive copy.
#ifndef TAILOR_SUIT_COPY
#define TAILOR_SUIT_COPY 1
#endif
/// Directive swap.
#ifndef TAILOR_SUIT_SWAP
#define TAILOR_SUIT_SWAP 1
#endif
/// Commands and parameters of the device's own, with labels below -256.
#ifndef TAILOR_SUIT_CUSTOM
#define TAILOR_SUIT_CUSTOM 1
#endif
/// Trust domains: dependencies, set-parameters, unlink.
#ifndef TAILOR_SUIT_DEPENDENCIES
#define TAILOR_SUIT_DEPENDENCIES 1
#endif
/// Update management: use-before, image-not-match, minimum battery, update authorized, version, wait,
/// override-multiple, copy-params.
#ifndef TAILOR_SUIT_UPDATE_MANAGEMENT
#define TAILOR_SUIT_UPDATE_MANAGEMENT 1
#endif
/// Parameter encryption-info: write and copy decrypt.
#ifndef TAILOR_SUIT_ENCRYPTION
#define TAILOR_SUIT_ENCRYPTION 1
#endif
/// Records of commands for reports.
#ifndef TAILOR_SUIT_RECORDS
#define TAILOR_SUIT_RECORDS 1
#endif
