// SPDX-License-Identifier: Apache-2.0
// COSE_Sign1 (RFC 9052 4.2) for boot programs: the structure where it lies, and the one algorithm that a boot program
// has. Which algorithm that is decides what is linked: kEsp256, or kHssLms for a program that cannot be changed.
#pragma once

#include <span>

#include "device/boot/mapped/reader.hpp"

namespace tailor::boot::mapped {

/// How signatures are verified.
struct Scheme {
  /// COSE number, as Reader::label() has it.
  uint32_t algorithm;
  /// @param cose_key  encoded COSE_Key without anything beside the key
  /// @param message   pieces of what was signed
  /// @returns kOk; - kSignatureInvalid; - kAlgorithmUnsupported: a key of another kind
  Status (*verify)(ByteView cose_key, std::span<const ByteView> message, ByteView signature) noexcept;
};

/// ECDSA on P-256 with SHA-256, ESP256 (RFC 9864).
extern const Scheme kEsp256;
/// HSS/LMS (RFC 8778), hash-based: neither P-256 nor any other arithmetic is linked.
extern const Scheme kHssLms;

/// Nothing in it is trusted.
struct Sign1 {
  ByteView protected_item;  ///< with its head: it stands in the signed structure as it stands here
  ByteView payload_item;    ///< with its head; null when detached
  ByteView key_id;          ///< empty when absent
  ByteView signature;
  uint32_t algorithm = 0;

  /// Reads a tagged structure.
  ///
  /// - kCoseUnsupported: another structure, no algorithm in the protected header, one in the unprotected, critical
  ///   parameters (RFC 9052 3.1); others that are not understood are passed over
  /// @param bytes  all of it
  [[nodiscard]] Status read(ByteView bytes) noexcept;
  /// Verifies the signature over a payload.
  /// @param payload  a byte string with its head
  [[nodiscard]] Status verify(const Scheme& scheme, ByteView cose_key, ByteView payload) const noexcept;

 private:
  void read_headers(Reader& reader, bool is_protected) noexcept;
};

}  // namespace tailor::boot::mapped
