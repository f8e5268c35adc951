// SPDX-License-Identifier: Apache-2.0
#include "services/store/backup.hpp"

#include <fstream>

#include "services/store/migrations.hpp"
#include "services/store/testing/store_test.hpp"

namespace tailor::store {
namespace {

using testing::code_of;
using testing::need;
using testing::succeeded;

const std::vector<Migration> kSchema = {{1, "first", {"CREATE TABLE a (id BIGINT PRIMARY KEY, note TEXT)"}, {}}};

class BackupTest : public testing::StoreTest {
 protected:
  static void add(Database& database, int id) {
    need(write(database, [&](Session& s) { return s.execute("INSERT INTO a (id, note) VALUES (?, 'x')", {id}); }));
  }
  static size_t rows(Database& database) {
    return need(read(database, [](Session& s) { return s.query("SELECT id FROM a"); })).size();
  }
};
TAILOR_STORE_TEST(BackupTest);

TEST_P(BackupTest, BringsBackTheStateOfTheMoment) {
  auto database = open();
  need(migrate(*database, "test", kSchema));
  add(*database, 1);
  ASSERT_TRUE(succeeded(backup(config(), file("copy").string())));
  add(*database, 2);
  EXPECT_EQ(rows(*database), 2U);
  database.reset();
  ASSERT_TRUE(succeeded(restore(config(), file("copy").string())));
  database = open();
  EXPECT_EQ(rows(*database), 1U);
  EXPECT_TRUE(succeeded(migrate(*database, "test", kSchema)));

  const StoreConfig elsewhere = other_config();
  ASSERT_TRUE(succeeded(restore(elsewhere, file("copy").string()))) << "also into a new place";
  EXPECT_EQ(rows(*need(open_database(elsewhere))), 1U);
}

TEST_P(BackupTest, NeverOverwritesAFile) {
  const auto database = open();
  need(migrate(*database, "test", kSchema));
  std::ofstream(file("copy")) << "precious";
  EXPECT_EQ(code_of(backup(config(), file("copy").string())), Error::kAlreadyExists);
  std::ifstream in(file("copy"));
  std::string content;
  in >> content;
  EXPECT_EQ(content, "precious");
}

TEST_P(BackupTest, LeavesNothingHalfMade) {
  const auto database = open();
  EXPECT_FALSE(backup(config(), file("no/such/folder/copy").string()).ok());
  EXPECT_FALSE(std::filesystem::exists(file("no")));
}

TEST_P(BackupTest, RefusesWhatIsNoBackupAndKeepsTheDatabase) {
  {
    const auto database = open();
    need(migrate(*database, "test", kSchema));
    add(*database, 1);
  }
  EXPECT_EQ(code_of(restore(config(), file("missing").string())), Error::kFileFailed);
  std::ofstream(file("junk")) << std::string(10'000, 'j');
  EXPECT_EQ(code_of(restore(config(), file("junk").string())), Error::kRecordMalformed);
  EXPECT_EQ(rows(*open()), 1U);
}

}  // namespace
}  // namespace tailor::store
