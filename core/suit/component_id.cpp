// SPDX-License-Identifier: Apache-2.0
#include "core/suit/component_id.hpp"

namespace tailor::suit {

Result<ByteView> take_component_id(cbor::Reader& reader) noexcept {
  const ByteView before = reader.rest();
  TAILOR_TRY_ASSIGN(const size_t parts, reader.take_array());
  if (parts == 0 || parts > limits::kComponentIdParts) return Error::kValueOutOfRange;
  for (size_t i = 0; i < parts; ++i) TAILOR_TRY(reader.take_bytes());
  const ByteView encoded = before.first(before.size() - reader.rest().size());
  if (encoded.size() > limits::kComponentIdBytes) return Error::kValueOutOfRange;
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
