// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL cluster for the life of a test program: made by initdb in a temporary folder, run as an unprivileged
// user, reached through a Unix socket only, and removed at the end. It ends with the test program, however that ends.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

namespace tailor::store::testing {

class TemporaryPostgres {
 public:
  /// The cluster of this program, made at the first call; nullptr when PostgreSQL's programs are not installed.
  static TemporaryPostgres* instance();
  ~TemporaryPostgres();
  TemporaryPostgres(const TemporaryPostgres&) = delete;
  TemporaryPostgres& operator=(const TemporaryPostgres&) = delete;

  /// Makes an empty database and returns its URL. A name may be used once.
  std::string new_database();

 private:
  explicit TemporaryPostgres(std::string programs);
  void start();

  std::string programs_;
  std::string folder_;
  pid_t server_ = -1;
  int databases_ = 0;
};

}  // namespace tailor::store::testing
