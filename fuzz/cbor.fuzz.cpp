// SPDX-License-Identifier: Apache-2.0
// Any bytes: an item that is taken whole stands at the start, is taken again from itself, and from no prefix of itself.
#include "core/cbor/map_reader.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes(data, size);
  cbor::Reader reader(bytes);
  const auto item = reader.take_item();
  if (!item.ok()) {
    if (reader.rest().size() != size) __builtin_trap();  // a failed take consumes nothing
    return 0;
  }
  if (item->data() != data || item->size() + reader.rest().size() != size) __builtin_trap();
  cbor::Reader again(*item);
  if (!again.take_item().ok() || !again.at_end()) __builtin_trap();
  for (size_t length = 0; length < item->size() && length < 64; ++length) {
    if (cbor::Reader(item->first(length)).take_item().ok()) __builtin_trap();
  }
  cbor::Reader map_bytes(*item);
  auto map = cbor::MapReader::open(map_bytes);
  while (map.ok() && map->more()) {
    if (!map->next_key_item().ok() || !map_bytes.take_item().ok()) __builtin_trap();  // take_item() saw it already
  }
  return 0;
}
