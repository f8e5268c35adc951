// SPDX-License-Identifier: Apache-2.0
// Trust anchors for tests: a list of keys, and the test key of the manifest draft's examples.
#pragma once

#include <vector>

#include "core/suit/authentication.hpp"

namespace tailor::testing {

/// Tries its keys in order; a key id has to be the key's thumbprint.
class KnownKeys final : public suit::TrustAnchors {
 public:
  explicit KnownKeys(std::vector<cose::VerificationKey> keys) : keys_(std::move(keys)) {}
  [[nodiscard]] const cose::VerificationKey* candidate(ByteView key_id, size_t nth) const noexcept override;

 private:
  std::vector<cose::VerificationKey> keys_;
};

/// The public key under which the manifest draft signs its examples.
[[nodiscard]] crypto::P256PublicKey example_key();

}  // namespace tailor::testing
