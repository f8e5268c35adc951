// SPDX-License-Identifier: Apache-2.0
#include "testing/suit/known_keys.hpp"

#include <algorithm>

namespace tailor::testing {

const cose::VerificationKey* KnownKeys::candidate(ByteView key_id, size_t nth) const noexcept {
  for (const cose::VerificationKey& key : keys_) {
    if (!cose::may_have_key_id(key, key_id)) continue;
    if (nth-- == 0) return &key;
  }
  return nullptr;
}

crypto::P256PublicKey example_key() {
  constexpr auto kXy =
      "8496811aae0baaabd26157189eecda26beaa8bf11b6f3fe6e2b5659c85dbc0ad"
      "3b1f2a4b6c098131c0a36dacd1d78bd381dcdfb09c052db33991db7338b4a896"_hex;
  crypto::P256PublicKey key;
  std::copy(kXy.begin(), kXy.end(), key.xy.begin());
  return key;
}

}  // namespace tailor::testing
