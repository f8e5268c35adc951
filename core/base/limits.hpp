// SPDX-License-Identifier: Apache-2.0
// Every limit of the core, with its unit and its reason. A limit is refused with an error of class Resource or
// Malformed; nothing grows beyond it. Integrators override through the build (-DTAILOR_LIMIT_...), never by editing.
#pragma once

#include <cstddef>
#include <cstdint>

// What a build may override. The reasons stand at the constants.
#ifndef TAILOR_LIMIT_MANIFEST_BYTES
#define TAILOR_LIMIT_MANIFEST_BYTES 2048
#endif
#ifndef TAILOR_LIMIT_TREE_COMPONENTS
#define TAILOR_LIMIT_TREE_COMPONENTS 12
#endif
#ifndef TAILOR_LIMIT_PARAMETERS
#define TAILOR_LIMIT_PARAMETERS 48
#endif
#ifndef TAILOR_LIMIT_URI_BYTES
#define TAILOR_LIMIT_URI_BYTES 255
#endif
#ifndef TAILOR_LIMIT_KEY_PAIRS
#define TAILOR_LIMIT_KEY_PAIRS 2
#endif
#ifndef TAILOR_LIMIT_CERTIFICATE_BYTES
#define TAILOR_LIMIT_CERTIFICATE_BYTES 1024
#endif
#ifndef TAILOR_LIMIT_TRUST_SIGNERS
#define TAILOR_LIMIT_TRUST_SIGNERS 6
#endif
#ifndef TAILOR_LIMIT_TRUST_SERVERS
#define TAILOR_LIMIT_TRUST_SERVERS 4
#endif
#ifndef TAILOR_LIMIT_TRUST_OPERATORS
#define TAILOR_LIMIT_TRUST_OPERATORS 8
#endif
#ifndef TAILOR_LIMIT_TRUST_AUTHORITIES
#define TAILOR_LIMIT_TRUST_AUTHORITIES 2
#endif
#ifndef TAILOR_LIMIT_TRUST_REVOCATIONS
#define TAILOR_LIMIT_TRUST_REVOCATIONS 16
#endif
#ifndef TAILOR_LIMIT_TRUST_RIGHTS
#define TAILOR_LIMIT_TRUST_RIGHTS 4
#endif
#ifndef TAILOR_LIMIT_TRUST_LABELS
#define TAILOR_LIMIT_TRUST_LABELS 32
#endif
#ifndef TAILOR_LIMIT_TRUST_POLICIES
#define TAILOR_LIMIT_TRUST_POLICIES 4
#endif
#ifndef TAILOR_LIMIT_TRUST_STORE_BYTES
#define TAILOR_LIMIT_TRUST_STORE_BYTES 3072
#endif
#ifndef TAILOR_LIMIT_DEPENDENCIES
#define TAILOR_LIMIT_DEPENDENCIES 4
#endif
#ifndef TAILOR_LIMIT_BLOCK_SZX
#define TAILOR_LIMIT_BLOCK_SZX 6
#endif
#ifndef TAILOR_LIMIT_SMALL_MESSAGES
#define TAILOR_LIMIT_SMALL_MESSAGES 16
#endif
#ifndef TAILOR_LIMIT_WHOLE_MESSAGES
#define TAILOR_LIMIT_WHOLE_MESSAGES 8
#endif

