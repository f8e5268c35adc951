// SPDX-License-Identifier: Apache-2.0
#include "services/store/sql_text.hpp"

#include <gtest/gtest.h>

namespace tailor::store {
namespace {

TEST(NameParameters, NumbersMarksOutsideOfQuotes) {
  struct Case {
    const char* in;
    const char* out;
    size_t parameters;
  };
  const Case cases[] = {
      {"SELECT 1", "SELECT 1", 0},
      {"a = ? AND b = ?", "a = :p1 AND b = :p2", 2},
      {"a = '?' AND b = ?", "a = '?' AND b = :p1", 1},
      {"a = 'it''s ?' AND \"c?\" = ?", "a = 'it''s ?' AND \"c?\" = :p1", 1},
      {"(?,?)", "(:p1,:p2)", 2},
  };
  for (const Case& c : cases) {
    const NamedSql named = name_parameters(c.in);
    EXPECT_EQ(named.text, c.out);
    EXPECT_EQ(named.parameters, c.parameters);
  }
}

TEST(DialectOf, KnowsTwoSchemes) {
  EXPECT_EQ(dialect_of("sqlite:/var/lib/x.db"), Dialect::kSqlite);
  EXPECT_EQ(dialect_of("postgresql://h/d"), Dialect::kPostgres);
  for (const char* url : {"", "sqlite:", "mysql://h/d", "/var/lib/x.db"}) EXPECT_FALSE(dialect_of(url)) << url;
}

TEST(Describe, LeavesOutThePassword) {
  EXPECT_EQ(describe({.url = "postgresql://u:secret@host/db?sslkey=k"}), "postgresql://host/db");
  EXPECT_EQ(describe({.url = "postgresql://host/db?password=secret"}), "postgresql://host/db");
  EXPECT_EQ(describe({.url = "sqlite:/a/b.db"}), "sqlite:/a/b.db");
}

}  // namespace
}  // namespace tailor::store
