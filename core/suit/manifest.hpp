// SPDX-License-Identifier: Apache-2.0
// The SUIT manifest (manifest 8.4), decoded into views: what it names, and where its command sequences are. Decoding
// trusts nothing and gives no trust: only authenticate() makes an AuthenticManifest of it.
#pragma once

#include <array>
#include <string_view>

#include "core/suit/component_id.hpp"
#include "core/suit/digest.hpp"
#include "core/suit/labels.hpp"

namespace tailor::suit {

/// A member of the manifest that is a byte string in place, or a digest of one that was severed (manifest 8.4.12).
struct Member {
  enum class Place : uint8_t { kAbsent, kInPlace, kSevered };
  ByteView bytes;  ///< content of the byte string in place, or the digest's bytes
  Place place = Place::kAbsent;
};

/// Views point into the bytes it was decoded from.
struct Manifest {
  uint64_t sequence_number = 0;
  std::string_view reference_uri;  ///< empty when absent
  ByteView components;             ///< encoded identifiers, one after the other
  size_t component_count = 0;
  ByteView shared_sequence;  ///< empty when absent

  /// The member with a manifest_key; absent for a key that is none of kMemberKeys.
  [[nodiscard]] Member member(int64_t key) const noexcept;
  /// The encoded identifier of a component.
  /// @returns kComponentIndexInvalid
  [[nodiscard]] Result<ByteView> component(size_t index) const noexcept;

  static constexpr std::array<int8_t, 6> kMemberKeys = {manifest_key::kValidate, manifest_key::kLoad,
                                                        manifest_key::kInvoke,   manifest_key::kPayloadFetch,
                                                        manifest_key::kInstall,  manifest_key::kText};
  std::array<Member, kMemberKeys.size()> members;  ///< in the order of kMemberKeys

  /// Where a key stands in kMemberKeys; its size() for a key that does not.
  [[nodiscard]] static size_t index_of(int64_t key) noexcept;
};

/// Whether a member with this key may be severed.
[[nodiscard]] constexpr bool is_severable(int64_t key) noexcept {
  return key == manifest_key::kPayloadFetch || key == manifest_key::kInstall || key == manifest_key::kText;
}

/// Decodes the content of the manifest's byte string. The command sequences are not looked into.
///
/// @returns kManifestVersionUnsupported: the version is not 1; - kUnknownKey: a key that is not defined or not
///          supported, in manifest or common block (unknown keys have no rule in the draft: refused);
///          - kMissingKey: no version, sequence number, common block or component; - kTooManyComponents; and what
///          cbor::Reader, take_component_id() and take_digest() give
[[nodiscard]] Result<Manifest> decode_manifest(ByteView content) noexcept;

}  // namespace tailor::suit
