// SPDX-License-Identifier: Apache-2.0
// Any JSON as the state of a device: it is refused with a place in it, or makes a recipient that refuses no envelope at
// all in an orderly way.
#include "trial/device_state.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const trial::Json state = trial::Json::parse(data, data + size, nullptr, false);
  if (state.is_discarded()) return 0;
  const auto recipient = trial::recipient_from_json(state);
  if (!recipient.ok()) {
    if (recipient.error().context.empty()) __builtin_trap();
    return 0;
  }
  if ((*recipient)->receive({}, "update").verdict != trial::Verdict::kRefused) __builtin_trap();
  return 0;
}
