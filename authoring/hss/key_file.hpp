// SPDX-License-Identifier: Apache-2.0
// The three files of an HSS/LMS key as bytes: the key (secret, never rewritten), its state (how many signatures are
// used up) and its cache (leaves; it may be
// lost). docs/formats/hss-key.md. Where they lie is reservations.hpp's matter.
#pragma once

#include "authoring/hss/signature.hpp"
#include "core/crypto/hash.hpp"

namespace tailor::authoring {

/// An HSS/LMS key with the public key that belongs to it.
struct HssKeyFile {
  HssSecret secret;
  Bytes public_key;
};

/// Tells a key file from other files that people give; decoding it may still fail.
[[nodiscard]] bool is_hss_key_file(ByteView content);

[[nodiscard]] Outcome<SecretBytes> encode_hss_key(const HssKeyFile& key);
/// @returns kRecordMalformed, with what is wrong; kUnsupportedVersion
[[nodiscard]] Outcome<HssKeyFile> decode_hss_key(ByteView content);

/// What has been signed: bound to its key by the digest of the public key.
struct HssState {
  crypto::Sha256Digest key_digest{};
  uint64_t next = 0;  ///< the number of the next signature
};
[[nodiscard]] Outcome<Bytes> encode_hss_state(const HssState& state);
[[nodiscard]] Outcome<HssState> decode_hss_state(ByteView content);

/// Leaves are public, but a wrong one changes the root of its tree, and the tree above would sign two roots with one
/// one-time key: the file carries a MAC under a key that follows from the seed.
[[nodiscard]] Outcome<Bytes> encode_hss_cache(const LeafCache& cache, const HssSecret& secret);
/// @returns an empty cache for content that is not one, or not this key's: it only costs time
[[nodiscard]] LeafCache decode_hss_cache(ByteView content, const HssSecret& secret);

}  // namespace tailor::authoring
