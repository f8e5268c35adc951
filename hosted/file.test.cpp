// SPDX-License-Identifier: Apache-2.0
#include "hosted/file.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "hosted/temporary_folder.hpp"

namespace tailor {
namespace {

size_t files_in(const std::filesystem::path& folder) {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

TEST(File, RoundTripAndMode) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "key", as_bytes("secret"), FileMode::kPrivate).ok());
  EXPECT_EQ(read_text_file(folder / "key").value(), "secret");
  struct stat info {};
  ASSERT_EQ(::stat((folder / "key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(files_in(folder.path()), 1U) << "no temporary file is left";
}

TEST(File, ReadsUpToTheLimitAndNotOnePast) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "f", as_bytes("12345")).ok());
  EXPECT_EQ(read_file(folder / "f", 5).value().size(), 5U);
  EXPECT_EQ(read_file(folder / "f", 4).error().code, Error::kBodyTooLarge);
}

TEST(File, FailuresNameThePath) {
  const TemporaryFolder folder;
  const auto missing = read_file(folder / "none");
  EXPECT_EQ(missing.error().code, Error::kNotFound);
  EXPECT_NE(missing.error().context.find("none"), std::string::npos);
  EXPECT_EQ(read_file(folder.path()).error().code, Error::kFileFailed) << "a folder is not a file";
  EXPECT_FALSE(write_file(folder / "no/such/folder", as_bytes("x")).ok());
}

TEST(File, DroppedWithoutCommitLeavesTheOldContent) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "f", as_bytes("old")).ok());
  {
    auto file = AtomicFile::create(folder / "f");
    ASSERT_TRUE(file->append(as_bytes("new")).ok());
    EXPECT_TRUE(std::filesystem::exists(file->temporary_path()));
  }
  EXPECT_EQ(read_text_file(folder / "f").value(), "old");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

/// Bounds the size of files that this process may write, as a full disk does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_handler_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = nullptr;
};

TEST(File, FullDiskIsItsOwnErrorAndKeepsTheOldContent) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "f", as_bytes("old")).ok());
  {
    const FileSizeLimit limit(4096);
    EXPECT_EQ(write_file(folder / "f", std::vector<uint8_t>(8192, 1)).error().code, Error::kDiskFull);
  }
  EXPECT_EQ(read_text_file(folder / "f").value(), "old");
  EXPECT_EQ(files_in(folder.path()), 1U);
  EXPECT_TRUE(write_file(folder / "f", std::vector<uint8_t>(8192, 1)).ok()) << "the limit was the reason";
}

}  // namespace
}  // namespace tailor
