// SPDX-License-Identifier: Apache-2.0
// See killing_database.hpp.
#include "services/store/testing/killing_database.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace tailor::store::testing {

void KillingDatabase::pass_point() {
  if (left_ > 0 && --left_ == 0) ::kill(::getpid(), SIGKILL);
}

class KillingDatabase::KillingSession final : public Session {
 public:
  KillingSession(KillingDatabase& owner, Session& real, bool writes) : owner_(owner), real_(real), writes_(writes) {}
  Dialect dialect() const noexcept override { return real_.dialect(); }
  Outcome<Rows> query(std::string_view sql, const Params& params) override {
    if (!writes_ || sql.starts_with("SELECT")) return real_.query(sql, params);
    owner_.pass_point();  // INSERT ... RETURNING
    Outcome<Rows> rows = real_.query(sql, params);
    owner_.pass_point();
    return rows;
  }
  Outcome<int64_t> execute(std::string_view sql, const Params& params) override {
    if (writes_) owner_.pass_point();
    Outcome<int64_t> changed = real_.execute(sql, params);
    if (writes_) owner_.pass_point();
    return changed;
  }

 private:
  KillingDatabase& owner_;
  Session& real_;
  bool writes_;
};

Outcome<void> KillingDatabase::run(Access access, const std::function<Outcome<void>(Session&)>& work) {
  const bool writes = access == Access::kWrite;
  const Outcome<void> done = real_.run(access, [&](Session& session) {
    KillingSession killing(*this, session, writes);
    return work(killing);
  });
  if (writes) pass_point();  // committed, and nobody has been told
  return done;
}

Story run_in_child(const std::function<bool(const std::function<void(std::string)>&)>& work) {
  int pipe_ends[2];
  if (::pipe(pipe_ends) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    ::close(pipe_ends[0]);
    const auto tell = [&](std::string line) {
      line.push_back('\n');
      if (::write(pipe_ends[1], line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(3);
    };
    bool done = false;
    try {
      done = work(tell);
    } catch (const std::exception&) {
      ::_exit(2);
    }
    ::_exit(done ? 0 : 1);
  }
  ::close(pipe_ends[1]);
  std::string told;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(pipe_ends[0], buffer, sizeof(buffer))) > 0;) {
    told.append(buffer, static_cast<size_t>(got));
  }
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  Story story;
  story.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  if (WIFEXITED(status)) story.exit_code = WEXITSTATUS(status);
  for (size_t start = 0, end = 0; (end = told.find('\n', start)) != std::string::npos; start = end + 1) {
    story.acknowledged.push_back(told.substr(start, end - start));
  }
  return story;
}

}  // namespace tailor::store::testing
