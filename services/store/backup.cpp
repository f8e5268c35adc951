// SPDX-License-Identifier: Apache-2.0
// See backup.hpp. Files are made under another name, synchronised and then renamed, so that a name means a whole file.
#include "services/store/backup.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "services/store/sql_text.hpp"
#include "services/store/sqlite_file.hpp"

extern char** environ;

namespace tailor::store {
namespace {

namespace fs = std::filesystem;

Failure file_failure(const std::string& what, const std::string& path, int number) {
  const Error code = number == ENOSPC || number == EDQUOT ? Error::kDiskFull : Error::kFileFailed;
  return fail(code, what + " " + path + ": " + std::strerror(number));
}

Outcome<void> synchronise(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return file_failure("open", path, errno);
  const int synced = ::fsync(file);
  const int number = errno;
  ::close(file);
  if (synced != 0) return file_failure("synchronise", path, number);
  return kOk;
}

Outcome<void> move_into_place(const std::string& from, const std::string& to) {
  TAILOR_TRY(synchronise(from));
  if (::rename(from.c_str(), to.c_str()) != 0) return file_failure("rename to", to, errno);
  const std::string folder = fs::path(to).parent_path().string();
  return synchronise(folder.empty() ? "." : folder);
}

void remove_quietly(const std::string& path) {
  std::error_code ignored;  // it is a leftover of our own; a failure to remove it must not hide the first failure
  fs::remove(path, ignored);
}

/// Makes `file` by way of `part`, which `make` writes; after a failure neither is there.
template <typename Make>
Outcome<void> make_whole(const std::string& file, const std::string& part, Make&& make) {
  remove_quietly(part);
  const Outcome<void> done = [&]() -> Outcome<void> {
    TAILOR_TRY(make());
    return move_into_place(part, file);
  }();
  if (!done.ok()) remove_quietly(part);
  return done;
}

/// Runs a program to its end; its messages go to our standard error.
Outcome<void> run_program(std::vector<std::string> arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  const int started = ::posix_spawnp(&child, pointers[0], nullptr, nullptr, pointers.data(), environ);
  if (started != 0) return fail(Error::kStoreFailed, arguments[0] + ": " + std::strerror(started));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return fail(Error::kStoreFailed, arguments[0] + " failed");
  return kOk;
}

Outcome<void> refuse_existing(const std::string& file) {
  std::error_code error;
  if (fs::exists(file, error)) return fail(Error::kAlreadyExists, file);
  if (error) return fail(Error::kFileFailed, file + ": " + error.message());
  return kOk;
}

Outcome<void> copy_file(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) return file_failure("copy to", to, error.value());
  return kOk;
}

Outcome<void> restore_sqlite(const StoreConfig& config, const std::string& file) {
  const std::string path = sqlite_path(config.url);
  const std::string part = path + ".restore";
  return make_whole(path, part, [&]() -> Outcome<void> {
    TAILOR_TRY(copy_file(file, part));
    TAILOR_TRY(check_sqlite_file(part));
    // A log of the old database must not be applied to the new one.
    remove_quietly(path + "-wal");
    remove_quietly(path + "-shm");
    return kOk;
  });
}

}  // namespace

Outcome<void> backup(const StoreConfig& config, const std::string& file) {
  TAILOR_TRY(refuse_existing(file));
  const std::optional<Dialect> dialect = dialect_of(config.url);
  if (!dialect) return fail(Error::kConfigMalformed, "store URL");
  const std::string part = file + ".part";
  return make_whole(file, part, [&] {
    if (*dialect == Dialect::kSqlite) return vacuum_into(sqlite_path(config.url), part);
    return run_program({"pg_dump", "--format=custom", "--no-owner", "--file=" + part, "--dbname=" + config.url});
  });
}

Outcome<void> restore(const StoreConfig& config, const std::string& file) {
  if (::access(file.c_str(), R_OK) != 0) return file_failure("read", file, errno);
  const std::optional<Dialect> dialect = dialect_of(config.url);
  if (!dialect) return fail(Error::kConfigMalformed, "store URL");
  if (*dialect == Dialect::kSqlite) return restore_sqlite(config, file);
  const Outcome<void> listed = run_program({"pg_restore", "--list", "--file=/dev/null", file});
  if (!listed.ok()) return fail(Error::kRecordMalformed, file + " is no archive of pg_dump");
  return run_program({"pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error",
                      "--dbname=" + config.url, file});
}

}  // namespace tailor::store
