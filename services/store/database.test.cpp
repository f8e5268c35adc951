// SPDX-License-Identifier: Apache-2.0
#include "services/store/database.hpp"

#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "services/store/testing/killing_database.hpp"
#include "services/store/testing/store_test.hpp"

namespace tailor::store {
namespace {

using testing::code_of;
using testing::need;
using testing::succeeded;

class DatabaseTest : public testing::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    database_ = open();
    need(write(*database_, [](Session& s) {
      return s.execute("CREATE TABLE item (id BIGINT PRIMARY KEY, name TEXT, parent BIGINT REFERENCES item(id))");
    }));
  }
  Outcome<int64_t> add(Database& database, int64_t id, const Value& name = "x", const Value& parent = {}) {
    return write(database, [&](Session& s) {
      return s.execute("INSERT INTO item (id, name, parent) VALUES (?, ?, ?)", {id, name, parent});
    });
  }
  int64_t count(Database& database) {
    const Rows rows = need(read(database, [](Session& s) { return s.query("SELECT count(*) FROM item"); }));
    return *rows.at(0).at(0).integer();
  }
  std::unique_ptr<Database> database_;
};
TAILOR_STORE_TEST(DatabaseTest);

TEST_P(DatabaseTest, BringsBackWhatWentIn) {
  const Value texts[] = {Value(""), Value("it's \"quoted\" ; -- ? :p1 \\ %"), Value("Größe \xF0\x9F\x91\x8D"), Value()};
  int64_t id = 0;
  for (const Value& text : texts) {
    ASSERT_TRUE(succeeded(add(*database_, ++id, text)));
    const auto row =
        need(read(*database_, [&](Session& s) { return s.find("SELECT id, name FROM item WHERE id = ?", {id}); }));
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(row->at(0), Value(id));
    EXPECT_EQ(row->at(1), text);
  }
}

