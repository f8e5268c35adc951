// SPDX-License-Identifier: Apache-2.0
// A manifest and its envelope under construction (manifest 8.2 to 8.4, with the elements of trust domains and update
// management), and the encoder that makes bytes of them. Says nothing about which commands belong together.
#pragma once

#include <cstdint>

#include "authoring/model/sequence.hpp"

namespace tailor::authoring {

/// Texts in one language: suit::text_key -> text, and for components suit::component_text_key -> text.
struct LanguageTexts {
  std::map<int64_t, std::string> manifest;
  std::map<ComponentParts, std::map<int64_t, std::string>> components;
};
/// Language tag of RFC 5646 -> texts (manifest 8.4.4).
using Texts = std::map<std::string, LanguageTexts>;

/// A member of the manifest that is a byte string, or its digest (manifest 5.4).
struct ModelMember {
  Bytes content;
  bool severed = false;  ///< the manifest has its digest, the envelope the content
};

struct ManifestModel {
  uint64_t sequence_number = 0;
  std::vector<ComponentParts> components;
  /// Component index -> prefix of its components; an empty one is left out (trust-domains).
  std::map<uint64_t, ComponentParts> dependencies;
  Sequence shared;
  std::string reference_uri;
  ComponentParts manifest_component_id;
  std::vector<int64_t> set_version;
  /// suit::manifest_key -> sequence, text or CoSWID.
  std::map<int64_t, ModelMember> members;
  /// Of the manifest and of severed members.
  crypto::HashAlgorithm digest_algorithm = crypto::HashAlgorithm::kSha256;

  /// Adds a command sequence, unless it is empty.
  void add(int64_t key, const Sequence& sequence, bool severed = false);

  /// Writes the content of the manifest's byte string.
  /// @returns kValueOutOfRange: no component, or a member that cannot be severed is
  [[nodiscard]] Outcome<Bytes> encode() const;
};

/// Payloads and dependencies in an envelope: URI -> content.
using IntegratedPayloads = std::map<std::string, Bytes>;

/// Encodes a tagged envelope without authentication blocks.
[[nodiscard]] Outcome<Bytes> encode_envelope(const ManifestModel& manifest, const IntegratedPayloads& payloads);

/// The content of the text member.
[[nodiscard]] Bytes encode_texts(const Texts& texts);

}  // namespace tailor::authoring
