// SPDX-License-Identifier: Apache-2.0
// Any bytes as one of the files of an HSS/LMS key: what is read is written as it was, and nothing else is a cache.
#include "authoring/hss/key_file.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes(data, size);
  const auto key = authoring::decode_hss_key(bytes);
  if (key.ok()) {
    if (!authoring::is_hss_key_file(bytes)) __builtin_trap();
    const auto again = authoring::encode_hss_key(*key);
    if (!again.ok() || !equal(again->reveal(), bytes)) __builtin_trap();
  }
  const auto state = authoring::decode_hss_state(bytes);
  if (state.ok()) {
    const auto again = authoring::encode_hss_state(*state);
    if (!again.ok() || !equal(*again, bytes)) __builtin_trap();
  }
  authoring::HssSecret secret;
  secret.seed = SecretBytes(Bytes(32, 0x53));
  const authoring::LeafCache cache = authoring::decode_hss_cache(bytes, secret);
  if (!cache.entries().empty()) {
    const auto again = authoring::encode_hss_cache(cache, secret);
    if (!again.ok() || !equal(*again, bytes)) __builtin_trap();
  }
  if (size < 64) static_cast<void>(authoring::parse_levels(as_text(bytes)).ok());
  return 0;
}
