// SPDX-License-Identifier: Apache-2.0
// See blob_folder.hpp.
#include "services/update/store/blob_folder.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "hosted/file.hpp"

namespace tailor::update_server {
namespace {

namespace fs = std::filesystem;

/// Mapped files that are kept open although nobody reads them now: a poll of many devices reads few images.
constexpr size_t kRecentBlobs = 32;
constexpr size_t kDigestPiece = 64U << 10U;

Failure file_failure(const char* what, const fs::path& path, int number) {
  const Error code = number == ENOSPC || number == EDQUOT ? Error::kDiskFull : Error::kFileFailed;
  return fail(code, std::string(what) + " " + path.string() + ": " + std::strerror(number));
}

class Descriptor {
 public:
  explicit Descriptor(const fs::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Outcome<void> synchronise(const fs::path& path) {
  const Descriptor file(path);
  if (file.get() < 0) return file_failure("open", path, errno);
  if (::fsync(file.get()) != 0) return file_failure("synchronise", path, errno);
  return kOk;
}

Outcome<Digest> digest_file(const fs::path& path) {
  const Descriptor file(path);
  if (file.get() < 0) return file_failure("open", path, errno);
  crypto::Hash hash;
  Bytes piece(kDigestPiece);
  for (;;) {
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0) return file_failure("read", path, errno);
    if (got == 0) break;
    const Status fed = hash.update(ByteView(piece).first(static_cast<size_t>(got)));
    if (!fed.ok()) return fail(fed.error(), "digest of " + path.string());
  }
  Digest digest;
  const auto done = hash.finish(digest);
  if (!done.ok()) return fail(done.error(), "digest of " + path.string());
  return digest;
}

}  // namespace

Blob::~Blob() {
  if (size_ != 0) ::munmap(const_cast<uint8_t*>(data_), size_);
}

Outcome<std::unique_ptr<BlobFolder>> BlobFolder::open(const fs::path& folder) {
  std::unique_ptr<BlobFolder> opened(new BlobFolder(folder));
  std::error_code error;
  fs::remove_all(opened->incoming(), error);
  fs::create_directories(opened->incoming(), error);
  if (error) return fail(Error::kFileFailed, opened->incoming().string() + ": " + error.message());
  return opened;
}

Outcome<Digest> BlobFolder::put(ByteView bytes) {
  const Result<Digest> digest = crypto::sha256(bytes);
  if (!digest.ok()) return fail(digest.error(), "digest");
  const fs::path path = path_of(digest.value());
  std::error_code error;
  if (fs::exists(path, error)) return digest.value();
  TAILOR_TRY(write_file(path, bytes, FileMode::kPrivate));
  return digest.value();
}

Outcome<Digest> BlobFolder::adopt(const fs::path& file, const std::optional<Digest>& expected) {
  struct Remove {
    const fs::path& path;
    ~Remove() {
      std::error_code ignored;  // gone when it was moved; otherwise open() removes it at the next start
      fs::remove(path, ignored);
    }
  } const remove{file};
  TAILOR_TRY_ASSIGN(const Digest digest, digest_file(file));
  if (expected && *expected != digest) return fail(Error::kImageDigestMismatch, "it is " + digest_text(digest));
  TAILOR_TRY(synchronise(file));
  const fs::path path = path_of(digest);
  if (::rename(file.c_str(), path.c_str()) != 0) return file_failure("rename to", path, errno);
  TAILOR_TRY(synchronise(folder_));
  return digest;
}

Outcome<std::shared_ptr<const Blob>> BlobFolder::get(const Digest& digest) {
  const std::lock_guard lock(mutex_);
  if (std::shared_ptr<const Blob> known = open_[digest].lock()) return known;
  const fs::path path = path_of(digest);
  const Descriptor file(path);
  if (file.get() < 0) {
    open_.erase(digest);
    return errno == ENOENT ? fail(Error::kNotFound, digest_text(digest)) : file_failure("open", path, errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return file_failure("inspect", path, errno);
  const auto size = static_cast<size_t>(status.st_size);
  void* mapped = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (mapped == MAP_FAILED) return file_failure("map", path, errno);
  auto blob = std::make_shared<const Blob>(static_cast<const uint8_t*>(mapped), size);
  open_[digest] = blob;
  recent_.push_back(blob);
  if (recent_.size() > kRecentBlobs) recent_.erase(recent_.begin());
  return std::shared_ptr<const Blob>(std::move(blob));
}

}  // namespace tailor::update_server
