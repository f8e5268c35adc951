// SPDX-License-Identifier: Apache-2.0
// See serial_line.hpp.
#include "cli/serial_line.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace tailor::cli {
namespace {

Failure system_failure(const std::string& what) {
  return fail(Error::kFileFailed, what + ": " + std::strerror(errno));
}

std::optional<speed_t> speed_of(unsigned baud) {
  switch (baud) {
    case 9600:
      return B9600;
    case 19200:
      return B19200;
    case 38400:
      return B38400;
    case 57600:
      return B57600;
    case 115200:
      return B115200;
    case 230400:
      return B230400;
    case 460800:
      return B460800;
    case 921600:
      return B921600;
    default:
      return std::nullopt;
  }
}

Outcome<int> connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail(Error::kFileFailed, path + ": too long for a socket");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int handle = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (handle < 0) return system_failure(path);
  if (::connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const Failure failure = system_failure(path);
    ::close(handle);
    return failure;
  }
  return handle;
}

/// Leaves everything as it comes: no echo, no lines, no signals, no flow control.
bool make_raw(int handle, speed_t speed) {
  termios settings{};
  if (::tcgetattr(handle, &settings) != 0) return false;
  ::cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  settings.c_cc[VMIN] = 0;
  settings.c_cc[VTIME] = 0;
  const bool set = ::cfsetispeed(&settings, speed) == 0 && ::cfsetospeed(&settings, speed) == 0;
  return set && ::tcsetattr(handle, TCSAFLUSH, &settings) == 0;
}

}  // namespace

Outcome<SerialLine> SerialLine::open(const std::filesystem::path& path, unsigned baud) {
  const std::optional<speed_t> speed = speed_of(baud);
  if (!speed.has_value()) return fail(Error::kValueOutOfRange, "baud rate " + std::to_string(baud));
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return system_failure(path.string());
  if (S_ISSOCK(found.st_mode)) {
    TAILOR_TRY_ASSIGN(const int handle, connect_to(path.string()));
    return SerialLine(handle);
  }
  SerialLine line(::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  if (line.handle_ < 0) return system_failure(path.string());
  if (::isatty(line.handle_) != 1) return fail(Error::kFileFailed, path.string() + ": no serial port and no socket");
  if (!make_raw(line.handle_, *speed)) return system_failure(path.string());
  return line;
}

SerialLine::SerialLine(SerialLine&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}

SerialLine::~SerialLine() {
  if (handle_ >= 0) ::close(handle_);
}

Outcome<void> SerialLine::write(ByteView bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::write(handle_, bytes.data(), bytes.size());
    if (count > 0) {
      bytes = bytes.subspan(static_cast<size_t>(count));
    } else if (count < 0 && errno == EAGAIN) {
      pollfd waiting{handle_, POLLOUT, 0};
      if (::poll(&waiting, 1, 10'000) == 0) return fail(Error::kFileFailed, "the line takes no more bytes");
    } else if (count < 0 && errno != EINTR) {
      return system_failure("writing to the line");
    }
  }
  return kOk;
}

Outcome<size_t> SerialLine::read(MutableBytes out, std::chrono::steady_clock::time_point deadline) const {
  using std::chrono::milliseconds;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return size_t{0};
    pollfd waiting{handle_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready == 0) return size_t{0};
    if (ready < 0 && errno != EINTR) return system_failure("waiting for the line");
    const ssize_t count = ::read(handle_, out.data(), out.size());
    if (count > 0) return static_cast<size_t>(count);
    if (count == 0) return fail(Error::kFileFailed, "the line was closed at the other end");
    if (errno != EAGAIN && errno != EINTR) return system_failure("reading from the line");
  }
}

}  // namespace tailor::cli
