// SPDX-License-Identifier: Apache-2.0
// See temporary_postgres.hpp. PostgreSQL refuses to run as root, so that its processes take the user "postgres" then.
#include "services/store/testing/temporary_postgres.hpp"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <vector>

namespace tailor::store::testing {
namespace {

namespace fs = std::filesystem;

std::string find_programs() {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const std::string folder = (version.path() / "bin").string();
    if (::access((folder + "/initdb").c_str(), X_OK) == 0 && ::access((folder + "/postgres").c_str(), X_OK) == 0) {
      found.push_back(folder);
    }
  }
  return found.empty() ? std::string() : *std::max_element(found.begin(), found.end());
}

const passwd* server_user() {
  return ::geteuid() == 0 ? ::getpwnam("postgres") : ::getpwuid(::geteuid());
}

pid_t spawn(const std::string& folder, std::vector<std::string> arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const passwd* user = server_user();
  const std::string log = folder + "/log";
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // an immediate shutdown when the test program ends
  if (::geteuid() == 0) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0) ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // a change of user clears it
  }
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  if (::chdir("/") != 0) ::_exit(126);
  ::execv(pointers[0], pointers.data());
  ::_exit(127);
}

void run(const std::string& folder, std::vector<std::string> arguments) {
  const std::string name = arguments[0];
  const pid_t child = spawn(folder, std::move(arguments));
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error(name + " failed; see " + folder + "/log");
}

bool execute(const std::string& url, const std::string& sql) {
  PGconn* connection = PQconnectdb(url.c_str());
  bool done = PQstatus(connection) == CONNECTION_OK;
  if (done) {
    PGresult* result = PQexec(connection, sql.c_str());
    done = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
  }
  PQfinish(connection);
  return done;
}

std::string url_of(const std::string& folder, const std::string& database) {
  std::string host;
  for (const char c : folder) host += c == '/' ? std::string("%2F") : std::string(1, c);
  return "postgresql://postgres@" + host + "/" + database + "?application_name=it%27s%5Ca%3Dtest";
}

}  // namespace

TemporaryPostgres* TemporaryPostgres::instance() {
  static const std::unique_ptr<TemporaryPostgres> cluster = []() -> std::unique_ptr<TemporaryPostgres> {
    const std::string programs = find_programs();
    if (programs.empty() || server_user() == nullptr) return nullptr;
    return std::unique_ptr<TemporaryPostgres>(new TemporaryPostgres(programs));
  }();
  return cluster.get();
}

TemporaryPostgres::TemporaryPostgres(std::string programs) : programs_(std::move(programs)) {
  char name[] = "/tmp/tailor-pg-XXXXXX";
  if (::mkdtemp(name) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
  const passwd* user = server_user();
  if (::chown(name, user->pw_uid, user->pw_gid) != 0) throw std::runtime_error("chown failed");
  run(folder_, {programs_ + "/initdb", "-D", folder_ + "/data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                "--locale=C.UTF-8", "--no-sync", "--no-instructions"});
  start();
}

void TemporaryPostgres::start() {
  // Nothing here survives the machine, so that waiting for the disk would test nothing; a killed client loses no
  // commit.
  server_ =
      spawn(folder_, {programs_ + "/postgres", "-D", folder_ + "/data", "-k", folder_, "-c", "listen_addresses=", "-c",
                      "fsync=off", "-c", "max_connections=40", "-c", "shared_buffers=16MB"});
  for (int tries = 0; tries < 300; ++tries) {
    if (execute(url_of(folder_, "postgres"), "SELECT 1")) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("PostgreSQL did not start; see " + folder_ + "/log");
}

TemporaryPostgres::~TemporaryPostgres() {
  if (server_ > 0) {
    ::kill(server_, SIGQUIT);
    ::waitpid(server_, nullptr, 0);
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string TemporaryPostgres::new_database() {
  const std::string name = "test" + std::to_string(++databases_) + "_" + std::to_string(::getpid());
  if (!execute(url_of(folder_, "postgres"), "CREATE DATABASE " + name)) throw std::runtime_error("CREATE DATABASE");
  return url_of(folder_, name);
}

}  // namespace tailor::store::testing
