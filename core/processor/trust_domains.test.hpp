// SPDX-License-Identifier: Apache-2.0
// The fixture of the tests about trust domains: a device whose component 0 is an image, component 1 the place of a
// dependency on it, component 2 of another.
#pragma once

#include "core/processor/processing.test.hpp"

namespace tailor::processor {

using Log = std::vector<std::string>;
using testing::Author;
using testing::component_id;

/// Digest of the manifest in an envelope, as dependents name it.
inline crypto::Sha256Digest manifest_digest(const Octets& envelope) {
  return crypto::sha256(suit::Envelope::from_bytes(envelope)->manifest_item()).value();
}

inline void name_dependency(SequenceWriter& s, uint64_t index, const Octets& envelope) {
  s.set_component_index(index).override_parameters({.digest = manifest_digest(envelope)});
}
inline void process(SequenceWriter& s, uint64_t index, const Octets& envelope) {
  name_dependency(s, index, envelope);
  s.command(command::kDependencyIntegrity, 15).command(command::kProcessDependency, 2);
}

/// Component 0 is an image, component 1 the place of a dependency on it, component 2 of another.
class TrustDomains : public Processing {
 protected:
  TrustDomains() { author_ = Author(); }

  Author dependency() { return std::move(Author().like(author_)); }
  /// An author's manifest: fetches "p" into component 0.
  Octets image_manifest() {
    return dependency()
        .shared(sequence([&](SequenceWriter& s) { s.override_parameters({.digest = digest_of(image_)}); }))
        .member(manifest_key::kValidate, sequence([](SequenceWriter& s) { s.command(command::kImageMatch, 15); }))
        .member(manifest_key::kInstall, sequence([](SequenceWriter& s) {
                  s.set_parameters({.uri = "p"}).command(command::kFetch, 2).command(command::kImageMatch, 15);
                }))
        .member(manifest_key::kUninstall, sequence([](SequenceWriter& s) { s.command(command::kUnlink, 15); }))
        .envelope();
  }
  /// The root: components 0 and 1, of which 1 is the dependency.
  void depend(const std::function<void(SequenceWriter&)>& install_sequence) {
    author_ = std::move(dependency().components(2).depends_on(1));
    author_.member(manifest_key::kInstall, sequence(install_sequence));
  }
};

}  // namespace tailor::processor
