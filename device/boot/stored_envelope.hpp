// SPDX-License-Identifier: Apache-2.0
// The part of a received envelope that is kept for boot: tag, authentication wrapper and manifest, byte for byte,
// without the members that came severed or integrated. Also the name of a component in journal records.
#pragma once

#include <array>
#include <span>

#include "core/suit/authentication.hpp"
#include "device/boot/state.hpp"

namespace tailor::boot {

/// Names a component in journal records.
/// @param id  encoded component identifier
[[nodiscard]] Result<ComponentKey> component_key(ByteView id) noexcept;

/// An envelope of two members, in pieces that stay where they are.
class StoredEnvelope {
 public:
  /// @param wrapper_item   the authentication wrapper's byte string with its head
  /// @param manifest_item  the manifest's byte string with its head
  StoredEnvelope(ByteView wrapper_item, ByteView manifest_item) noexcept
      : pieces_{ByteView{kStart}, wrapper_item, ByteView{kManifestKey}, manifest_item} {}

  /// Takes the pieces from the buffer of an EnvelopeReader whose manifest is authentic.
  /// @returns kStateConflict when the manifest does not lie in the buffer
  [[nodiscard]] static Result<StoredEnvelope> from_reader(ByteView buffer,
                                                          const suit::AuthenticManifest& manifest) noexcept;

  /// Takes the pieces from an envelope that is whole in memory.
  [[nodiscard]] static StoredEnvelope from_envelope(const suit::Envelope& envelope) noexcept;

  /// For BootControl::begin().
  [[nodiscard]] std::span<const ByteView> pieces() const noexcept { return pieces_; }
  /// Whether these octets are the pieces, one behind the other.
  [[nodiscard]] bool is(ByteView stored) const noexcept;

 private:
  static constexpr std::array<uint8_t, 4> kStart{0xd8, 0x6b, 0xa2, 0x02};  // 107({2: ..., 3: ...})
  static constexpr std::array<uint8_t, 1> kManifestKey{0x03};
  std::array<ByteView, 4> pieces_;
};

}  // namespace tailor::boot
