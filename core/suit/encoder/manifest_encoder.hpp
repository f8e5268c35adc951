// SPDX-License-Identifier: Apache-2.0
// Writes the SUIT manifest and its text map (manifest 8.4), the other side of manifest.hpp. Members that are severed
// are replaced by their digests; the envelope carries them.
#pragma once

#include "core/suit/component_id.hpp"
#include "core/suit/encoder/sequence_writer.hpp"
#include "core/suit/labels.hpp"

namespace tailor::suit {

/// A member of the manifest: a command sequence or the text map, encoded.
struct ManifestMember {
  int64_t key = 0;  ///< manifest_key
  ByteView content = {};
  bool severed = false;  ///< only its digest stands in the manifest
};

/// A component that holds the envelope of a dependency (trust-domains 5.2.2).
struct DependencyPart {
  uint64_t index = 0;
  ComponentId prefix = {};  ///< left out when empty
};

struct ManifestParts {
  uint64_t sequence_number = 0;
  std::span<const ComponentId> components = {};
  ByteView shared_sequence = {};                      ///< left out when empty
  std::string_view reference_uri = {};                ///< left out when empty
  std::span<const ManifestMember> members = {};       ///< ascending keys
  std::span<const DependencyPart> dependencies = {};  ///< ascending indices; left out when empty
  ComponentId component_id = {};                      ///< where a root manifest is kept; left out when empty
  std::span<const int64_t> set_version = {};          ///< left out when empty
};

/// Writes the content of the manifest's byte string.
///
/// @returns kCborNotCanonical: keys of members do not ascend; - kValueOutOfRange: neither component nor dependency, or
/// a member that cannot
///          be severed is; - kBufferTooSmall; - kCryptoFailed
[[nodiscard]] Result<ByteView> encode_manifest(const ManifestParts& parts, MutableBytes out) noexcept;

/// A text with its text_key or component_text_key.
struct TextEntry {
  int64_t key = 0;
  std::string_view text = {};
};
struct ComponentText {
  ComponentId id = {};
  std::span<const TextEntry> entries = {};  ///< ascending keys
};

/// Writes a text map with one language (manifest 8.4.4).
/// @param language    tag of RFC 5646, e.g. "en"
/// @param components  in the order of their encoded identifiers
[[nodiscard]] Result<ByteView> encode_text(std::string_view language, std::span<const TextEntry> entries,
                                           std::span<const ComponentText> components, MutableBytes out) noexcept;

/// Digests a byte string with its head, as digests of manifests and severed members are made (manifest 8.2, 5.4).
[[nodiscard]] Result<crypto::Sha256Digest> digest_of_item(ByteView content) noexcept;

}  // namespace tailor::suit
