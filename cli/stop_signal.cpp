// SPDX-License-Identifier: Apache-2.0
#include "cli/stop_signal.hpp"

namespace tailor::cli {

StopSignal::StopSignal() noexcept {
  std::signal(SIGPIPE, SIG_IGN);
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

StopSignal::~StopSignal() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void StopSignal::wait() const noexcept {
  int signal = 0;
  while (sigwait(&signals_, &signal) != 0) {
  }
}

}  // namespace tailor::cli
