// SPDX-License-Identifier: Apache-2.0
// Images and envelopes as immutable files named by their SHA-256, written whole or not at all and read from mapped
// memory. A name that is there is complete and on the disk.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "services/update/domain/model.hpp"

namespace tailor::update_server {

/// The bytes of one file, mapped; stays valid as long as somebody holds it.
class Blob {
 public:
  Blob(const uint8_t* data, size_t size) noexcept : data_(data), size_(size) {}
  ~Blob();
  Blob(const Blob&) = delete;
  Blob& operator=(const Blob&) = delete;
  [[nodiscard]] ByteView bytes() const noexcept { return {data_, size_}; }

 private:
  const uint8_t* data_;
  size_t size_;
};

/// Thread-safe.
class BlobFolder {
 public:
  /// Makes the folder when there is none, and removes what a killed process left half-made.
  /// @returns kFileFailed
  [[nodiscard]] static Outcome<std::unique_ptr<BlobFolder>> open(const std::filesystem::path& folder);

  /// Keeps bytes that are in memory; the same bytes again change nothing.
  /// @returns their digest; kDiskFull or kFileFailed, and nothing is left
  [[nodiscard]] Outcome<Digest> put(ByteView bytes);
  /// Keeps a finished file of incoming(), which is moved away or, after a failure, removed.
  /// @param expected  the digest that the sender told; kImageDigestMismatch when it is another
  [[nodiscard]] Outcome<Digest> adopt(const std::filesystem::path& file, const std::optional<Digest>& expected);
  /// Where uploads are written before adopt(): on the same file system.
  [[nodiscard]] std::filesystem::path incoming() const { return folder_ / "incoming"; }

  /// @returns kNotFound, kFileFailed
  [[nodiscard]] Outcome<std::shared_ptr<const Blob>> get(const Digest& digest);

 private:
  explicit BlobFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
  [[nodiscard]] std::filesystem::path path_of(const Digest& digest) const { return folder_ / digest_text(digest); }

  std::filesystem::path folder_;
  std::mutex mutex_;
  std::map<Digest, std::weak_ptr<const Blob>> open_;  ///< one mapping for all who read the same file
  std::vector<std::shared_ptr<const Blob>> recent_;   ///< keeps the latest mapped between requests
};

}  // namespace tailor::update_server
