// SPDX-License-Identifier: Apache-2.0
// What an envelope says, in the words of its author: for `inspect`, and for tools that look into manifests. Believes
// nothing: whether a signature holds is asked of verify_envelope().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "authoring/component_text.hpp"
#include "authoring/walk/walker.hpp"
#include "core/base/uuid.hpp"
#include "hosted/encoding.hpp"

namespace tailor::authoring {

struct AuthenticationBlock {
  std::string kind;       ///< "COSE_Sign1"; another structure is named by its tag
  int64_t algorithm = 0;  ///< COSE number; 0 when it cannot be told
  std::string key_id;     ///< hexadecimal; empty when absent
};

/// What the manifest sets for one component, as it stands after all of its sequences were read. Where branches differ,
/// the last one shows.
struct ComponentSummary {
  ComponentParts id;
  std::optional<Uuid> vendor, device_class;
  std::optional<ImageDigest> digest;
  std::optional<uint64_t> size_bytes;
  std::string uri;      ///< empty when it is not fetched
  std::string version;  ///< from the texts
};

struct EnvelopeSummary {
  Bytes digest;  ///< of the manifest, as reports and servers name it
  uint64_t sequence_number = 0;
  std::string reference_uri;
  std::vector<AuthenticationBlock> blocks;
  std::vector<ComponentSummary> components;
  std::vector<std::string> sections;  ///< present in place, in the order in which they run
  std::vector<std::string> severed;   ///< told by digest, whether they came along or not
  struct Payload {
    std::string uri;
    uint64_t size_bytes = 0;
  };
  std::vector<Payload> payloads;
  std::string description, update_description;
};

/// Walks the envelope and sums it up.
/// @returns the first finding of the walk
[[nodiscard]] Outcome<EnvelopeSummary> summarize(ByteView envelope);
/// Sums up what was walked, as far as it goes where something was found.
[[nodiscard]] EnvelopeSummary summary_of(const Walked& walked);

/// Identifiers of the listed components, by index.
[[nodiscard]] std::vector<ComponentParts> components_of(const Walked& walked);
[[nodiscard]] ComponentParts component_of_node(const Node& node);
[[nodiscard]] std::vector<AuthenticationBlock> blocks_of(const Walked& walked);
/// The URI under which a payload stands in the envelope.
[[nodiscard]] std::string uri_of_payload(const Node& payload);

/// "ESP256" and the like; the number when it has no name here.
[[nodiscard]] std::string algorithm_name(int64_t cose_algorithm);

}  // namespace tailor::authoring
