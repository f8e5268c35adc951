// SPDX-License-Identifier: Apache-2.0
// Reading and writing the values that the message formats have in common, and keeping account of which keys of a map
// were there. Internal to core/update and core/trust: the formats themselves are told in their own files.
#pragma once

#include "core/cbor/map_reader.hpp"
#include "core/cbor/writer.hpp"
#include "core/update/profile.hpp"
#include "core/update/trusted_time.hpp"
#include "core/update/update_state.hpp"

namespace tailor::update::fields {

/// Which of the keys 0 to 31 a map has. Order and uniqueness are MapReader's business.
class Keys {
 public:
  void add(int64_t key) noexcept { bits_ |= bit(key); }
  [[nodiscard]] bool has(int64_t key) const noexcept { return (bits_ & bit(key)) != 0; }
  /// kMissingKey unless all of first..last were there, except those in `optional` (a mask made with bit()).
  [[nodiscard]] Status demand(int64_t first, int64_t last, uint32_t optional = 0) const noexcept {
    for (int64_t key = first; key <= last; ++key) {
      if (!has(key) && (optional & bit(key)) == 0) return Error::kMissingKey;
    }
    return kOk;
  }
  [[nodiscard]] static constexpr uint32_t bit(int64_t key) noexcept {
    return key >= 0 && key < 32 ? 1U << static_cast<unsigned>(key) : 0U;
  }

 private:
  uint32_t bits_ = 0;
};

/// Walks a whole map and gives each key to `read(key)`, which takes the value and refuses keys it does not know.
template <typename ReadField>
[[nodiscard]] Result<Keys> read_map(cbor::Reader& reader, ReadField&& read) noexcept {
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  Keys keys;
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t key, map.next_key());
    TAILOR_TRY(read(key));
    keys.add(key);
  }
  return keys;
}

/// @returns kUnsupportedVersion unless the value is `version`
[[nodiscard]] Status take_version(cbor::Reader& reader, uint64_t version) noexcept;
/// @returns kValueOutOfRange above `max`
[[nodiscard]] Result<uint64_t> take_up_to(cbor::Reader& reader, uint64_t max) noexcept;
/// @returns kValueOutOfRange unless it has from `min` to `max` bytes
[[nodiscard]] Result<ByteView> take_sized_bytes(cbor::Reader& reader, size_t min, size_t max) noexcept;
[[nodiscard]] Result<std::string_view> take_sized_text(cbor::Reader& reader, size_t min, size_t max) noexcept;
[[nodiscard]] Result<Uuid> take_uuid(cbor::Reader& reader) noexcept;
[[nodiscard]] Result<crypto::Sha256Digest> take_digest(cbor::Reader& reader) noexcept;
/// Takes a reason. A number that this version's errors.def does not have reads as kInternal.
[[nodiscard]] Status take_reason(cbor::Reader& reader, std::optional<Error>& reason) noexcept;
/// Takes what is waited for, where it is not the trigger: 1 to 9.
[[nodiscard]] Status take_awaited(cbor::Reader& reader, Awaited& awaited) noexcept;
[[nodiscard]] Result<TrustedTime> take_time(cbor::Reader& reader) noexcept;
[[nodiscard]] Result<BootInfo> take_boot(cbor::Reader& reader) noexcept;
/// @param min_parts  1 for an identifier, 0 for a prefix
[[nodiscard]] Result<ComponentId> take_component_id(cbor::Reader& reader, size_t min_parts) noexcept;
[[nodiscard]] Result<InstalledComponents> take_components(cbor::Reader& reader) noexcept;

/// Whether texts and identifiers keep their limits, so that what is written can be read.
[[nodiscard]] Status check(const ComponentId& id, size_t min_parts) noexcept;
[[nodiscard]] Status check(const InstalledComponents& components) noexcept;
[[nodiscard]] Status check(const BootInfo& boot) noexcept;

/// Whether what is waited for is told: only where it is not the trigger, so that there is one encoding.
[[nodiscard]] inline bool tells_awaited(const UpdateStatus& update) noexcept {
  return update.awaited().value_or(Awaited::kTrigger) != Awaited::kTrigger;
}
void put_awaited(cbor::Writer& writer, int64_t key, const UpdateStatus& update) noexcept;
void put(cbor::Writer& writer, const TrustedTime& time) noexcept;
void put(cbor::Writer& writer, const BootInfo& boot) noexcept;
void put(cbor::Writer& writer, const ComponentId& id) noexcept;
void put(cbor::Writer& writer, const InstalledComponents& components) noexcept;

}  // namespace tailor::update::fields
