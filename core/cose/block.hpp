// SPDX-License-Identifier: Apache-2.0
// Structures that authenticate a payload: COSE_Sign1, COSE_Sign, COSE_Mac0 and COSE_Mac (RFC 9052 4, 6). Decoded, each
// is a list of claims: "the holder of that key made this". Whom to believe is the caller's matter: it is asked for the
// key.
#pragma once

#include "core/cose/algorithms.hpp"
#include "core/cose/headers.hpp"
#include "core/cose/options.hpp"
#include "core/cose/verification_key.hpp"

namespace tailor::cose {

/// By CBOR tag (RFC 9052 2).
enum class Structure : uint8_t { kMac0 = 17, kSign1 = 18, kMac = 97, kSign = 98 };

/// Signatures of one COSE_Sign, or recipients of one COSE_Mac: author, operator, and the successor of each.
inline constexpr size_t kMaxEntries = 4;
/// Bytes of the structure that is signed or MACed (Sig_structure, MAC_structure): that of a SUIT manifest has about
/// 130. ECDSA and HSS/LMS, which digest it in pieces, need room only for what is before the payload.
inline constexpr size_t kMaxSignedBytes = 256;

/// Leniencies of a verifier, each a named switch. The default is strict.
struct VerificationPolicy {
  /// Accept ES256 (-7) and EdDSA (-8) as other names of ESP256 (-9) and Ed25519 (-19).
  bool legacy_algorithms = false;
};

/// One decoded structure. Nothing in it is trusted. Views point into the bytes it was decoded from.
struct Block {
  Structure structure = Structure::kSign1;
  Headers headers;
  ByteView payload;  ///< empty when detached
  bool detached = false;
  ByteView authenticator;  ///< signature or tag; empty in COSE_Sign
  ByteView entries;        ///< signatures of COSE_Sign or recipients of COSE_Mac, encoded one after the other
  size_t entry_count = 0;
};

/// Decodes a tagged structure.
///
/// @returns kCoseUnsupported: another structure, or one that was left out of the build; critical parameters; as many
///          entries as none, or more than kMaxEntries
///          - kAlgorithmUnsupported, kTrailingBytes, kDuplicateKey and what cbor::Reader gives
[[nodiscard]] Status decode_block(ByteView bytes, Block& block) noexcept;

/// That the holder of a key made a signature or a tag.
struct Claim {
  KeyKind kind = KeyKind::kP256;  ///< of the key that it takes to verify it
  int32_t algorithm = 0;          ///< that authenticates the payload
  ByteView key_id;                ///< empty when absent
  Structure structure = Structure::kSign1;
  ByteView body_protected;
  ByteView signer_protected;  ///< only in COSE_Sign
  ByteView authenticator;     ///< signature or tag
  ByteView wrapped_key;       ///< the MAC key, for kind kAesKw
};

/// Walks the claims of a block.
class Claims {
 public:
  /// @param block  outlives the walker
  Claims(const Block& block, const VerificationPolicy& policy) noexcept;
  [[nodiscard]] bool more() const noexcept { return left_ > 0; }
  /// Takes the next claim. An error is about this claim alone: there may be more.
  ///
  /// @returns kAlgorithmUnsupported: by number, by policy, by the kind of structure, or left out of the build
  ///          - kCoseUnsupported: an algorithm that is absent or not protected (RFC 9052 3.1); recipients of
  ///          recipients; what RFC 9052 8.5.1 and 8.5.2 forbid a recipient
  ///          - and what read_headers() gives
  [[nodiscard]] Status next(Claim& claim) noexcept;

 private:
  const Block& block_;
  VerificationPolicy policy_;
  cbor::Reader entries_;
  size_t left_;
};

/// Verifies a claim.
///
/// @param payload        the detached payload, or that of the block
/// @param key            of the kind that the claim says, otherwise kAlgorithmUnsupported
/// @param external_data  RFC 9052 4.3
/// @returns kOk; - kSignatureInvalid: signature, tag or wrapped key; - kBodyTooLarge: beyond kMaxSignedBytes
///          - kAlgorithmUnsupported: the crypto backend lacks it
[[nodiscard]] Status verify(const Claim& claim, ByteView payload, const VerificationKey& key,
                            ByteView external_data = {}) noexcept;

}  // namespace tailor::cose
