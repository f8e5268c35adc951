// SPDX-License-Identifier: Apache-2.0
// Files over POSIX calls, because iostreams cannot tell a full disk from other failures and have no fsync.
#include "hosted/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace tailor {
namespace {

Failure errno_failure(const std::filesystem::path& path, int error) {
  Error code = Error::kFileFailed;
  // EFBIG is how a file-size limit of the service manager shows itself: to the operator the same as a full disk.
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) code = Error::kDiskFull;
  if (error == ENOENT) code = Error::kNotFound;
  return fail(code, path.string() + ": " + std::strerror(error));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Outcome<void> sync_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) return errno_failure(folder, errno);
  return kOk;
}

template <typename Container>
Outcome<Container> read_whole(const std::filesystem::path& path, size_t max_bytes) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return errno_failure(path, errno);
  Container out;
  uint8_t chunk[16384];
  while (true) {
    const ssize_t count = ::read(fd.get(), chunk, sizeof(chunk));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_failure(path, errno);
    if (count == 0) return out;
    if (out.size() + static_cast<size_t>(count) > max_bytes) {
      return fail(Error::kBodyTooLarge, path.string() + ": more than " + std::to_string(max_bytes) + " bytes");
    }
    out.insert(out.end(), chunk, chunk + count);
  }
}

}  // namespace

Outcome<std::vector<uint8_t>> read_file(const std::filesystem::path& path, size_t max_bytes) {
  return read_whole<std::vector<uint8_t>>(path, max_bytes);
}

Outcome<std::string> read_text_file(const std::filesystem::path& path, size_t max_bytes) {
  return read_whole<std::string>(path, max_bytes);
}

Outcome<void> write_file(const std::filesystem::path& path, ByteView content, FileMode mode) {
  TAILOR_TRY_ASSIGN(AtomicFile file, AtomicFile::create(path, mode));
  TAILOR_TRY(file.append(content));
  return file.commit();
}

Outcome<AtomicFile> AtomicFile::create(const std::filesystem::path& path, FileMode mode) {
  std::string name = path.string() + ".XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return errno_failure(path, errno);
  AtomicFile file(path, name, fd);
  if (::fchmod(fd, static_cast<mode_t>(mode)) != 0) return errno_failure(path, errno);
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_) {}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

Outcome<void> AtomicFile::append(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_failure(path_, errno);
    bytes = bytes.subspan(static_cast<size_t>(count));
    size_ += static_cast<uint64_t>(count);
  }
  return kOk;
}

Outcome<void> AtomicFile::commit() {
  if (::fsync(fd_) != 0) return errno_failure(path_, errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return errno_failure(path_, errno);
  ::close(std::exchange(fd_, -1));
  return sync_folder(path_);
}

}  // namespace tailor
