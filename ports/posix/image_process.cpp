// SPDX-License-Identifier: Apache-2.0
// See image_process.hpp.
#include "ports/posix/image_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/crypto/crypto.hpp"
#include "ports/posix/system_ports.hpp"

extern char** environ;

namespace tailor::posix {
namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

bool write_all(int file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return true;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

}  // namespace

// --- sealed memory -------------------------------------------------------------------------------------------------

SealedImage::~SealedImage() {
  if (memory_ >= 0) ::close(memory_);
}

Status SealedImage::load(const FlashRegion& slot, const boot::VerifiedImage& image) {
  if (memory_ >= 0) ::close(memory_);
  memory_ = ::memfd_create("tailor-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory_ < 0) return Error::kInvokeFailed;
  std::vector<uint8_t> piece(64 * 1024);
  crypto::Hash hash;
  for (uint32_t done = 0; done < image.image_bytes;) {
    const MutableBytes bytes = MutableBytes{piece}.first(std::min<size_t>(piece.size(), image.image_bytes - done));
    TAILOR_TRY(slot.read(done, bytes));
    TAILOR_TRY(hash.update(bytes));
    if (!write_all(memory_, bytes)) return Error::kInvokeFailed;
    done += static_cast<uint32_t>(bytes.size());
  }
  crypto::Sha256Digest digest;
  TAILOR_TRY(hash.finish(digest));
  if (!equal(digest, image.digest)) return Error::kImageDigestMismatch;
  if (::fcntl(memory_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
    return Error::kInvokeFailed;
  }
  return kOk;
}

// --- process -------------------------------------------------------------------------------------------------------

ImageProcess::ImageProcess() {
  const sigset_t set = watched_signals();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

ImageProcess::~ImageProcess() {
  if (pid_ > 0) static_cast<void>(reap(ImageEnd::Kind::kStopped));
  if (signals_ >= 0) ::close(signals_);
}

Status ImageProcess::start(const SealedImage& image, const std::vector<std::string>& arguments,
                           std::vector<std::string> environment) {
  int kicks[2];
  int result[2];
  if (::pipe2(kicks, O_NONBLOCK) != 0) return Error::kInvokeFailed;
  if (::pipe2(result, O_CLOEXEC) != 0) {
    ::close(kicks[0]);
    ::close(kicks[1]);
    return Error::kInvokeFailed;
  }
  for (char** variable = environ; *variable != nullptr; ++variable) environment.emplace_back(*variable);
  environment.push_back(std::string(kWatchdogVariable) + "=" + std::to_string(kicks[1]));
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    // The image dies when the boot program does, as it would when the power goes.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::close(kicks[0]);
    const sigset_t set = watched_signals();
    ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
    ::fexecve(image.descriptor(), argv.data(), envp.data());
    const int reason = errno;
    static_cast<void>(!::write(result[1], &reason, sizeof reason));
    ::_exit(127);
  }
  ::close(kicks[1]);
  ::close(result[1]);
  int reason = 0;
  const bool failed = pid_ < 0 || ::read(result[0], &reason, sizeof reason) > 0;
  ::close(result[0]);
  if (!failed) {
    watchdog_ = kicks[0];
    return kOk;
  }
  ::close(kicks[0]);
  if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
  return Error::kInvokeFailed;
}

ImageEnd ImageProcess::reap(std::optional<ImageEnd::Kind> because) {
  // Asked to stop, the image may tidy up; a hung one may not.
  if (because == ImageEnd::Kind::kStopped) {
    ::kill(pid_, SIGTERM);
    for (int tenths = 0; tenths < 20; ++tenths) {
      siginfo_t info{};
      if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) break;
      ::usleep(100'000);
    }
  }
  if (because.has_value()) ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  if (watchdog_ >= 0) ::close(watchdog_);
  watchdog_ = -1;
  pid_ = -1;
  if (because.has_value()) return {*because, 0};
  if (WIFEXITED(status)) return {ImageEnd::Kind::kExit, WEXITSTATUS(status)};
  return {ImageEnd::Kind::kSignal, WIFSIGNALED(status) ? WTERMSIG(status) : 0};
}

ImageEnd ImageProcess::watch(const ImageLimits& limits, bool (*is_confirmed)(void*), void* context) {
  const PosixTime clock;
  const uint64_t started = clock.monotonic_ms();
  uint64_t trial_deadline = limits.trial_ms == 0 ? UINT64_MAX : started + limits.trial_ms;
  uint64_t kick_deadline = UINT64_MAX;
  for (;;) {
    const uint64_t now = clock.monotonic_ms();
    if (now >= trial_deadline) {
      if (!is_confirmed(context)) return reap(ImageEnd::Kind::kDeadline);
      trial_deadline = UINT64_MAX;
    }
    if (now >= kick_deadline) return reap(ImageEnd::Kind::kHang);
    const uint64_t deadline = std::min(trial_deadline, kick_deadline);
    const int timeout = deadline == UINT64_MAX ? -1 : static_cast<int>(std::min<uint64_t>(deadline - now, 60'000));
    std::array<pollfd, 2> waiting{{{signals_, POLLIN, 0}, {watchdog_, POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), timeout) < 0 && errno != EINTR) {
      return reap(ImageEnd::Kind::kStopped);
    }
    if ((waiting[1].revents & POLLIN) != 0) {
      std::array<char, 64> kicks;
      while (::read(watchdog_, kicks.data(), kicks.size()) > 0) {
      }
      if (limits.watchdog_ms != 0) kick_deadline = clock.monotonic_ms() + limits.watchdog_ms;
    } else if ((waiting[1].revents & POLLHUP) != 0) {
      // Nobody can kick any more; the image may have closed the descriptor on purpose, or is ending.
      ::close(watchdog_);
      watchdog_ = -1;
    }
    signalfd_siginfo signal{};
    while (::read(signals_, &signal, sizeof signal) == sizeof signal) {
      if (signal.ssi_signo != SIGCHLD) return reap(ImageEnd::Kind::kStopped);
    }
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_) {
      return reap(std::nullopt);
    }
  }
}

bool ImageProcess::pause(uint64_t milliseconds) {
  const PosixTime clock;
  const uint64_t until = clock.monotonic_ms() + milliseconds;
  for (uint64_t now = clock.monotonic_ms(); now < until; now = clock.monotonic_ms()) {
    pollfd waiting{signals_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(std::min<uint64_t>(until - now, 60'000))) <= 0) continue;
    signalfd_siginfo signal{};
    while (::read(signals_, &signal, sizeof signal) == sizeof signal) {
      if (signal.ssi_signo != SIGCHLD) return true;
    }
  }
  return false;
}

}  // namespace tailor::posix
