// SPDX-License-Identifier: Apache-2.0
// Runs a program beside a test: its output goes to a file, its end is awaited for a bounded time, and it never outlives
// the object. Only the process that was started here is ever signalled.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tailor::testing {

class Process {
 public:
  /// Starts `arguments[0]`, found on the PATH; standard output and error go to `output`. Throws std::system_error.
  Process(const std::vector<std::string>& arguments, std::filesystem::path output);
  ~Process();  ///< kills it if it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Waits for its end. @returns the exit code, 128 + signal, or nothing when it still runs after `limit_ms`
  std::optional<int> wait(uint64_t limit_ms);
  /// Asks it to end (SIGTERM), and kills it if it does not.
  void stop();
  [[nodiscard]] std::string output() const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Processor time used so far, user and system, in milliseconds; of a process that runs.
  [[nodiscard]] uint64_t cpu_ms() const;

 private:
  pid_t pid_ = -1;
  std::optional<int> code_;
  std::filesystem::path output_;
};

}  // namespace tailor::testing
