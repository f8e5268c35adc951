// SPDX-License-Identifier: Apache-2.0
// A peer that says anything at any time to an endpoint with resources and requests of its own. Each step is one octet
// for what happens, one for a length, and that many octets; see testing/coap_script.hpp.
#include "testing/coap_script.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tailor::testing::CoapScript script;
  script.run({data, size});
  return 0;
}
