// SPDX-License-Identifier: Apache-2.0
// See store_test.hpp.
#include "services/store/testing/store_test.hpp"

#include "services/store/testing/temporary_postgres.hpp"

namespace tailor::store::testing {

void StoreTest::SetUp() {
  if (GetParam() == Dialect::kSqlite) {
    config_.url = "sqlite:" + file("store.db").string();
    return;
  }
  TemporaryPostgres* cluster = TemporaryPostgres::instance();
  if (cluster == nullptr) GTEST_SKIP() << "PostgreSQL is not installed";
  config_.url = cluster->new_database();
}

StoreConfig StoreTest::other_config() {
  StoreConfig other = config_;
  other.url = GetParam() == Dialect::kSqlite ? "sqlite:" + file("other.db").string()
                                             : TemporaryPostgres::instance()->new_database();
  return other;
}

std::string dialect_name(const ::testing::TestParamInfo<Dialect>& info) {
  return info.param == Dialect::kSqlite ? "Sqlite" : "Postgres";
}

}  // namespace tailor::store::testing
