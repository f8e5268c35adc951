// SPDX-License-Identifier: Apache-2.0
// The two header maps that open each COSE structure and each of its inner layers (RFC 9052 3): what Tailor uses of
// them. Nothing in them is trusted.
#pragma once

#include "core/cbor/reader.hpp"

namespace tailor::cose {

/// Labels of header parameters (RFC 9052 3.1, RFC 9053 6).
namespace header {
inline constexpr int64_t kAlgorithm = 1;
inline constexpr int64_t kCritical = 2;
inline constexpr int64_t kKeyId = 4;
inline constexpr int64_t kIv = 5;
inline constexpr int64_t kEphemeralKey = -1;
inline constexpr int64_t kSalt = -20;
}  // namespace header

/// Header parameters of one layer. Views point into the bytes they were decoded from, and are empty when absent.
struct Headers {
  ByteView protected_content;  ///< of the byte string, as structures carry it: empty for a map without parameters
  int32_t algorithm = 0;       ///< 0 when absent; cbor::Reader::kNoLabel when beyond 32 bits: unknown
  bool algorithm_is_protected = false;
  ByteView key_id;         ///< from either map: it is a hint, so its protection does not matter (RFC 9052 3.1)
  ByteView iv;             ///< from either map
  ByteView ephemeral_key;  ///< the encoded COSE_Key
  ByteView salt;           ///< of the key derivation
};

/// Reads the byte string of the protected map and the unprotected map; the failure is the reader's.
///
/// Parameters that are not understood and not critical are passed over (RFC 9052 3).
/// - kCoseUnsupported: critical parameters, none of which is needed here (RFC 9052 3.1)
/// - kAlgorithmUnsupported: an algorithm that is named by text
/// - kDuplicateKey: also for a parameter that is in both maps (RFC 9052 3)
/// - kTrailingBytes and what cbor::Reader gives
void read_headers(cbor::Reader& reader, Headers& headers) noexcept;

}  // namespace tailor::cose
