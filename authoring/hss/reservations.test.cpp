// SPDX-License-Identifier: Apache-2.0
// No number is given out twice: not to two processes, not after a process was killed at any moment, not when the state
// is damaged or gone.
#include "authoring/hss/reservations.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::authoring {
namespace {

class ReservationsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(write_file(key_, as_bytes("a key file"), FileMode::kPrivate).ok());
    digest_.fill(0x44);
  }
  [[nodiscard]] FileReservations reservations(uint64_t capacity = 1024) const { return {key_, digest_, capacity}; }
  [[nodiscard]] std::filesystem::path state() const { return FileReservations::state_path(key_); }

  TemporaryFolder folder_;
  std::filesystem::path key_ = folder_ / "author.hss";
  crypto::Sha256Digest digest_{};
};

TEST_F(ReservationsTest, CountFromZeroToTheEndAndThenRefuse) {
  ASSERT_TRUE(reservations(3).begin().ok());
  for (uint64_t expected = 0; expected < 3; ++expected) {
    EXPECT_EQ(reservations(3).left().value(), 3 - expected);
    EXPECT_EQ(reservations(3).reserve().value(), expected);
  }
  for (int again = 0; again < 2; ++again) {
    const auto refused = reservations(3).reserve();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Error::kKeyExhausted);
    EXPECT_EQ(reservations(3).left().value(), 0U);
  }
}

TEST_F(ReservationsTest, WithoutItsStateAKeySignsNothing) {
  EXPECT_EQ(reservations().reserve().error().code, Error::kRecordMalformed);
  ASSERT_TRUE(reservations().begin().ok());
  EXPECT_EQ(reservations().begin().error().code, Error::kAlreadyExists);
  const Bytes good = read_file(state()).value();
  for (size_t length = 0; length < good.size(); ++length) {
    ASSERT_TRUE(write_file(state(), ByteView(good).first(length)).ok());
    EXPECT_EQ(reservations().reserve().error().code, Error::kRecordMalformed) << length;
  }
  Bytes longer = good;
  longer.push_back(0);
  ASSERT_TRUE(write_file(state(), longer).ok());
  EXPECT_EQ(reservations().reserve().error().code, Error::kRecordMalformed);
  ASSERT_TRUE(write_file(state(), good).ok());
  crypto::Sha256Digest other = digest_;
  other[0] ^= 1;
  EXPECT_EQ(FileReservations(key_, other, 1024).reserve().error().code, Error::kRecordMalformed);
  EXPECT_EQ(reservations().reserve().value(), 0U);
  std::filesystem::remove(key_);
  EXPECT_EQ(reservations().reserve().error().code, Error::kFileFailed);  // nothing to lock
}

TEST_F(ReservationsTest, WhereTheStateCannotBeWrittenNoNumberIsGiven) {
  ASSERT_TRUE(reservations().begin().ok());
  if (::geteuid() == 0) {
    // Permissions do not stop root: a folder in the way of the temporary file's rename does.
    const Bytes content = read_file(state()).value();
    std::filesystem::remove(state());
    std::filesystem::create_directory(state());
    EXPECT_FALSE(reservations().reserve().ok());
    std::filesystem::remove(state());
    ASSERT_TRUE(write_file(state(), content).ok());
  } else {
    std::filesystem::permissions(folder_.path(),
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    EXPECT_EQ(reservations().reserve().error().code, Error::kFileFailed);
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::owner_all);
  }
  EXPECT_EQ(reservations().reserve().value(), 0U);
}

/// Reserves in a child process and writes each number to a pipe, until `count` or killed.
class Child {
 public:
  Child(const FileReservations& prototype, int count) {
    EXPECT_EQ(::pipe(pipe_), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      FileReservations own = prototype;
      for (int i = 0; i < count; ++i) {
        const auto number = own.reserve();
        if (!number.ok()) _exit(1);
        const uint64_t value = number.value();
        if (::write(pipe_[1], &value, sizeof(value)) != sizeof(value)) _exit(1);
      }
      _exit(0);
    }
    ::close(pipe_[1]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { ::close(pipe_[0]); }

  void kill() const { ::kill(pid_, SIGKILL); }
  /// The numbers that left the process.
  [[nodiscard]] std::vector<uint64_t> numbers() const {
    std::vector<uint64_t> found;
    uint64_t value = 0;
    while (::read(pipe_[0], &value, sizeof(value)) == sizeof(value)) found.push_back(value);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return found;
  }

 private:
  int pipe_[2] = {-1, -1};
  pid_t pid_ = -1;
};

TEST_F(ReservationsTest, TwoProcessesNeverGetTheSameNumber) {
  ASSERT_TRUE(reservations().begin().ok());
  Child one(reservations(), 40);
  Child two(reservations(), 40);
  std::vector<uint64_t> all = one.numbers();
  const std::vector<uint64_t> others = two.numbers();
  all.insert(all.end(), others.begin(), others.end());
  EXPECT_EQ(all.size(), 80U);
  EXPECT_EQ(std::set<uint64_t>(all.begin(), all.end()).size(), 80U);
  EXPECT_EQ(reservations().reserve().value(), 80U);
}

TEST_F(ReservationsTest, AProcessKilledAtAnyMomentLeavesNoNumberToBeRepeated) {
  constexpr uint64_t kMany = uint64_t{1} << 40U;
  ASSERT_TRUE(reservations(kMany).begin().ok());
  std::set<uint64_t> seen;
  for (int turn = 0; turn < 60; ++turn) {
    Child child(reservations(kMany), 1000000);
    std::this_thread::sleep_for(std::chrono::microseconds(500 + turn * 137));
    child.kill();
    for (const uint64_t number : child.numbers()) ASSERT_TRUE(seen.insert(number).second) << number;
    const uint64_t next = reservations(kMany).reserve().value();
    ASSERT_TRUE(seen.insert(next).second);
    ASSERT_EQ(*seen.rbegin(), next);
  }
}

}  // namespace
}  // namespace tailor::authoring
