// SPDX-License-Identifier: Apache-2.0
// Whatever comes from a serial line: a message that is taken has a good FCS, fits the buffer, and survives being
// written and read once more.
#include "core/serial/slipmux.hpp"

#include <cstdlib>
#include <vector>

namespace {

using namespace tailor::serial;

struct Line final : ByteSink {
  void put(uint8_t byte) noexcept override { bytes.push_back(byte); }
  std::vector<uint8_t> bytes;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> buffer(48), again_buffer(48);
  FrameReader reader(buffer);
  for (size_t i = 0; i < size; ++i) {
    if (reader.take(data[i]) != Frame::kCoap) continue;
    Line line;
    write_coap(line, reader.content());
    FrameReader again(again_buffer);
    bool found = false;
    for (const uint8_t byte : line.bytes) {
      if (again.take(byte) == Frame::kCoap) found = tailor::equal(again.content(), reader.content());
    }
    if (!found) std::abort();
  }
  return 0;
}
