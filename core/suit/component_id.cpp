// SPDX-License-Identifier: Apache-2.0
#include "core/suit/component_id.hpp"

namespace tailor::suit {

void read_component_id(cbor::Reader& reader, ByteView& encoded) noexcept {
  const uint8_t* const start = reader.rest().data();
  size_t parts = reader.array();
  reader.require(parts != 0 && parts <= limits::kComponentIdParts, Error::kValueOutOfRange);
  for (; parts > 0; --parts) reader.bytes(encoded);
  encoded = {start, static_cast<size_t>(reader.rest().data() - start)};
  reader.require(encoded.size() <= limits::kComponentIdBytes, Error::kValueOutOfRange);
}

Result<ByteView> take_component_id(cbor::Reader& reader) noexcept {
  ByteView encoded;
  read_component_id(reader, encoded);
  TAILOR_TRY(reader.status());
  return encoded;
}

Result<ComponentId> decode_component_id(ByteView encoded) noexcept {
  cbor::Reader reader(encoded);
  TAILOR_TRY(take_component_id(reader));
  TAILOR_TRY(reader.finish());
  cbor::Reader parts(encoded);
  TAILOR_TRY_ASSIGN(const size_t count, parts.take_array());
  ComponentId id;
  for (size_t i = 0; i < count; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView part, parts.take_bytes());
    TAILOR_TRY(id.push_back(part, Error::kValueOutOfRange));
  }
  return id;
}

cbor::Writer& put_component_id(cbor::Writer& writer, const ComponentId& id) noexcept {
  writer.put_array(id.size());
  for (const ByteView part : id) writer.put_bytes(part);
  return writer;
}

}  // namespace tailor::suit
