// SPDX-License-Identifier: Apache-2.0
#include "core/report/capabilities.hpp"

#include "core/cbor/map_reader.hpp"

namespace tailor::report {
namespace {

using suit::capability_key::kComponents;

/// Takes [+int] and returns it encoded.
Result<ByteView> take_numbers(cbor::Reader& reader) noexcept {
  const ByteView start = reader.rest();
  TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
  if (count == 0) return Error::kValueOutOfRange;
  for (size_t i = 0; i < count; ++i) TAILOR_TRY(reader.take_int());
  return start.first(start.size() - reader.rest().size());
}

/// Takes [*bstr, ?true].
Status take_component(cbor::Reader& reader) noexcept {
  TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
  if (count > limits::kComponentIdParts + 1) return Error::kValueOutOfRange;
  for (size_t i = 0; i < count; ++i) {
    if (i + 1 == count && reader.next_is(cbor::Type::kSimple)) {
      TAILOR_TRY_ASSIGN(const bool any, reader.take_bool());
      return any ? Status(kOk) : Status(Error::kValueOutOfRange);
    }
    TAILOR_TRY(reader.take_bytes());
  }
  return kOk;
}

Result<ByteView> take_components(cbor::Reader& reader) noexcept {
  const ByteView start = reader.rest();
  TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
  if (count == 0) return Error::kValueOutOfRange;
  for (size_t i = 0; i < count; ++i) TAILOR_TRY(take_component(reader));
  return start.first(start.size() - reader.rest().size());
}

Result<CapabilityView> take_capabilities(cbor::Reader& reader) noexcept {
  CapabilityView found;
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  while (map.more()) {
    const ByteView pair = reader.rest();
    TAILOR_TRY_ASSIGN(const ByteView key, map.next_key_item());
    cbor::Reader key_reader(key);
    if (key_reader.next_is(cbor::Type::kArray)) {
      TAILOR_TRY(take_numbers(key_reader));
      if (found.extensions.empty()) found.extensions = pair.first(0);
      TAILOR_TRY(take_numbers(reader));
      // Such pairs follow one another: arrays sort behind every number (RFC 8949 4.2.1).
      found.extensions =
          ByteView(found.extensions.data(), static_cast<size_t>(reader.rest().data() - found.extensions.data()));
      continue;
    }
    TAILOR_TRY_ASSIGN(const int64_t label, key_reader.take_int());
    if (label == kComponents) {
      TAILOR_TRY_ASSIGN(found.components, take_components(reader));
    } else if (label >= kFirstList && label <= kLastList) {
      TAILOR_TRY_ASSIGN(found.lists[list_index(label)], take_numbers(reader));
    } else {
      return Error::kUnknownKey;
    }
  }
  if (found.components.empty()) return Error::kMissingKey;
  for (int64_t key = kFirstList; key <= kLastDemandedList; ++key) {
    if (found.lists[list_index(key)].empty()) return Error::kMissingKey;
  }
  return found;
}

}  // namespace

Result<ByteView> encode(const Capabilities& capabilities, MutableBytes out) noexcept {
  size_t pairs = 1;
  for (int64_t key = kFirstList; key <= kLastList; ++key) {
    const bool empty = capabilities.lists[list_index(key)].empty();
    if (empty && key <= kLastDemandedList) return Error::kValueOutOfRange;
    if (!empty) ++pairs;
  }
  if (capabilities.components.empty()) return Error::kValueOutOfRange;
  cbor::Writer writer(out);
  writer.put_map(pairs).put_int(kComponents).put_array(capabilities.components.size());
  for (const ComponentCapability& component : capabilities.components) {
    writer.put_array(component.id.size() + (component.any_below ? 1 : 0));
    for (const ByteView part : component.id) writer.put_bytes(part);
    if (component.any_below) writer.put_bool(true);
  }
  for (int64_t key = kFirstList; key <= kLastList; ++key) {
    const std::span<const int32_t> list = capabilities.lists[list_index(key)];
    if (list.empty()) continue;
    writer.put_int(key).put_array(list.size());
    for (const int32_t number : list) writer.put_int(number);
  }
  return writer.finish();
}

Result<CapabilityView> decode_capabilities(ByteView bytes) noexcept {
  cbor::Reader reader(bytes);
  TAILOR_TRY_ASSIGN(const CapabilityView found, take_capabilities(reader));
  TAILOR_TRY(reader.finish());
  return found;
}

Result<ByteView> take_capability_item(cbor::Reader& reader) noexcept {
  const ByteView start = reader.rest();
  TAILOR_TRY(take_capabilities(reader));
  return start.first(start.size() - reader.rest().size());
}

}  // namespace tailor::report
