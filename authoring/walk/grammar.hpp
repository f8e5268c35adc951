// SPDX-License-Identifier: Apache-2.0
// What stands where in a SUIT envelope, as one table: names, shapes and clauses of every element of the manifest draft,
// trust domains, update management and firmware encryption. The walker checks by it; everything that shows an envelope
// takes its names from it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tailor::authoring {

/// What an item has to be.
enum class Shape : uint8_t {
  kAny,
  kUnsigned,
  kInt,
  kBool,
  kText,
  kBytes,
  kUuid,
  kVendorId,        // UUID, or tag 112 around a private enterprise number
  kPolicy,          // bits 0 to 3
  kIndex,           // of a component
  kIndexArgument,   // an index, true, or a list of indices
  kDigest,          // [algorithm, bytes]
  kSequence,        // command, argument, command, argument
  kSharedSequence,  // the same, with the commands that the shared sequence may have
  kBranches,        // wrapped sequences, then perhaps null
  kSharedBranches,
  kParameters,
  kParametersOfEach,  // index -> parameters
  kParameterLists,    // index -> labels
  kLabels,
  kCustomArgument,
  kEnvelope,
  kWrapper,
  kBlock,  // a COSE structure that authenticates
  kBlockBody,
  kSigners,  // of COSE_Sign
  kSigner,
  kHeader,
  kManifest,
  kVersionOne,
  kCommon,
  kDependencies,
  kDependency,
  kComponents,
  kComponentId,
  kVersion,
  kVersionMatch,
  kVersionMatches,
  kWaitInfo,
  kOtherDevice,
  kMetadata,
  kEncryptionInfo,  // tag 96
  kEncryptionBody,
  kRecipients,
  kRecipient,
  kCoseKey,
  kTexts,
  kLanguage,
  kComponentTexts,
};

/// One row: in a map or sequence of shape `in`, `key` is called `name` and has to be of shape `shape`.
struct Element {
  Shape in;
  int64_t key;
  const char* name;
  Shape shape;
  bool wrapped = false;    ///< a byte string around it
  bool severable = false;  ///< or the digest of it
  const char* clause = "";
};

/// The row; null for a key that the documents do not have there.
[[nodiscard]] const Element* find_element(Shape in, int64_t key) noexcept;
/// The number of a command or parameter by its name in this table, as diagnostics write it; null when there is none.
[[nodiscard]] const Element* find_element(Shape in, const char* name) noexcept;

/// Name of a command without the word before it: "fetch" for "directive-fetch".
[[nodiscard]] const char* short_name(const char* name) noexcept;
[[nodiscard]] bool is_condition(int64_t command) noexcept;
/// Whether the shared sequence may have a command (manifest 8.4.5, SUIT_Shared_Sequence).
[[nodiscard]] bool allowed_in_shared(int64_t command) noexcept;

/// Name of a COSE algorithm; null for one without a name here.
[[nodiscard]] const char* cose_algorithm_name(int64_t algorithm) noexcept;
/// "COSE_Sign1" and the like by tag; null for a tag that is none of them.
[[nodiscard]] const char* cose_structure_name(uint64_t tag) noexcept;

}  // namespace tailor::authoring
