// SPDX-License-Identifier: Apache-2.0
// Any content of the boot module's flash: three bytes of input overwrite one cell of a device in the middle of a
// reception. The decision ends, starts nothing but an image that verifies, and the next state can be written and found.
#include "device/boot/device.test.hpp"

using namespace tailor;
using namespace tailor::boot;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const FakeFlash::Snapshot good = [] {
    Device device;
    device.provisioned_with({"v1", 1}).receives({"v2", 2}).loses_power_at(30, Cut::kTorn).runs_until("v2");
    return device.flash.snapshot();
  }();
  Device device;
  device.flash.restore(good);
  for (; size >= 3; data += 3, size -= 3) device.flash.cells()[(data[0] | data[1] << 8U) % (36U * 256U)] = data[2];
  TestVerifier verifier;
  const auto choice = BootDecision(device.layout(), verifier).decide();
  if (choice.ok() && !choice->verdict.passes()) __builtin_trap();
  BootControl control(device.layout());
  if (!control.open().ok()) return 0;
  const auto resumed = control.resume();
  if (resumed.ok()) static_cast<void>(control.write(*resumed, as_bytes("block")).ok());
  if (!control.raise_counter({{9}}, 77).ok()) return 0;
  BootControl again(device.layout());
  if (!again.open().ok() || again.counter({{9}}) < 77) __builtin_trap();
  return 0;
}
