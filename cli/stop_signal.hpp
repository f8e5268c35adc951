// SPDX-License-Identifier: Apache-2.0
// Waits for the signal that ends a service. Made before any thread is started, so that all threads inherit the mask and
// only this one takes the signal.
#pragma once

#include <csignal>

namespace tailor::cli {

class StopSignal {
 public:
  /// Blocks SIGINT and SIGTERM; SIGPIPE is ignored, because a peer that leaves is an ordinary write error.
  StopSignal() noexcept;
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  void wait() const noexcept;

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace tailor::cli
