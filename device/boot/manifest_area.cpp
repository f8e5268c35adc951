// SPDX-License-Identifier: Apache-2.0
// See manifest_area.hpp. The header is written last, so a header that is whole says that the content is.
#include "device/boot/manifest_area.hpp"

#include <algorithm>
#include <array>

#include "core/base/limits.hpp"

namespace tailor::boot {
namespace {

constexpr std::array<uint8_t, 4> kMagic{'T', 'L', 'B', 'M'};
constexpr uint8_t kVersion = 1;
constexpr uint32_t kHeaderBytes = 28;
/// A root's stored envelope: manifest and wrapper, the bytes around them, and the header in the largest granules.
constexpr uint32_t kRootBytes = limits::kManifestBytes + 64;

}  // namespace

FlashRegion dependency_region(const FlashRegion& manifest) noexcept {
  const uint32_t sector = manifest.sector_bytes();
  const uint32_t root = (kRootBytes + sector - 1) / sector * sector;
  if (manifest.size() <= root) return {};
  return manifest.part(root, manifest.size() - root);
}

uint32_t ManifestArea::content_at() const noexcept {
  return region_.round_up(kHeaderBytes);
}

Status ManifestArea::Writer::append(ByteView bytes) noexcept {
  if (bytes.size() > room_ - length_) return Error::kManifestTooLarge;
  TAILOR_TRY(content_.append(bytes));
  crc_.update(bytes);
  length_ += static_cast<uint32_t>(bytes.size());
  return kOk;
}

Status ManifestArea::Writer::finish(uint64_t session) noexcept {
  TAILOR_TRY(content_.finish());
  std::array<uint8_t, kHeaderBytes> header{};
  std::copy(kMagic.begin(), kMagic.end(), header.begin());
  header[4] = kVersion;
  put_le<uint64_t>(&header[8], session);
  put_le<uint32_t>(&header[16], length_);
  put_le<uint32_t>(&header[20], crc_.value());
  put_le<uint32_t>(&header[24], crc32(ByteView{header}.first(24)));
  FlashWriter writer(region_, 0);
  TAILOR_TRY(writer.append(header));
  TAILOR_TRY(writer.finish());
  return kOk;
}

Status ManifestArea::store(uint64_t session, std::span<const ByteView> pieces) const noexcept {
  size_t length = 0;
  for (const ByteView piece : pieces) length += piece.size();
  if (length > room()) return Error::kManifestTooLarge;
  Writer writer(*this);
  for (const ByteView piece : pieces) TAILOR_TRY(writer.append(piece));
  return writer.finish(session);
}

Result<ManifestArea::Header> ManifestArea::read_header() const noexcept {
  std::array<uint8_t, kHeaderBytes> bytes;
  TAILOR_TRY(region_.read(0, bytes));
  const bool whole = equal(ByteView{bytes}.first(4), kMagic) &&
                     get_le<uint32_t>(&bytes[24]) == crc32(ByteView{bytes}.first(24)) && bytes[4] == kVersion;
  if (!whole) return Error::kNotFound;
  const Header header{get_le<uint64_t>(&bytes[8]), get_le<uint32_t>(&bytes[16]), get_le<uint32_t>(&bytes[20])};
  if (header.length > room()) return Error::kNotFound;
  return header;
}

Result<ManifestArea::Header> ManifestArea::read_whole() const noexcept {
  TAILOR_TRY_ASSIGN(const Header header, read_header());
  TAILOR_TRY_ASSIGN(const uint32_t crc, region_.crc(content_at(), header.length));
  if (crc != header.crc) return Error::kNotFound;
  return header;
}

Result<uint64_t> ManifestArea::session() const noexcept {
  TAILOR_TRY_ASSIGN(const Header header, read_whole());
  return header.session;
}

Result<uint32_t> ManifestArea::length() const noexcept {
  TAILOR_TRY_ASSIGN(const Header header, read_whole());
  return header.length;
}

Status ManifestArea::read(uint32_t offset, MutableBytes out) const noexcept {
  return region_.read(content_at() + offset, out);
}

Result<ByteView> ManifestArea::load(MutableBytes out) const noexcept {
  TAILOR_TRY_ASSIGN(const Header header, read_header());
  if (header.length > out.size()) return Error::kBufferTooSmall;
  const MutableBytes content = out.first(header.length);
  TAILOR_TRY(region_.read(content_at(), content));
  if (crc32(content) != header.crc) return Error::kNotFound;
  return ByteView{content};
}

}  // namespace tailor::boot
