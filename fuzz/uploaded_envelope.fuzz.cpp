// SPDX-License-Identifier: Apache-2.0
// Any bytes as an uploaded envelope, by a server that leaves signatures to the devices: it reads or refuses them.
#include "services/update/domain/manifest_reader.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const update_server::SignerAnchors nobody({});
  const auto facts = update_server::read_envelope({data, size}, nobody);
  if (facts.ok() && facts->components.empty()) __builtin_trap();
  return 0;
}
