// SPDX-License-Identifier: Apache-2.0
// An image from a slot as a running process: copied into sealed memory, digested there, executed from there, watched
// until it ends. Knows no journal; the supervisor decides what an end means.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "device/boot/verifier.hpp"

namespace tailor::posix {

/// An executable image in memory that nobody can change any more.
class SealedImage {
 public:
  SealedImage() = default;
  ~SealedImage();
  SealedImage(const SealedImage&) = delete;
  SealedImage& operator=(const SealedImage&) = delete;

  /// Copies the image out of flash and compares the copy's SHA-256 with the verified one: what runs is what was
  /// verified.
  /// @returns kImageDigestMismatch; kFlashReadFailed; kInvokeFailed when there is no memory for it
  [[nodiscard]] Status load(const FlashRegion& slot, const boot::VerifiedImage& image);
  [[nodiscard]] int descriptor() const noexcept { return memory_; }

 private:
  int memory_ = -1;
};

/// How a process ended.
struct ImageEnd {
  enum class Kind : uint8_t {
    kExit,      ///< by itself; `code` is its exit code
    kSignal,    ///< by a signal that it got; `code` is its number
    kHang,      ///< killed: it stopped kicking the watchdog
    kDeadline,  ///< killed: the trial was not confirmed in time
    kStopped,   ///< killed: the boot program itself was asked to stop
  };
  Kind kind = Kind::kExit;
  int code = 0;
};

/// What the process must keep to; 0: no such limit.
struct ImageLimits {
  uint64_t watchdog_ms = 0;  ///< between two kicks, once the first came
  uint64_t trial_ms = 0;     ///< after that, is_confirmed is asked
};

class ImageProcess {
 public:
  /// Blocks SIGCHLD, SIGTERM, SIGINT and SIGHUP in this process, to take them while it watches.
  ImageProcess();
  ~ImageProcess();
  ImageProcess(const ImageProcess&) = delete;
  ImageProcess& operator=(const ImageProcess&) = delete;

  /// Starts the image. It dies with this process.
  /// @param arguments    the first one is the program's name
  /// @param environment  "NAME=value", besides this process's own
  /// @returns kInvokeFailed when it cannot be executed
  [[nodiscard]] Status start(const SealedImage& image, const std::vector<std::string>& arguments,
                             std::vector<std::string> environment);

  /// Waits until the process has ended, or ends it when it breaks a limit.
  /// @param is_confirmed  asked once, when trial_ms is over
  [[nodiscard]] ImageEnd watch(const ImageLimits& limits, bool (*is_confirmed)(void*), void* context);

  /// Sleeps; ends early, with true, when this process was asked to stop.
  [[nodiscard]] bool pause(uint64_t milliseconds);

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

 private:
  [[nodiscard]] ImageEnd reap(std::optional<ImageEnd::Kind> because);

  int signals_ = -1;
  int watchdog_ = -1;
  pid_t pid_ = -1;
};

}  // namespace tailor::posix
