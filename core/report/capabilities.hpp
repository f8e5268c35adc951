// SPDX-License-Identifier: Apache-2.0
// SUIT_Capability_Report (report-20, Capability Reporting): which components, commands, parameters and algorithms a
// manifest processor has, so that an author can know before a device refuses. Encoder and strict decoder side by side.
#pragma once

#include <span>

#include "core/cbor/reader.hpp"
#include "core/cbor/writer.hpp"
#include "core/suit/component_id.hpp"
#include "core/suit/labels.hpp"

namespace tailor::report {

/// Keys that hold lists of numbers: commands (2) to dependency (10).
inline constexpr int64_t kFirstList = suit::capability_key::kCommands;
inline constexpr int64_t kLastList = suit::capability_key::kDependency;
/// Lists up to this key have to be there.
inline constexpr int64_t kLastDemandedList = suit::capability_key::kCryptoAlgorithms;
inline constexpr size_t kLists = kLastList - kFirstList + 1;

/// Place of a list in the arrays below.
[[nodiscard]] constexpr size_t list_index(int64_t capability_key) noexcept {
  return static_cast<size_t>(capability_key - kFirstList);
}

struct ComponentCapability {
  suit::ComponentId id;
  bool any_below = false;  ///< every identifier that begins with these parts
};

/// What is written.
struct Capabilities {
  std::span<const ComponentCapability> components;
  std::array<std::span<const int32_t>, kLists> lists{};  ///< by list_index(); an empty optional one is left out
};

/// What was read. Views into the bytes it was decoded from, every one checked.
struct CapabilityView {
  ByteView components;                   ///< the encoded array of arrays
  std::array<ByteView, kLists> lists{};  ///< encoded arrays of numbers; empty when absent
  ByteView extensions;                   ///< the encoded pairs whose keys are paths ([+int] => [+int])
};

/// @returns the bytes written; kBufferTooSmall; kValueOutOfRange without components or a list that is demanded
[[nodiscard]] Result<ByteView> encode(const Capabilities& capabilities, MutableBytes out) noexcept;

/// @returns kMissingKey, kUnknownKey, kValueOutOfRange for an empty list, a CBOR error
[[nodiscard]] Result<CapabilityView> decode_capabilities(ByteView bytes) noexcept;

/// Takes one capability report, checked, and returns it encoded.
[[nodiscard]] Result<ByteView> take_capability_item(cbor::Reader& reader) noexcept;

}  // namespace tailor::report