TEST_P(DatabaseTest, KeepsLargeNumbersWhole) {
  for (const int64_t id : {int64_t{5'000'000'000}, INT64_MAX, INT64_MIN, int64_t{-1}}) {
    ASSERT_TRUE(succeeded(add(*database_, id)));
    const auto row =
        need(read(*database_, [&](Session& s) { return s.find("SELECT id FROM item WHERE id = ?", {id}); }));
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(row->at(0), Value(id));
  }
}

TEST_P(DatabaseTest, TellsHowManyRowsChanged) {
  for (int64_t id = 0; id < 5; ++id) need(add(*database_, id));
  const auto changed = write(*database_, [](Session& s) {
    return s.execute("UPDATE item SET name = ? WHERE id >= ?", {"new", 2});
  });
  EXPECT_EQ(need(changed), 3);
  const auto none = write(*database_, [](Session& s) { return s.execute("DELETE FROM item WHERE id = ?", {99}); });
  EXPECT_EQ(need(none), 0);
}

TEST_P(DatabaseTest, NamesTheErrorsThatCallersActUpon) {
  need(add(*database_, 1));
  EXPECT_EQ(code_of(add(*database_, 1)), Error::kAlreadyExists);
  EXPECT_EQ(code_of(add(*database_, 2, "x", 77)), Error::kStoreFailed) << "foreign keys are enforced";
  const auto wrong = read(*database_, [](Session& s) { return s.query("SELECT nothing FROM nowhere"); });
  EXPECT_EQ(code_of(wrong), Error::kStoreFailed);
  const auto parameters = read(*database_, [](Session& s) { return s.query("SELECT id FROM item WHERE id = ?"); });
  EXPECT_EQ(code_of(parameters), Error::kInternal);
  EXPECT_EQ(count(*database_), 1) << "a session that failed is usable again";
}

TEST_P(DatabaseTest, RollsBackWhatFails) {
  const auto failed = write(*database_, [&](Session& s) -> Outcome<void> {
    TAILOR_TRY(s.execute("INSERT INTO item (id) VALUES (?)", {1}));
    return fail(Error::kStateConflict, "on purpose");
  });
  EXPECT_EQ(code_of(failed), Error::kStateConflict);
  EXPECT_EQ(count(*database_), 0);
}

TEST_P(DatabaseTest, ReportsAFullDisk) {
  StoreConfig one = config();
  one.sessions = 1;
  const auto database = need(open_database(one));
  if (GetParam() == Dialect::kSqlite) {
    need(read(*database, [](Session& s) { return s.query("PRAGMA max_page_count = 12"); }));
    const std::string big(200'000, 'x');
    EXPECT_EQ(code_of(add(*database, 1, Value(big))), Error::kDiskFull);
  } else {
    const auto full = write(*database, [](Session& s) {
      return s.execute("DO $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$");
    });
    EXPECT_EQ(code_of(full), Error::kDiskFull);
  }
  EXPECT_EQ(count(*database), 0);
  EXPECT_TRUE(succeeded(add(*database, 2)));
}

TEST_P(DatabaseTest, LosesNoUpdateWhenManyWriteAtOnce) {
  need(add(*database_, 0, "0"));
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        const auto done = write(*database_, [](Session& s) -> Outcome<void> {
          TAILOR_TRY_ASSIGN(const auto row, s.find("SELECT name FROM item WHERE id = 0", {}));
          const int next = std::stoi(*row->at(0).text()) + 1;
          TAILOR_TRY(s.execute("UPDATE item SET name = ? WHERE id = 0", {std::to_string(next)}));
          return kOk;
        });
        if (!done.ok()) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto row = need(read(*database_, [](Session& s) { return s.find("SELECT name FROM item WHERE id = 0", {}); }));
  EXPECT_EQ(*row->at(0).text(), std::to_string(40 - failures.load()));
  EXPECT_EQ(failures.load(), 0);
}

TEST_P(DatabaseTest, AReaderSeesOneState) {
  need(add(*database_, 1));
  const auto done = read(*database_, [&](Session& s) -> Outcome<void> {
    TAILOR_TRY(s.query("SELECT id FROM item"));
    need(add(*database_, 2));
    TAILOR_TRY_ASSIGN(const Rows rows, s.query("SELECT id FROM item"));
    if (rows.size() != 1) return fail(Error::kInternal, "saw another state");
    return kOk;
  });
  EXPECT_TRUE(succeeded(done));
  EXPECT_EQ(count(*database_), 2);
}

TEST_P(DatabaseTest, FindRefusesTwoRows) {
  need(add(*database_, 1));
  need(add(*database_, 2));
  const auto two = read(*database_, [](Session& s) { return s.find("SELECT id FROM item", {}); });
  EXPECT_EQ(code_of(two), Error::kStoreFailed);
}

TEST_P(DatabaseTest, OpenRefusesWhatItCannotReach) {
  EXPECT_EQ(code_of(open_database({.url = "oracle:x"})), Error::kConfigMalformed);
  EXPECT_EQ(code_of(open_database({.url = "sqlite:/nowhere/at/all/x.db"})), Error::kStoreFailed);
  EXPECT_EQ(code_of(open_database({.url = "postgresql://postgres@%2Fnowhere/x"})), Error::kStoreFailed);
}

TEST_P(DatabaseTest, AnSqliteFileIsPrivate) {
  if (GetParam() != Dialect::kSqlite) return;
  struct stat status {};
  ASSERT_EQ(::stat(file("store.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

/// Each write adds the pair (2k, 2k+1) in one transaction and then tells k; the process is killed at every point.
TEST_P(DatabaseTest, KilledAtAnyWriteItKeepsWhatWasAcknowledgedAndNothingHalf) {
  const int rounds = 3;
  int point = 1;
  for (;; ++point) {
    const StoreConfig fresh = config();
    need(write(*database_, [](Session& s) { return s.execute("DELETE FROM item"); }));
    const testing::Story story = testing::run_in_child([&](const auto& tell) {
      const auto real = need(open_database(fresh));
      testing::KillingDatabase killing(*real, point);
      for (int k = 0; k < rounds; ++k) {
        const auto done = write(killing, [&](Session& s) -> Outcome<void> {
          TAILOR_TRY(s.execute("INSERT INTO item (id) VALUES (?)", {2 * k}));
          TAILOR_TRY(s.execute("INSERT INTO item (id) VALUES (?)", {2 * k + 1}));
          return kOk;
        });
        if (!done.ok()) return false;
        tell(std::to_string(k));
      }
      return true;
    });
    const auto told = static_cast<int64_t>(story.acknowledged.size());
    const int64_t kept = count(*database_);
    EXPECT_EQ(kept % 2, 0) << "half a transaction at point " << point;
    EXPECT_GE(kept, 2 * told) << "an acknowledged write is lost at point " << point;
    EXPECT_LE(kept, 2 * told + 2) << "point " << point;
    if (!story.killed) {
      EXPECT_EQ(story.exit_code, 0);
      EXPECT_EQ(told, rounds);
      break;
    }
  }
  EXPECT_EQ(point, rounds * 5 + 1) << "five points a write: two statements, before and after, and the commit";
}

}  // namespace
}  // namespace tailor::store
