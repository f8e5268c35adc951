// SPDX-License-Identifier: Apache-2.0
// What a signature or a MAC covers: Sig_structure and MAC_structure (RFC 9052 4.4, 6.3), put together from its parts
// or digested without that.
#pragma once

#include "core/cose/block.hpp"

namespace tailor::cose {

/// The parts of the structure. Views of others' bytes.
class SignedData {
 public:
  SignedData(const Claim& claim, ByteView payload, ByteView external_data) noexcept;

  /// Digests the structure in pieces, whatever its size.
  [[nodiscard]] Result<crypto::Sha256Digest> digest() const noexcept;
  /// Puts the structure together.
  /// @returns kBodyTooLarge when it does not fit
  [[nodiscard]] Result<ByteView> assemble(MutableBytes out) const noexcept;

 private:
  std::string_view context_;
  std::array<ByteView, 4> parts_;
  size_t count_ = 0;
};

}  // namespace tailor::cose
