// SPDX-License-Identifier: Apache-2.0
// The leniencies of a recipient, each a named switch. Everything is refused that a document does not allow, unless a
// switch says so; docs/formats/suit-decisions.md lists the published examples that need one.
#pragma once

namespace tailor::suit {

/// All off is the default. Names with hyphens are those of `tailor manifest verify --lenient`.
struct Leniency {
  /// untagged-envelope: an envelope without CBOR tag 107, as TEEP carries it.
  bool untagged_envelope = false;
  /// legacy-algorithms: ES256 (-7) and EdDSA (-8), which RFC 9864 deprecates, as other names of ESP256 (-9) and
  /// Ed25519 (-19).
  bool legacy_algorithms = false;
  /// missing-dependency-integrity: process-dependency without dependency-integrity before it (trust-domains, example
  /// 2).
  bool missing_dependency_integrity = false;
  /// index-beyond-components: a dependency with an index that is beyond the list of components (trust-domains
  /// examples).
  bool index_beyond_components = false;
};

inline constexpr Leniency kStrict{};

}  // namespace tailor::suit
