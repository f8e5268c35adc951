// SPDX-License-Identifier: Apache-2.0
// The SUIT manifest (manifest 8.4; trust-domains 5.2; update-management 4), decoded into views: what it names, and
// where its command sequences are. Decoding trusts nothing and gives no trust: only authenticate() makes an
// AuthenticManifest of it.
#pragma once

#include <array>
#include <limits>
#include <string_view>
#include <type_traits>

#include "core/suit/component_id.hpp"
#include "core/suit/digest.hpp"
#include "core/suit/labels.hpp"

namespace tailor::suit {

/// A member of the manifest that is a byte string in place, or a digest of one that was severed (manifest 8.4.12).
struct Member {
  enum class Place : uint8_t { kAbsent, kInPlace, kSevered };
  ByteView bytes;  ///< content of the byte string in place, or the digest's bytes
  Place place = Place::kAbsent;
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::kSha256;  ///< of a severed member's digest

  [[nodiscard]] Digest digest() const noexcept { return {bytes, algorithm}; }
  /// kOk when the digest of a severed member is here, so that the member may come.
  /// @returns kSeveredDigestMismatch: the manifest has no such member; - kDuplicateKey: it is in place
  [[nodiscard]] Status check_severed() const noexcept;
};

/// An entry of the dependencies map (trust-domains 5.2.2).
struct Dependency {
  uint64_t index = 0;  ///< component index
  ByteView prefix;     ///< encoded identifier; empty when absent
};

/// Views point into the bytes it was decoded from.
struct Manifest {
  uint64_t sequence_number = 0;
  std::string_view reference_uri;  ///< empty when absent
  ByteView components;             ///< encoded identifiers, one after the other
  ByteView dependencies;           ///< encoded keys and values of the dependencies map, one after the other
  size_t component_count = 0;
  ByteView shared_sequence;  ///< empty when absent
  ByteView component_id;     ///< manifest component id, encoded; empty when absent
  ByteView set_version;      ///< encoded array of integers; empty when absent

  /// The member with a manifest_key; absent for a key that is none of kMemberKeys.
  [[nodiscard]] Member member(int64_t key) const noexcept;
  [[nodiscard]] bool has(int64_t key) const noexcept { return member(key).place != Member::Place::kAbsent; }
  /// Puts a member in place, whose content stands behind the manifest's.
  /// @pre     the key is one of kMemberKeys
  /// @returns kManifestTooLarge: too far behind
  [[nodiscard]] Status put(int64_t key, ByteView content) noexcept;
  /// The encoded identifier of a component.
  /// @returns kComponentIndexInvalid
  [[nodiscard]] Result<ByteView> component(size_t index) const noexcept;
  /// Takes the next entry of the dependencies map from a reader over `dependencies`.
  /// @returns kUnknownKey: metadata other than the prefix; - what cbor::Reader and take_component_id() give
  [[nodiscard]] static Result<Dependency> take_dependency(cbor::Reader& reader) noexcept;
  /// The same; the failure is the reader's.
  static void read_dependency(cbor::Reader& reader, Dependency& dependency) noexcept;

  static constexpr std::array<int8_t, 10> kMemberKeys = {manifest_key::kValidate,
                                                         manifest_key::kLoad,
                                                         manifest_key::kInvoke,
                                                         manifest_key::kCoswid,
                                                         manifest_key::kDependencyResolution,
                                                         manifest_key::kPayloadFetch,
                                                         manifest_key::kCandidateVerification,
                                                         manifest_key::kInstall,
                                                         manifest_key::kText,
                                                         manifest_key::kUninstall};

 private:
  friend Status decode_manifest(ByteView, Manifest&) noexcept;
  /// A device's manifests and what is attached to them are smaller than 64 KiB: 4 bytes a member.
  using Offset = std::conditional_t<sizeof(void*) == 4, uint16_t, uint32_t>;
  struct Slot {
    Offset offset = 0;  ///< from the manifest's first byte; 0: absent, since a member has a key before it
    Offset size = 0;
  };
  /// Of the manifest and what is attached to it, so that an offset counts from the head of its byte string as well.
  static constexpr size_t kMaxBytes = std::numeric_limits<Offset>::max() - cbor::kMaxHeadBytes;
  /// Where a key stands in kMemberKeys; its size() for a key that does not.
  [[nodiscard]] static size_t slot_of(int64_t key) noexcept;
  void read_member(cbor::Reader& reader, int32_t key) noexcept;

  const uint8_t* start_ = nullptr;
  std::array<Slot, kMemberKeys.size()> members_;  ///< in the order of kMemberKeys
  uint16_t severed_ = 0;                          ///< a bit for each member: the slot has the digest
};

/// Whether a member with this key may be severed: CoSWID, text, and the sequences of an update. The registry says so of
/// candidate verification (18) too, which the CDDL of trust-domains leaves out.
[[nodiscard]] constexpr bool is_severable(int64_t key) noexcept {
  constexpr uint32_t kKeys = 1U << manifest_key::kCoswid | 1U << manifest_key::kDependencyResolution |
                             1U << manifest_key::kPayloadFetch | 1U << manifest_key::kCandidateVerification |
                             1U << manifest_key::kInstall | 1U << manifest_key::kText;
  return key >= 0 && key < 32 && (kKeys >> key & 1U) != 0;
}

/// Whether a member is metadata for people and management systems, which no command sequence needs: text and CoSWID.
/// They stream past a device, which compares their digests and keeps nothing.
[[nodiscard]] constexpr bool is_descriptive(int64_t key) noexcept {
  return key == manifest_key::kText || key == manifest_key::kCoswid;
}

/// Decodes the content of the manifest's byte string. The command sequences are not looked into.
///
/// @returns kManifestVersionUnsupported: the version is not 1; - kUnknownKey: a key that is not defined, in manifest or
///          common block (unknown keys have no rule in the draft: refused); - kMissingKey: no version, sequence number
///          or common block, or neither component nor dependency; - kTooManyComponents: also for the index of a
///          dependency; - kManifestTooLarge: beyond 64 KiB on a device; - and what cbor::Reader, take_component_id()
///          and take_digest() give
[[nodiscard]] Status decode_manifest(ByteView content, Manifest& manifest) noexcept;
[[nodiscard]] Result<Manifest> decode_manifest(ByteView content) noexcept;

}  // namespace tailor::suit
