// SPDX-License-Identifier: Apache-2.0
#include "services/store/migrations.hpp"

#include <thread>

#include "services/store/testing/killing_database.hpp"
#include "services/store/testing/store_test.hpp"

namespace tailor::store {
namespace {

using testing::code_of;
using testing::need;
using testing::succeeded;

const Migration kFirst{1, "first", {"CREATE TABLE a (id BIGINT PRIMARY KEY)", "INSERT INTO a (id) VALUES (1)"}, {}};
const Migration kSecond{2,
                        "second",
                        {"ALTER TABLE a ADD COLUMN note TEXT NOT NULL DEFAULT 'old'"},
                        {"ALTER TABLE a ADD COLUMN note TEXT NOT NULL DEFAULT 'old on postgres'"}};
const Migration kThird{3, "third", {"CREATE TABLE b (id BIGINT PRIMARY KEY REFERENCES a(id))"}, {}};
const std::vector<Migration> kAll = {kFirst, kSecond, kThird};

class MigrationsTest : public testing::StoreTest {};
TAILOR_STORE_TEST(MigrationsTest);

TEST_P(MigrationsTest, GoesFromAnyVersionToThePresentAndKeepsData) {
  for (size_t from = 0; from <= kAll.size(); ++from) {
    const auto database = need(open_database(from == 0 ? config() : other_config()));
    need(write(*database, [](Session& s) -> Outcome<void> {
      TAILOR_TRY(s.execute("DROP TABLE IF EXISTS b"));
      TAILOR_TRY(s.execute("DROP TABLE IF EXISTS a"));
      TAILOR_TRY(s.execute("DROP TABLE IF EXISTS schema_version"));
      return kOk;
    }));
    ASSERT_TRUE(succeeded(migrate(*database, "test", std::span(kAll).first(from))));
    EXPECT_EQ(need(schema_version(*database, "test")), static_cast<int>(from));
    ASSERT_TRUE(succeeded(migrate(*database, "test", kAll)));
    EXPECT_EQ(need(schema_version(*database, "test")), 3);
    const auto row = need(read(*database, [](Session& s) { return s.find("SELECT note FROM a WHERE id = 1", {}); }));
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(row->at(0), Value(GetParam() == Dialect::kSqlite ? "old" : "old on postgres"));
    ASSERT_TRUE(succeeded(migrate(*database, "test", kAll))) << "again changes nothing";
  }
}

TEST_P(MigrationsTest, ServicesCountTheirOwnVersions) {
  const auto database = open();
  need(migrate(*database, "one", std::span(kAll).first(1)));
  EXPECT_EQ(need(schema_version(*database, "two")), 0);
}

TEST_P(MigrationsTest, RefusesADatabaseFromTheFutureAndAnEditedStep) {
  const auto database = open();
  need(migrate(*database, "test", kAll));
  EXPECT_EQ(code_of(migrate(*database, "test", std::span(kAll).first(2))), Error::kUnsupportedVersion);
  std::vector<Migration> edited = kAll;
  edited[1].sqlite = {"ALTER TABLE a ADD COLUMN other TEXT"};
  EXPECT_EQ(code_of(migrate(*database, "test", edited)), Error::kUnsupportedVersion);
}

TEST_P(MigrationsTest, AFailingStepLeavesTheVersionBefore) {
  const auto database = open();
  std::vector<Migration> broken = kAll;
  broken[2].sqlite = {"CREATE TABLE b (id BIGINT)", "CREATE TABLE b (id BIGINT)"};
  EXPECT_EQ(code_of(migrate(*database, "test", broken)), Error::kStoreFailed);
  EXPECT_EQ(need(schema_version(*database, "test")), 2);
  EXPECT_TRUE(succeeded(migrate(*database, "test", kAll)));
}

TEST_P(MigrationsTest, RefusesAGap) {
  const auto database = open();
  const std::vector<Migration> gap = {kFirst, kThird};
  EXPECT_EQ(code_of(migrate(*database, "test", gap)), Error::kInternal);
}

TEST_P(MigrationsTest, TwoProcessesMayStartAtOnce) {
  const auto database = open();
  const auto second = open();
  std::vector<Error> errors;
  Error failed = Error::kInternal;
  bool other_ok = false;
  std::thread other([&] {
    const auto done = migrate(*second, "test", kAll);
    other_ok = done.ok();
    if (!done.ok()) failed = done.error().code;
  });
  const auto done = migrate(*database, "test", kAll);
  other.join();
  EXPECT_TRUE(succeeded(done));
  EXPECT_TRUE(other_ok) << name_of(failed);
  EXPECT_EQ(need(schema_version(*database, "test")), 3);
}

TEST_P(MigrationsTest, KilledAtAnyPointTheNextStartGoesOn) {
  for (int point = 1;; ++point) {
    const StoreConfig fresh = other_config();
    if (GetParam() == Dialect::kSqlite) {
      for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file(std::string("other.db") + ending));
    }
    const testing::Story story = testing::run_in_child([&](const auto&) {
      const auto real = need(open_database(fresh));
      testing::KillingDatabase killing(*real, point);
      return migrate(killing, "test", kAll).ok();
    });
    const auto database = need(open_database(fresh));
    ASSERT_TRUE(succeeded(migrate(*database, "test", kAll))) << "point " << point;
    if (!story.killed) {
      EXPECT_EQ(story.exit_code, 0);
      EXPECT_GT(point, 10);
      break;
    }
  }
}

}  // namespace
}  // namespace tailor::store
