// SPDX-License-Identifier: Apache-2.0
#include "authoring/hss/reservations.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "hosted/file.hpp"

namespace tailor::authoring {
namespace {

/// An exclusive lock on a file; the kernel drops it with the process.
class Lock {
 public:
  explicit Lock(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0) {
      if (errno == EINTR) continue;
      const int error = errno;
      ::close(fd_);
      fd_ = -1;
      errno = error;
    }
  }
  ~Lock() {
    if (fd_ >= 0) ::close(fd_);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  [[nodiscard]] bool held() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

}  // namespace

std::filesystem::path FileReservations::state_path(const std::filesystem::path& key_path) {
  return key_path.string() + ".state";
}

Outcome<HssState> FileReservations::read() const {
  const std::filesystem::path path = state_path(key_path_);
  const auto content = read_file(path, 4096);
  if (!content.ok() && content.error().code == Error::kNotFound) {
    return fail(Error::kRecordMalformed,
                path.string() + " is missing: without it nobody knows which signatures are used, and none is made");
  }
  if (!content.ok()) return content.error();
  TAILOR_TRY_ASSIGN(const HssState state, with_context(decode_hss_state(content.value()), path.string()));
  if (state.key_digest != key_digest_) return fail(Error::kRecordMalformed, path.string() + " is another key's");
  return state;
}

Outcome<uint64_t> FileReservations::reserve() {
  const Lock lock(key_path_);
  if (!lock.held()) return fail(Error::kFileFailed, key_path_.string() + ": lock: " + std::strerror(errno));
  TAILOR_TRY_ASSIGN(HssState state, read());
  const uint64_t number = state.next;
  if (number >= capacity_) {
    return fail(Error::kKeyExhausted, key_path_.string() + " has made all its " + std::to_string(capacity_) +
                                          " signatures; make a new key and have it trusted");
  }
  ++state.next;
  TAILOR_TRY_ASSIGN(const Bytes content, encode_hss_state(state));
  TAILOR_TRY(write_file(state_path(key_path_), content, FileMode::kPrivate));
  return number;
}

Outcome<uint64_t> FileReservations::left() const {
  TAILOR_TRY_ASSIGN(const HssState state, read());
  return state.next < capacity_ ? capacity_ - state.next : 0;
}

Outcome<void> FileReservations::begin() const {
  const std::filesystem::path path = state_path(key_path_);
  std::error_code ignored;  // a path that cannot be looked at cannot be written either, and the write says why
  if (std::filesystem::exists(path, ignored)) return fail(Error::kAlreadyExists, path.string() + " exists");
  TAILOR_TRY_ASSIGN(const Bytes content, encode_hss_state({.key_digest = key_digest_, .next = 0}));
  return write_file(path, content, FileMode::kPrivate);
}

}  // namespace tailor::authoring
