// SPDX-License-Identifier: Apache-2.0
#include "services/update/store/blob_folder.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::update_server {
namespace {

TEST(BlobFolder, KeepsBytesUnderTheirDigest) {
  const TemporaryFolder folder;
  const auto blobs = BlobFolder::open(folder / "blobs").value();
  const Bytes bytes(5000, 7);
  const Digest digest = blobs->put(bytes).value();
  EXPECT_EQ(digest, crypto::sha256(bytes).value());
  EXPECT_EQ(blobs->put(bytes).value(), digest);
  const auto blob = blobs->get(digest).value();
  EXPECT_TRUE(equal(blob->bytes(), bytes));
  EXPECT_EQ(blobs->get(digest).value().get(), blob.get()) << "one mapping for all readers";
  EXPECT_EQ(blobs->get(Digest{}).error().code, Error::kNotFound);
  const Digest empty = blobs->put({}).value();
  EXPECT_TRUE(blobs->get(empty).value()->bytes().empty());
}

TEST(BlobFolder, AdoptsAFinishedUpload) {
  const TemporaryFolder folder;
  const auto blobs = BlobFolder::open(folder / "blobs").value();
  const Bytes bytes(200'000, 9);
  const auto upload = [&] {
    const auto file = blobs->incoming() / "one";
    EXPECT_TRUE(write_file(file, bytes).ok());
    return file;
  };
  EXPECT_EQ(blobs->adopt(upload(), Digest{}).error().code, Error::kImageDigestMismatch);
  EXPECT_TRUE(std::filesystem::is_empty(blobs->incoming())) << "a refused upload is removed";
  const Digest digest = blobs->adopt(upload(), crypto::sha256(bytes).value()).value();
  EXPECT_TRUE(equal(blobs->get(digest).value()->bytes(), bytes));
  const auto held = blobs->get(digest).value();
  EXPECT_EQ(blobs->adopt(upload(), std::nullopt).value(), digest);
  EXPECT_TRUE(equal(held->bytes(), bytes)) << "who reads it is not disturbed by a second upload";
  EXPECT_FALSE(blobs->adopt(blobs->incoming() / "missing", std::nullopt).ok());
}

TEST(BlobFolder, RemovesAtStartWhatWasLeftHalfMade) {
  const TemporaryFolder folder;
  Digest digest{};
  {
    const auto blobs = BlobFolder::open(folder / "blobs").value();
    digest = blobs->put(Bytes(10, 1)).value();
    std::ofstream(blobs->incoming() / "half") << "half";
  }
  const auto blobs = BlobFolder::open(folder / "blobs").value();
  EXPECT_TRUE(std::filesystem::is_empty(blobs->incoming()));
  EXPECT_TRUE(blobs->get(digest).ok());
}

/// On a file system of 128 KiB that only a child process sees.
TEST(BlobFolder, AFullDiskIsSaidAndLeavesNothing) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(77);
    (void)::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=128k") != 0) ::_exit(77);
    const auto blobs = BlobFolder::open(folder / "blobs").value();
    const auto small = blobs->put(Bytes(1000, 1));
    if (!small.ok()) ::_exit(1);
    const auto large = blobs->put(Bytes(1U << 20U, 2));
    if (large.ok() || large.error().code != Error::kDiskFull) ::_exit(2);
    size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "blobs")) files += entry.is_regular_file();
    if (files != 1) ::_exit(3);
    if (!blobs->put(Bytes(1000, 3)).ok()) ::_exit(4);
    ::_exit(blobs->get(small.value()).ok() ? 0 : 5);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "this machine lets nobody mount a small file system";
  EXPECT_EQ(status, 0) << "exit code " << WEXITSTATUS(status);
}

}  // namespace
}  // namespace tailor::update_server
