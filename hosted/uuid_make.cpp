// SPDX-License-Identifier: Apache-2.0
// UUID versions 4 and 5 over OpenSSL. SHA-1 is what RFC 9562 5.5 names; nothing here relies on its strength.
#include "hosted/uuid_make.hpp"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <vector>

namespace tailor {
namespace {

Uuid with_version(Uuid uuid, unsigned version) {
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0FU) | (version << 4U));
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3FU) | 0x80U);
  return uuid;
}

}  // namespace

Uuid uuid5(const Uuid& name_space, ByteView name) {
  std::vector<uint8_t> input(name_space.bytes.begin(), name_space.bytes.end());
  input.insert(input.end(), name.begin(), name.end());
  std::array<uint8_t, SHA_DIGEST_LENGTH> digest{};
  SHA1(input.data(), input.size(), digest.data());
  Uuid uuid;
  std::copy_n(digest.begin(), uuid.bytes.size(), uuid.bytes.begin());
  return with_version(uuid, 5);
}

Outcome<Uuid> uuid4() {
  Uuid uuid;
  if (RAND_bytes(uuid.bytes.data(), static_cast<int>(uuid.bytes.size())) != 1) return fail(Error::kEntropyFailed);
  return with_version(uuid, 4);
}

}  // namespace tailor
