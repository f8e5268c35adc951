// SPDX-License-Identifier: Apache-2.0
// A database that ends its process with SIGKILL at the n-th point where a store write happens: before a statement that
// writes, after it, before the commit and after the commit. Tests wrap the real database with it in a child process.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "services/store/database.hpp"

namespace tailor::store::testing {

class KillingDatabase final : public Database {
 public:
  /// @param point  1 is the first point; 0 never kills
  KillingDatabase(Database& real, int point) : real_(real), left_(point) {}

  Dialect dialect() const noexcept override { return real_.dialect(); }
  Outcome<void> run(Access access, const std::function<Outcome<void>(Session&)>& work) override;

 private:
  class KillingSession;
  void pass_point();

  Database& real_;
  int left_;
};

/// What a child process told before it ended.
struct Story {
  bool killed = false;                    ///< by SIGKILL, at its point
  int exit_code = -1;                     ///< 0 when `work` ran to its end
  std::vector<std::string> acknowledged;  ///< what it told, in order
};

/// Runs `work` in a child process; what it passes to its argument counts as acknowledged to the outside.
/// @param work  returns false to end with exit code 1
[[nodiscard]] Story run_in_child(const std::function<bool(const std::function<void(std::string)>&)>& work);

}  // namespace tailor::store::testing
