// SPDX-License-Identifier: Apache-2.0
// Any content of the record store's flash: three bytes of input overwrite one cell of a good store. It mounts or can be
// formatted, and what is put afterwards is found again by the next mount.
#include "device/storage/record_store.hpp"
#include "testing/fake_flash.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  testing::FakeFlash flash({2048, 256, 4, 0xff});
  const FlashRegion region(flash.port(), 0, 2048);
  storage::RecordStore author(region);
  const storage::RecordChange batch[] = {storage::RecordChange::put(1, as_bytes("one")),
                                         storage::RecordChange::put(2, as_bytes("two"))};
  if (!author.format().ok() || !author.put_batch(batch).ok() || !author.purge().ok()) __builtin_trap();
  for (; size >= 3; data += 3, size -= 3) flash.cells()[(data[0] | data[1] << 8U) % 2048U] = data[2];

  storage::RecordStore store(region);
  if (!store.mount().ok() && !store.format().ok()) __builtin_trap();
  if (!store.put(3, as_bytes("three")).ok()) __builtin_trap();
  storage::RecordStore again(region);
  std::array<uint8_t, 64> out;
  if (!again.mount().ok() || as_text(again.get(3, out).value()) != "three") __builtin_trap();
  return 0;
}
