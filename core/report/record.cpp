// SPDX-License-Identifier: Apache-2.0
#include "core/report/record.hpp"

#include "core/cbor/map_reader.hpp"
#include "core/suit/component_id.hpp"

namespace tailor::report {
namespace {

constexpr int64_t kSystemComponentId = 0;
constexpr size_t kRecordElements = 5;

Result<uint32_t> take_u32(cbor::Reader& reader) noexcept {
  TAILOR_TRY_ASSIGN(const uint64_t value, reader.take_unsigned());
  if (value > UINT32_MAX) return Error::kValueOutOfRange;
  return static_cast<uint32_t>(value);
}

/// What was consumed between two states of a reader.
ByteView between(ByteView before, ByteView after) noexcept {
  return before.first(before.size() - after.size());
}

Result<ByteView> take_properties(cbor::Reader& reader) noexcept {
  const ByteView start = reader.rest();
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  const bool empty = !map.more();
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t label, map.next_key());
    if (label == kSystemComponentId) return Error::kValueOutOfRange;
    TAILOR_TRY(reader.take_item());
  }
  return empty ? ByteView() : between(start, reader.rest());
}

}  // namespace

cbor::Writer& put(cbor::Writer& writer, const Record& record) noexcept {
  writer.put_array(kRecordElements).put_array(record.manifest.size());
  for (const uint32_t index : record.manifest) writer.put_unsigned(index);
  writer.put_int(record.section).put_unsigned(record.offset).put_unsigned(record.component);
  return record.properties.empty() ? writer.put_map(0) : writer.put_encoded(record.properties);
}

cbor::Writer& put(cbor::Writer& writer, const Claims& claims) noexcept {
  writer.put_map(1 + claims.count).put_int(kSystemComponentId);
  return writer.put_encoded(claims.component).put_encoded(claims.parameters);
}

Result<Record> take_record(cbor::Reader& reader) noexcept {
  Record record;
  TAILOR_TRY_ASSIGN(const size_t elements, reader.take_array());
  if (elements != kRecordElements) return Error::kValueOutOfRange;
  TAILOR_TRY_ASSIGN(const size_t depth, reader.take_array());
  if (depth > kManifestDepth) return Error::kValueOutOfRange;
  for (size_t i = 0; i < depth; ++i) {
    TAILOR_TRY_ASSIGN(const uint32_t index, take_u32(reader));
    TAILOR_TRY(record.manifest.push_back(index, Error::kValueOutOfRange));
  }
  TAILOR_TRY_ASSIGN(record.section, reader.take_int());
  TAILOR_TRY_ASSIGN(record.offset, take_u32(reader));
  TAILOR_TRY_ASSIGN(record.component, take_u32(reader));
  TAILOR_TRY_ASSIGN(record.properties, take_properties(reader));
  return record;
}

Result<Claims> take_claims(cbor::Reader& reader) noexcept {
  Claims claims;
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  if (!map.more()) return Error::kMissingKey;
  TAILOR_TRY_ASSIGN(const int64_t first, map.next_key());
  if (first != kSystemComponentId) return Error::kMissingKey;
  TAILOR_TRY_ASSIGN(claims.component, suit::take_component_id(reader));
  const ByteView start = reader.rest();
  for (; map.more(); ++claims.count) {
    TAILOR_TRY(map.next_key());
    TAILOR_TRY(reader.take_item());
  }
  if (claims.count == 0) return Error::kValueOutOfRange;
  claims.parameters = between(start, reader.rest());
  return claims;
}

}  // namespace tailor::report
