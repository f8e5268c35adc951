// SPDX-License-Identifier: Apache-2.0
// What an envelope says, in the words of its author: for `inspect`, and for tools that look into manifests. Believes
// nothing: whether a signature holds is asked of verify_envelope().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "authoring/component_text.hpp"
#include "core/base/uuid.hpp"
#include "core/crypto/crypto.hpp"
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
  std::optional<crypto::Sha256Digest> digest;
  std::optional<uint64_t> size_bytes;
  std::string uri;      ///< empty when it is not fetched
  std::string version;  ///< from the texts
};

struct EnvelopeSummary {
  crypto::Sha256Digest digest{};  ///< of the manifest, as reports and servers name it
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

/// Reads the envelope through, every command and parameter of every sequence included.
///
/// @returns the decoder's failure; kCommandUnsupported or kParameterUnsupported, naming section and label
[[nodiscard]] Outcome<EnvelopeSummary> summarize(ByteView envelope);

/// "ESP256" and the like; the number when it has no name here.
[[nodiscard]] std::string algorithm_name(int64_t cose_algorithm);

}  // namespace tailor::authoring
