// SPDX-License-Identifier: Apache-2.0
// Whatever messages a serial line brings to the recovery server: nothing that was not signed reaches flash, the answer
// is a message, and it is the same for the same request. The input is a row of messages, each after its length.
#include <cstdlib>

#include "device/recovery/recovery_device.test.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const testing::Author author;
  static recovery::TestDevice device(author);
  device.power_on();
  const uint64_t operations = device.flash.operations();
  ByteView rest(data, size);
  while (!rest.empty()) {
    const size_t length = std::min<size_t>(rest[0], rest.size() - 1);
    const ByteView message = rest.subspan(1, length);
    rest = rest.subspan(1 + length);
    const ByteView answer = device.server().answer(message);
    const std::vector<uint8_t> kept(answer.begin(), answer.end());
    if (kept.empty()) continue;
    const auto decoded = coap::decode(kept);
    const bool repeats = equal(device.server().answer(message), kept);
    if (!decoded.ok() || coap::is_request(decoded->code) || !repeats || device.server().installed()) std::abort();
  }
  if (device.flash.operations() != operations) std::abort();
  return 0;
}
