// SPDX-License-Identifier: Apache-2.0
// Keeps the envelope's head of one slot: tag, authentication wrapper and manifest, as received, so that the signature
// can be verified again at each boot. Stores bytes; knows no CBOR.
#pragma once

#include <span>

#include "core/base/bytes.hpp"
#include "device/storage/flash_region.hpp"

namespace tailor::boot {

class ManifestArea {
 public:
  explicit ManifestArea(const FlashRegion& region) noexcept : region_(region) {}

  /// Forgets what is stored.
  [[nodiscard]] Status erase() const noexcept { return region_.erase(0, region_.size()); }

  /// Stores the pieces, one behind the other. They count once all of them are there.
  ///
  /// @param session  ties the envelope to a reception
  /// @pre   the area is erased
  /// @returns kManifestTooLarge, with nothing written; kFlashWriteFailed
  [[nodiscard]] Status store(uint64_t session, std::span<const ByteView> pieces) const noexcept;

  /// Reads the envelope to the start of `out`.
  /// @returns kNotFound when there is none, or not a whole one; kBufferTooSmall
  [[nodiscard]] Result<ByteView> load(MutableBytes out) const noexcept;

  /// The session that the stored envelope belongs to; kNotFound.
  [[nodiscard]] Result<uint64_t> session() const noexcept;

 private:
  struct Header {
    uint64_t session;
    uint32_t length;
    uint32_t crc;
  };
  [[nodiscard]] Result<Header> read_header() const noexcept;
  [[nodiscard]] uint32_t content_at() const noexcept;

  FlashRegion region_;
};

}  // namespace tailor::boot
