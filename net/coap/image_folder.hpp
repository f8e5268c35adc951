// SPDX-License-Identifier: Apache-2.0
// Images as files of a folder, each named by the base64url of its digest, mapped into memory when first asked for. A
// file is complete and never changes once it has its name, so that a mapping serves any number of transfers.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/coap/stateless.hpp"
#include "hosted/failure.hpp"

namespace tailor::net {

/// One mapped file.
class MappedFile {
 public:
  /// @returns kNotFound, or kFileFailed for what is no regular file or cannot be mapped
  [[nodiscard]] static Outcome<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  [[nodiscard]] ByteView bytes() const noexcept { return bytes_; }

 private:
  explicit MappedFile(ByteView bytes) : bytes_(bytes) {}
  ByteView bytes_;
};

/// The mappings that all threads share; locked, and asked only for what a thread has not seen yet.
class ImageFolder {
 public:
  explicit ImageFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
  /// @returns kNotFound for a name that is no plain file name of letters, digits, '-' and '_', or that is not there
  [[nodiscard]] Outcome<std::shared_ptr<const MappedFile>> open(std::string_view name);
  /// Lets go of an image that was deleted; threads that have it keep it until they forget it.
  void forget(std::string_view name);

  static constexpr size_t kNameBytes = 64;  ///< base64url of SHA-256 has 43

 private:
  std::filesystem::path folder_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const MappedFile>> files_;
};

/// What one thread has seen of the folder: looking an image up again takes no lock. Not to be shared by threads.
class ImageCache final : public coap::ImmutableStore {
 public:
  /// @param most  images to remember; all are forgotten when there are more
  explicit ImageCache(ImageFolder& folder, size_t most = 256) : folder_(folder), most_(most) {}

  /// The ETag is the first eight characters of the name, which is a digest.
  [[nodiscard]] Result<coap::ImmutableObject> find(std::string_view name) const noexcept override;
  void forget(std::string_view name);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  ImageFolder& folder_;
  size_t most_;
  mutable std::unordered_map<std::string, std::shared_ptr<const MappedFile>, Hash, std::equal_to<>> seen_;
};

}  // namespace tailor::net
