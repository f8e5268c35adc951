// SPDX-License-Identifier: Apache-2.0
#include "ports/posix/system_ports.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <string>

#include "hosted/temporary_folder.hpp"

namespace tailor::posix {
namespace {

TEST(PosixTime, GoesOnlyForward) {
  const PosixTime time;
  uint64_t last = time.port().monotonic_ms(time.port().context);
  for (int i = 0; i < 1000; ++i) {
    const uint64_t now = time.port().monotonic_ms(time.port().context);
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(PosixTime, HasACalendarThatATestMaySetBack) {
  uint64_t now = 0, earlier = 0;
  const PosixTime time, set_back(-86'400), before_time(-5'000'000'000'000);
  ASSERT_EQ(time.port().wall_seconds(time.port().context, &now), TAILOR_PORT_OK);
  ASSERT_EQ(set_back.port().wall_seconds(set_back.port().context, &earlier), TAILOR_PORT_OK);
  EXPECT_NEAR(static_cast<double>(now - earlier), 86'400, 2);
  EXPECT_GT(now, 1'700'000'000U);
  EXPECT_EQ(before_time.port().wall_seconds(before_time.port().context, &earlier), TAILOR_PORT_WAIT);
}

TEST(PosixEntropy, FillsAllBytes) {
  std::array<uint8_t, 1000> bytes{};
  ASSERT_EQ(posix_entropy().fill(posix_entropy().context, bytes.data(), bytes.size()), TAILOR_PORT_OK);
  // 1000 random bytes hold some 4 zeros; 40 or more is beyond all chance, and what an unfilled tail would give.
  EXPECT_LT(std::count(bytes.begin(), bytes.end(), 0), 40);
  EXPECT_LT(std::count(bytes.end() - 100, bytes.end(), 0), 20);
}

/// What `act` writes to standard error.
template <typename Act>
std::string captured(Act act) {
  const TemporaryFolder folder;
  const std::string path = folder / "stderr";
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open(path.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    act();
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(PosixLog, WritesOneLineWhateverTheTextHolds) {
  const std::string out = captured([] {
    const PosixLog log;
    const std::string text = "key=value\nforged line\r\x1b[31m";
    log.port().write(log.port().context, TAILOR_LOG_WARNING, "boot.trial", text.data(), text.size());
    log.port().write(log.port().context, TAILOR_LOG_DEBUG, "left.out", "", 0);
    log.port().write(log.port().context, TAILOR_LOG_ERROR, "no.text", nullptr, 0);
  });
  EXPECT_TRUE(std::regex_match(out, std::regex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z warning boot.trial "
                                               "key=value forged line  \\[31m\n"
                                               "\\S+Z error no.text\n")))
      << out;
}

TEST(PosixReboot, EndsTheProcessWithTheCodeForItsKind) {
  const struct {
    tailor_reboot_kind_t kind;
    int code;
  } rows[] = {{TAILOR_REBOOT_INSTALL, kExitInstall},
              {TAILOR_REBOOT_RESTART, kExitRestart},
              {TAILOR_REBOOT_REVERT, kExitRevert}};
  for (const auto& row : rows) {
    const pid_t child = ::fork();
    if (child == 0) {
      const PosixReboot reboot;
      static_cast<void>(reboot.port().reboot(reboot.port().context, row.kind));
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), row.code);
  }
  const PosixReboot reboot;
  EXPECT_EQ(reboot.port().reboot(reboot.port().context, static_cast<tailor_reboot_kind_t>(0)), TAILOR_PORT_FAILED);
}

TEST(PosixReboot, KicksTheWatchdogThatTheEnvironmentNames) {
  int pipe[2];
  ASSERT_EQ(::pipe2(pipe, O_NONBLOCK), 0);
  ::setenv(kWatchdogVariable, std::to_string(pipe[1]).c_str(), 1);
  const PosixReboot reboot;
  ::unsetenv(kWatchdogVariable);
  std::array<char, 4> kicks{};
  EXPECT_LT(::read(pipe[0], kicks.data(), kicks.size()), 0);
  EXPECT_EQ(reboot.port().kick(reboot.port().context), TAILOR_PORT_OK);
  EXPECT_EQ(::read(pipe[0], kicks.data(), kicks.size()), 1);
  for (int i = 0; i < 100'000; ++i) ASSERT_EQ(reboot.port().kick(reboot.port().context), TAILOR_PORT_OK);
  ::close(pipe[0]);
  ::close(pipe[1]);
  const PosixReboot without;
  EXPECT_EQ(without.port().kick(without.port().context), TAILOR_PORT_OK) << "no watchdog, nothing to do";
}

}  // namespace
}  // namespace tailor::posix