namespace tailor::limits {

// --- CBOR ----------------------------------------------------------------------------------------------------------
/// Nesting levels. The deepest structure we read is a report in a COSE structure: 12; recursion uses about 64 bytes a
/// level.
inline constexpr size_t kCborDepth = 16;

// --- SUIT ----------------------------------------------------------------------------------------------------------
/// Bytes of authentication wrapper and manifest that are held in RAM before anything is trusted. A Class 1 node has
/// 10 KiB in all; the largest official example is 0.9 KiB with its texts.
inline constexpr size_t kManifestBytes = TAILOR_LIMIT_MANIFEST_BYTES;
/// Components of one manifest. RFC 9019 section 5 shows two; the official examples use three.
inline constexpr size_t kComponents = 8;
/// Components of a manifest and all of its dependencies together; one that several of them name counts once.
inline constexpr size_t kTreeComponents = TAILOR_LIMIT_TREE_COMPONENTS;
/// Parameters that are set at a time, over all components: six for each of eight, as example 5 has them.
inline constexpr size_t kParameters = TAILOR_LIMIT_PARAMETERS;
/// Dependencies of a tree that are held at a time, and how deep they may be nested: an author's manifest under a
/// distributor's, and what that depends on.
inline constexpr size_t kDependencies = TAILOR_LIMIT_DEPENDENCIES;
inline constexpr size_t kDependencyDepth = 2;
/// Numbers of a version (update-management: three of the release, a pre-release indicator and its own).
inline constexpr size_t kVersionParts = 6;
/// Parts of one component identifier, and bytes of all of them.
inline constexpr size_t kComponentIdParts = 4;
inline constexpr size_t kComponentIdBytes = 64;
/// Try-each and run-sequence inside each other. Bounds recursion of the processor.
inline constexpr size_t kSequenceDepth = 4;
/// Authentication blocks of one envelope: author, operator and one spare for a change of algorithm.
inline constexpr size_t kAuthenticationBlocks = 3;
/// Bytes of a URI parameter that a device keeps.
inline constexpr size_t kUriBytes = TAILOR_LIMIT_URI_BYTES;

// --- CoAP ----------------------------------------------------------------------------------------------------------
/// Token length, RFC 7252 section 3. Extended tokens (RFC 8974) are refused.
inline constexpr size_t kTokenBytes = 8;
/// Largest block (SZX 6, RFC 7959 2.2).
inline constexpr size_t kBlockBytes = 1024;
/// Largest block that a device takes part in, as SZX.
inline constexpr uint8_t kDeviceBlockSzx = TAILOR_LIMIT_BLOCK_SZX;
/// One CoAP message: a 1,024-byte block, 4 + 8 bytes of header and token, and room for options (RFC 7252 4.6 assumes
/// 1,152).
inline constexpr size_t kMessageBytes = 1152;
/// Options of one message that are not repeated path or query segments: more than any of ours has.
inline constexpr size_t kOptionsPerMessage = 32;

/// Messages that a device keeps to send them again, over all links: small ones (96 bytes: acknowledgements and short
/// answers), and whole ones.
inline constexpr size_t kSmallMessages = TAILOR_LIMIT_SMALL_MESSAGES;
inline constexpr size_t kWholeMessages = TAILOR_LIMIT_WHOLE_MESSAGES;

// --- identity ------------------------------------------------------------------------------------------------------
/// Key pairs that a device may have, each with its certificate: for update servers, and for everything else.
inline constexpr size_t kKeyPairs = TAILOR_LIMIT_KEY_PAIRS;
/// DER bytes of one certificate in our profile (P-256: about 550).
inline constexpr size_t kCertificateBytes = TAILOR_LIMIT_CERTIFICATE_BYTES;
/// Entries of the trust store a device keeps. Signers: author and operator, each with its successor during a rotation,
/// a distributor and one spare.
inline constexpr size_t kTrustSigners = TAILOR_LIMIT_TRUST_SIGNERS;
inline constexpr size_t kTrustServers = TAILOR_LIMIT_TRUST_SERVERS;
inline constexpr size_t kTrustOperators = TAILOR_LIMIT_TRUST_OPERATORS;
inline constexpr size_t kTrustAuthorities = TAILOR_LIMIT_TRUST_AUTHORITIES;
inline constexpr size_t kTrustRevocations = TAILOR_LIMIT_TRUST_REVOCATIONS;
/// Component-id prefixes of one signer, labels of commands or parameters that one of them names, policies of a store,
/// clauses of a policy: as many as the largest set of commands and parameters that the documents define needs.
inline constexpr size_t kTrustRights = TAILOR_LIMIT_TRUST_RIGHTS;
inline constexpr size_t kTrustLabels = TAILOR_LIMIT_TRUST_LABELS;
inline constexpr size_t kTrustPolicies = TAILOR_LIMIT_TRUST_POLICIES;
inline constexpr size_t kTrustClauses = 3;
/// Bytes of the trust store as it is signed. A device holds two of them while one replaces the other; with two CA
/// certificates and every list full it has about 2,500.
inline constexpr size_t kTrustStoreBytes = TAILOR_LIMIT_TRUST_STORE_BYTES;

// --- storage -------------------------------------------------------------------------------------------------------
/// Records that a device keeps at a time (keys, certificates, trust store, counters, states): about twice what the
/// agent names. Costs 8 bytes of RAM each.
inline constexpr size_t kStoreRecords = 32;
/// Records that change together: an enrolment's two keys, two certificates, generation and state, and two spare.
inline constexpr size_t kStoreBatch = 8;

}  // namespace tailor::limits
