// SPDX-License-Identifier: Apache-2.0
// Verifies HSS/LMS signatures (RFC 8554, SP 800-208) with SHA-256: stateless, without heap, the signature read piece by
// piece. Whom to believe, and COSE around it (RFC 8778), are the caller's matter. Signing is authoring/hss.
#pragma once

#include <span>

#include "core/hss/parameters.hpp"

namespace tailor::hss {

/// Where a signature lies: it is 0.8 to 70 KB long and need not be in RAM at one place. It is read once, in pieces of
/// at most 48 bytes and in order, except that the public key of the tree below is read before the signature over it.
class SignatureSource {
 public:
  [[nodiscard]] virtual size_t size() const noexcept = 0;
  /// Copies the bytes from `offset` on.
  /// @pre  `offset + out.size() <= size()`
  /// @returns what kept the source from reading, which verify() then returns
  [[nodiscard]] virtual Status read(size_t offset, MutableBytes out) noexcept = 0;

 protected:
  ~SignatureSource() = default;
};

/// A signature that is in RAM.
class SignatureInMemory final : public SignatureSource {
 public:
  explicit SignatureInMemory(ByteView bytes) noexcept : bytes_(bytes) {}
  [[nodiscard]] size_t size() const noexcept override { return bytes_.size(); }
  [[nodiscard]] Status read(size_t offset, MutableBytes out) noexcept override;

 private:
  ByteView bytes_;
};

/// Verifies an HSS signature over the concatenation of `message` (RFC 8554 6.3).
///
/// @param public_key  as RFC 8554 6.1 encodes it: 60 bytes, or 52 with 24-byte hashes
/// @returns kOk only for a valid signature; - kSignatureInvalid: also one that is too short or too long, has another
///          number of levels, or names other parameters than its keys; - kAlgorithmUnsupported: parameters of the
///          public key or of a tree in the signature that are not those of SHA-256; - kValueOutOfRange: no public key;
///          - what the source or the digest gives
/// @note  the number of hashes is bounded by the parameters: at most 8 levels of 265 chains, or of 34 chains of 255
[[nodiscard]] Status verify(ByteView public_key, std::span<const ByteView> message,
                            SignatureSource& signature) noexcept;

/// Checks what can be told from a public key alone: levels, parameters, length.
/// @returns kAlgorithmUnsupported, kValueOutOfRange
[[nodiscard]] Status check_public_key(ByteView public_key) noexcept;

}  // namespace tailor::hss
