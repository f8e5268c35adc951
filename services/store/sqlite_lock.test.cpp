// SPDX-License-Identifier: Apache-2.0
// SQLite tells processes of one another by POSIX locks, and a process loses all its locks on a file when it closes any
// descriptor of that file. Nobody in a process that has the database open may open and close it besides SQLite.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "services/store/database.hpp"

namespace tailor::store {
namespace {

/// Whether another process than `this` one holds a lock on SQLite's shared range (its os_unix.c: from 0x40000002 on).
bool is_locked_for_others(const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int file = ::open(path.c_str(), O_RDWR);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = 0x40000000;
    lock.l_len = 1024;
    const bool asked = file >= 0 && ::fcntl(file, F_GETLK, &lock) == 0;
    ::_exit(asked && lock.l_type != F_UNLCK ? 1 : 0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

TEST(SqliteLock, AnOpenDatabaseStaysLockedAgainstOtherProcesses) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("tailor-lock-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const std::string path = (folder / "store.db").string();
  {
    StoreConfig config;
    config.url = "sqlite:" + path;
    config.sessions = 4;
    const auto database = open_database(config);
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE(write(**database, [](Session& session) {
                  return session.execute("CREATE TABLE a (id BIGINT PRIMARY KEY)", {});
                }).ok());
    EXPECT_TRUE(is_locked_for_others(path));
    const auto second = open_database(config);  // a second pool in the same process
    ASSERT_TRUE(second.ok());
    EXPECT_TRUE(is_locked_for_others(path));
  }
  EXPECT_FALSE(is_locked_for_others(path));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tailor::store
