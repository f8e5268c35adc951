// SPDX-License-Identifier: Apache-2.0
// HSS signatures (RFC 8554 6) over the trees of tree.hpp: which tree and which one-time key belong to the n-th
// signature of a key. Pure functions; reserving n is reservations.hpp's matter.
#pragma once

#include "authoring/hss/tree.hpp"

namespace tailor::authoring {

/// What an HSS key is derived from: the secret of the top tree, and the parameters of all.
struct HssSecret {
  std::vector<hss::Parameters> levels;  ///< 1 to 8, from the top
  Identifier identifier{};
  SecretBytes seed;  ///< as long as a hash of the top tree

  /// Signatures that the key can make.
  [[nodiscard]] uint64_t capacity() const noexcept;
};

/// Checks the shape of a key that is to be made here: 1 to 8 levels, trees of at most kMaxTreeHeight, one hash length.
/// @returns kValueOutOfRange, with the reason
[[nodiscard]] Outcome<void> check_levels(const std::vector<hss::Parameters>& levels);

/// Reads parameters as people write them: "H10/W8", or "H5/W8,H10/W4" for two levels, "H10/W8/192" for 24-byte hashes.
/// @returns kUsageInvalid, with the reason
[[nodiscard]] Outcome<std::vector<hss::Parameters>> parse_levels(std::string_view text);
/// The inverse of parse_levels().
[[nodiscard]] std::string levels_to_text(const std::vector<hss::Parameters>& levels);

/// The leaves of the tree that is in use at each level. They follow from the secret; keeping them saves the time.
class LeafCache {
 public:
  struct Entry {
    Identifier identifier{};
    Leaves leaves;
  };

  LeafCache() = default;
  explicit LeafCache(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  /// The leaves of the tree at a level: those that are kept when they are this tree's, else new ones.
  [[nodiscard]] const Leaves& leaves_of(size_t level, const TreeSecret& secret);
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
  [[nodiscard]] bool changed() const noexcept { return changed_; }

 private:
  std::vector<Entry> entries_;
  bool changed_ = false;
};

/// The public key (RFC 8554 6.1).
[[nodiscard]] Bytes hss_public_key(const HssSecret& secret, LeafCache& cache);

/// Makes the signature with number `index` (RFC 8554 6.2).
/// @pre  index < secret.capacity(), and no other message is ever signed with it
[[nodiscard]] Bytes hss_sign(const HssSecret& secret, uint64_t index, ByteView message, LeafCache& cache);

}  // namespace tailor::authoring
