// SPDX-License-Identifier: Apache-2.0
// Keeps the envelope's head of one slot: tag, authentication wrapper and manifest, as received, so that the signature
// can be verified again at each boot; and behind it the envelope of a manifest that it depends on. Stores bytes; knows
// no CBOR.
#pragma once

#include <span>

#include "core/base/bytes.hpp"
#include "device/storage/crc32.hpp"
#include "device/storage/flash_region.hpp"

namespace tailor::boot {

/// The part of a slot's manifest region where the envelope of a dependency is kept: what is left of it behind the
/// sectors that the root's envelope may take. Without a byte when nothing is left; then there is no such place.
[[nodiscard]] FlashRegion dependency_region(const FlashRegion& manifest) noexcept;

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

  /// Bytes of the stored envelope; kNotFound.
  [[nodiscard]] Result<uint32_t> length() const noexcept;
  /// Reads a part of it. @pre length() says that it is there
  [[nodiscard]] Status read(uint32_t offset, MutableBytes out) const noexcept;
  /// Where in the region the stored envelope begins.
  [[nodiscard]] uint32_t content_at() const noexcept;

  /// Stores an envelope as it arrives. It counts once finish() said kOk.
  class Writer {
   public:
    /// @pre the area is erased
    explicit Writer(const ManifestArea& area) noexcept
        : region_(area.region_), content_(area.region_, area.content_at()), room_(area.room()) {}
    /// @returns kManifestTooLarge, with nothing written of these bytes; kFlashWriteFailed
    [[nodiscard]] Status append(ByteView bytes) noexcept;
    [[nodiscard]] Status finish(uint64_t session) noexcept;
    [[nodiscard]] uint32_t length() const noexcept { return length_; }

   private:
    FlashRegion region_;
    FlashWriter content_;
    Crc32 crc_;
    uint32_t room_;
    uint32_t length_ = 0;
  };

 private:
  struct Header {
    uint64_t session;
    uint32_t length;
    uint32_t crc;
  };
  [[nodiscard]] Result<Header> read_header() const noexcept;
  [[nodiscard]] Result<Header> read_whole() const noexcept;
  [[nodiscard]] uint32_t room() const noexcept { return region_.size() - content_at(); }

  FlashRegion region_;
};

}  // namespace tailor::boot
