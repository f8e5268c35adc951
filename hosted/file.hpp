// SPDX-License-Identifier: Apache-2.0
// Whole files for hosted programs: bounded reads, and writes that are there completely or not at all, also after a
// power cut. A full disk is an error of its own (kDiskFull), because the operator can do something about it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "hosted/failure.hpp"

namespace tailor {

/// Who may read a new file.
enum class FileMode : unsigned { kPublic = 0644, kPrivate = 0600 };

/// Largest file that read_file takes unless told otherwise: above any certificate, manifest or configuration of ours.
inline constexpr size_t kReadFileBytes = 16U << 20U;

/// Reads a whole file.
///
/// @returns kNotFound when there is none, kBodyTooLarge above `max_bytes`, kFileFailed otherwise
[[nodiscard]] Outcome<std::vector<uint8_t>> read_file(const std::filesystem::path& path,
                                                      size_t max_bytes = kReadFileBytes);
[[nodiscard]] Outcome<std::string> read_text_file(const std::filesystem::path& path, size_t max_bytes = kReadFileBytes);

/// Replaces a file: after success the new content is on the disk (fsync of file and folder); after a failure, or a
/// power cut at any moment, the old content is there untouched.
///
/// @returns kDiskFull, or kFileFailed
[[nodiscard]] Outcome<void> write_file(const std::filesystem::path& path, ByteView content,
                                       FileMode mode = FileMode::kPublic);

/// A file under construction beside its final place: append(), then commit(). Without commit() it vanishes.
class AtomicFile {
 public:
  /// Opens a temporary file in the folder of `path`.
  [[nodiscard]] static Outcome<AtomicFile> create(const std::filesystem::path& path, FileMode mode = FileMode::kPublic);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  /// @returns kDiskFull or kFileFailed; the file can only be dropped then
  [[nodiscard]] Outcome<void> append(ByteView bytes);
  /// Makes everything durable under the final name.
  [[nodiscard]] Outcome<void> commit();
  /// Where the bytes are before commit().
  [[nodiscard]] const std::filesystem::path& temporary_path() const noexcept { return temporary_; }
  [[nodiscard]] uint64_t size_bytes() const noexcept { return size_; }

 private:
  AtomicFile(std::filesystem::path path, std::filesystem::path temporary, int fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_ = -1;
  uint64_t size_ = 0;
};

}  // namespace tailor
