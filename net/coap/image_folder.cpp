// SPDX-License-Identifier: Apache-2.0
// Mapping files.
#include "net/coap/image_folder.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

namespace tailor::net {
namespace {

bool plain_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= ImageFolder::kNameBytes && std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

Outcome<std::shared_ptr<const MappedFile>> MappedFile::open(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    return fail(errno == ENOENT ? Error::kNotFound : Error::kFileFailed, path.string() + ": " + std::strerror(errno));
  }
  struct stat status {};
  const bool regular = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  const auto size = static_cast<size_t>(status.st_size);
  void* memory = MAP_FAILED;
  if (regular && size > 0) memory = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  if (!regular || (size > 0 && memory == MAP_FAILED)) return fail(Error::kFileFailed, path.string());
  const ByteView bytes = size > 0 ? ByteView{static_cast<const uint8_t*>(memory), size} : ByteView{};
  return std::shared_ptr<const MappedFile>(new MappedFile(bytes));
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<uint8_t*>(bytes_.data()), bytes_.size());
}

Outcome<std::shared_ptr<const MappedFile>> ImageFolder::open(std::string_view name) {
  if (!plain_name(name)) return fail(Error::kNotFound);
  const std::lock_guard lock(mutex_);
  std::string key(name);
  if (const auto found = files_.find(key); found != files_.end()) return found->second;
  auto opened = MappedFile::open(folder_ / key);
  if (opened.ok()) files_.emplace(std::move(key), opened.value());
  return opened;
}

void ImageFolder::forget(std::string_view name) {
  const std::lock_guard lock(mutex_);
  files_.erase(std::string(name));
}

Result<coap::ImmutableObject> ImageCache::find(std::string_view name) const noexcept {
  try {
    auto found = seen_.find(name);
    if (found == seen_.end()) {
      auto opened = folder_.open(name);
      if (!opened.ok()) return opened.error().code == Error::kNotFound ? Error::kNotFound : Error::kFileFailed;
      if (seen_.size() >= most_) seen_.clear();
      found = seen_.emplace(std::string(name), opened.value()).first;
    }
    const std::string& key = found->first;
    return coap::ImmutableObject{found->second->bytes(), as_bytes(std::string_view(key).substr(0, 8))};
  } catch (const std::bad_alloc&) {
    return Error::kAllocationFailed;
  }
}

void ImageCache::forget(std::string_view name) {
  if (const auto found = seen_.find(name); found != seen_.end()) seen_.erase(found);
}

}  // namespace tailor::net
