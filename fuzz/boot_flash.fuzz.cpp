// SPDX-License-Identifier: Apache-2.0
// Any content of the boot module's flash, in every install mode, in the middle of an update and of a move: two bytes
// choose mode and place of a power cut, each three more overwrite a cell; journal records get a right CRC. Boot ends,
// and starts nothing but an image that verifies, where it runs; so does the boot after it.
#include "device/boot/device.test.hpp"

using namespace tailor;
using namespace tailor::boot;

constexpr InstallMode kModes[] = {InstallMode::kInPlace, InstallMode::kOverwrite, InstallMode::kSwap};

const FakeFlash::Snapshot& cut_at(size_t mode, size_t place) {
  static std::array<std::array<FakeFlash::Snapshot, 32>, 3> snapshots;
  FakeFlash::Snapshot& snapshot = snapshots[mode][place];
  if (!snapshot.bytes.empty()) return snapshot;
  Device device{4, 0xff, 1, kModes[mode]};
  device.provisioned_with({"v1", 1}).receives({"v2", 2, Behaviour::kGood, 900});
  device.loses_power_at(20 + 73 * place, Cut::kTorn).runs_until("v2");
  snapshot = device.flash.snapshot();
  return snapshot;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const InstallMode mode = kModes[data[0] % 3];
  Device device{4, 0xff, 1, mode};
  device.flash.restore(cut_at(data[0] % 3, data[1] % 32));
  device.power_on();
  auto& cells = device.flash.cells();
  for (data += 2, size -= 2; size >= 3; data += 3, size -= 3) cells[(data[0] | data[1] << 8U) % (36U * 256U)] = data[2];
  for (size_t at : {size_t{0}, kStateBytes, 2 * size_t{256}, 2 * size_t{256} + kStateBytes}) {
    put_le<uint32_t>(&cells[at + kStateBytes - 4], crc32(ByteView(cells).subspan(at, kStateBytes - 4)));
  }
  for (int boot = 0; boot < 2; ++boot) {
    TestVerifier verifier;
    const auto choice = BootDecision(device.layout(), verifier).decide();
    if (choice.ok() && (!choice->verdict.passes() || (device.layout().moves() && choice->slot != Slot::kA)))
      __builtin_trap();
  }
  if (device.flash.operations() > 100'000) __builtin_trap();
  return 0;
}
