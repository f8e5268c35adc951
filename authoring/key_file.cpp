// SPDX-License-Identifier: Apache-2.0
#include "authoring/key_file.hpp"

#include "authoring/signing/key_formats.hpp"

namespace tailor::authoring {

Outcome<crypto::P256PublicKey> read_public_key(const std::filesystem::path& path) {
  TAILOR_TRY_ASSIGN(const cose::VerificationKey key, read_verification_key(path));
  if (key.kind() != cose::KeyKind::kP256) return fail(Error::kCoseUnsupported, path.string() + ": no P-256 key");
  return key.p256();
}

}  // namespace tailor::authoring
