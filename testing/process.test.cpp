// SPDX-License-Identifier: Apache-2.0
#include "testing/process.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

namespace tailor::testing {
namespace {

std::filesystem::path output_file() {
  return std::filesystem::temp_directory_path() / ("tailor-process-" + std::to_string(::getpid()));
}

TEST(Process, TellsItsEndAndKeepsItsOutput) {
  Process process({"sh", "-c", "echo out; echo err >&2; exit 7"}, output_file());
  EXPECT_EQ(process.wait(10'000), 7);
  EXPECT_EQ(process.output(), "out\nerr\n");
  EXPECT_THROW(Process({"no-such-program-of-anyone"}, output_file()), std::system_error);
  std::filesystem::remove(output_file());
}

TEST(Process, NeverOutlivesItsObject) {
  pid_t pid = 0;
  {
    Process process({"sleep", "100"}, output_file());
    pid = process.pid();
    EXPECT_FALSE(process.wait(20).has_value());
  }
  EXPECT_NE(::kill(pid, 0), 0);
  Process stubborn({"sh", "-c", "exec sleep 100"}, output_file());
  stubborn.stop();
  EXPECT_EQ(stubborn.wait(0), 128 + SIGTERM);
  std::filesystem::remove(output_file());
}

}  // namespace
}  // namespace tailor::testing
