// SPDX-License-Identifier: Apache-2.0
// Component identifiers (manifest 8.4.5.1): an array of byte strings. They travel encoded; equality of identifiers is
// equality of their deterministic encoding.
#pragma once

#include "core/base/fixed_list.hpp"
#include "core/base/limits.hpp"
#include "core/cbor/reader.hpp"
#include "core/cbor/writer.hpp"

namespace tailor::suit {

/// The parts of an identifier; the same type as update::ComponentId.
using ComponentId = FixedList<ByteView, limits::kComponentIdParts>;

/// Reads one identifier, encoded; the failure is the reader's.
///
/// kValueOutOfRange beyond limits::kComponentIdParts or limits::kComponentIdBytes, and for an empty one.
void read_component_id(cbor::Reader& reader, ByteView& encoded) noexcept;

/// Takes one identifier from the reader and returns it encoded.
/// @returns as read_component_id()
[[nodiscard]] Result<ByteView> take_component_id(cbor::Reader& reader) noexcept;

/// Splits an encoded identifier.
[[nodiscard]] Result<ComponentId> decode_component_id(ByteView encoded) noexcept;

cbor::Writer& put_component_id(cbor::Writer& writer, const ComponentId& id) noexcept;

}  // namespace tailor::suit
