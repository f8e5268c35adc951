// SPDX-License-Identifier: Apache-2.0
// Any bytes: nothing verifies under a key that signed nothing, and a key that is read is written as it was.
#include "core/cose/key.hpp"
#include "core/cose/sign1.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes(data, size);
  const auto message = cose::decode_sign1(bytes);
  if (message.ok()) {
    crypto::P256PublicKey key;
    key.xy.fill(0x42);
    if (cose::verify_sign1(*message, message->payload, key, {.legacy_algorithms = true}).ok()) __builtin_trap();
  }
  const auto key = cose::decode_key(bytes);
  if (key.ok()) {
    std::array<uint8_t, 4096> buffer;
    const auto again = cose::encode_key(*key, buffer);
    if (again.ok() && !equal(*again, bytes)) __builtin_trap();
  }
  return 0;
}
