// SPDX-License-Identifier: Apache-2.0
// The flash file keeps the contract of tailor/port/flash.h, and what was written outlives the object and the process.
#include "ports/posix/flash_file.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "hosted/temporary_folder.hpp"
#include "ports/posix/flash_layout.hpp"

namespace tailor::posix {
namespace {

constexpr tailor_flash_geometry_t kGeometry{4 * 4096, 4096, 4, 0xff};

class FlashFileTest : public ::testing::TestWithParam<Durability> {
 public:
  void SetUp() override { ASSERT_TRUE(flash.create(path, kGeometry, GetParam()).ok()); }
  tailor_port_status_t write(uint32_t offset, uint32_t length, uint8_t value = 0x5a) {
    const std::vector<uint8_t> bytes(length, value);
    return flash.port().write(flash.port().context, offset, bytes.data(), length);
  }
  tailor_port_status_t erase(uint32_t offset) { return flash.port().erase(flash.port().context, offset); }
  tailor_port_status_t read(uint32_t offset, uint32_t length) {
    std::vector<uint8_t> bytes(length);
    const auto status = flash.port().read(flash.port().context, offset, bytes.data(), length);
    last = bytes.empty() ? uint8_t{0} : bytes.back();
    return status;
  }

  TemporaryFolder folder;
  std::string path = folder / "flash";
  FlashFile flash;
  uint8_t last = 0;
};
INSTANTIATE_TEST_SUITE_P(Durabilities, FlashFileTest, ::testing::Values(Durability::kProcess, Durability::kHost));

TEST_P(FlashFileTest, KeepsTheContract) {
  const struct {
    const char* name;
    tailor_port_status_t (*act)(FlashFileTest&);
    tailor_port_status_t expected;
  } rows[] = {
      {"write", [](FlashFileTest& t) { return t.write(0, 8); }, TAILOR_PORT_OK},
      {"write again", [](FlashFileTest& t) { return t.write(4, 4); }, TAILOR_PORT_CONTRACT},
      {"write the same again", [](FlashFileTest& t) { return t.write(0, 8); }, TAILOR_PORT_CONTRACT},
      {"only clearing bits", [](FlashFileTest& t) { return t.write(0, 8, 0x00); }, TAILOR_PORT_CONTRACT},
      {"write to the last granule", [](FlashFileTest& t) { return t.write(16380, 4); }, TAILOR_PORT_OK},
      {"write beyond the end", [](FlashFileTest& t) { return t.write(16380, 8); }, TAILOR_PORT_CONTRACT},
      {"offset not aligned", [](FlashFileTest& t) { return t.write(10, 4); }, TAILOR_PORT_CONTRACT},
      {"length not aligned", [](FlashFileTest& t) { return t.write(12, 2); }, TAILOR_PORT_CONTRACT},
      {"read beyond the end", [](FlashFileTest& t) { return t.read(16380, 5); }, TAILOR_PORT_CONTRACT},
      {"read at an offset that overflows", [](FlashFileTest& t) { return t.read(0xfffffff0U, 0x20); },
       TAILOR_PORT_CONTRACT},
      {"erase not aligned", [](FlashFileTest& t) { return t.erase(4); }, TAILOR_PORT_CONTRACT},
      {"erase beyond the end", [](FlashFileTest& t) { return t.erase(16384); }, TAILOR_PORT_CONTRACT},
      {"read all", [](FlashFileTest& t) { return t.read(0, 16384); }, TAILOR_PORT_OK},
      {"erase", [](FlashFileTest& t) { return t.erase(0); }, TAILOR_PORT_OK},
      {"write after erase", [](FlashFileTest& t) { return t.write(4, 4); }, TAILOR_PORT_OK},
  };
  for (const auto& row : rows) EXPECT_EQ(row.act(*this), row.expected) << row.name;
  EXPECT_EQ(read(0, 4), TAILOR_PORT_OK);
  EXPECT_EQ(last, 0xff) << "the erase went too short";
  EXPECT_EQ(read(16380, 4), TAILOR_PORT_OK);
  EXPECT_EQ(last, 0x5a) << "the erase went too far";
}

TEST_P(FlashFileTest, OutlivesTheProcessThatIsKilled) {
  const pid_t child = ::fork();
  if (child == 0) {
    static_cast<void>(write(4096, 4096));
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  FlashFile again;
  ASSERT_TRUE(again.open(path, kGeometry).ok());
  std::array<uint8_t, 4> bytes{};
  EXPECT_EQ(again.port().read(again.port().context, 8188, bytes.data(), 4), TAILOR_PORT_OK);
  EXPECT_EQ(bytes[3], 0x5a);
}

TEST_P(FlashFileTest, OpensOnlyAFileOfItsSize) {
  FlashFile other;
  tailor_flash_geometry_t larger = kGeometry;
  larger.size_bytes *= 2;
  EXPECT_EQ(other.open(path, larger).error(), Error::kFlashContract);
  EXPECT_EQ(other.create(path, larger).error(), Error::kFlashContract) << "an existing file is not made anew";
  EXPECT_EQ(other.open(folder / "absent", kGeometry).error(), Error::kFileFailed);
  EXPECT_EQ(other.create(folder / "no" / "folder", kGeometry).error(), Error::kFileFailed);
  EXPECT_TRUE(other.create(path, kGeometry).ok());
}

TEST_P(FlashFileTest, IsLockedByOneProgramAtATime) {
  ASSERT_TRUE(flash.lock().ok());
  FlashFile other;
  ASSERT_TRUE(other.open(path, kGeometry).ok());
  EXPECT_EQ(other.lock().error(), Error::kStateConflict);
}

TEST(FlashLayout, IsTheOneThatDocsFormatsFlashShows) {
  EXPECT_EQ(kFlashGeometry.size_bytes, 50'868'224U);
  EXPECT_EQ(kManifestsAt, 32'768U);
  EXPECT_EQ(kProgressAt, 49'152U);
  EXPECT_EQ(kScratchAt, 311'296U);
  EXPECT_EQ(kRecordsAt, 315'392U);
  EXPECT_EQ(kSlotsAt, 446'464U);
  EXPECT_EQ(kStagingAt, 34'000'896U);
  EXPECT_EQ(kStagingProgressAt, 50'782'208U);
  EXPECT_EQ(kStagingScratchAt, 50'864'128U);
  tailor_flash_t flash{};
  flash.geometry = kFlashGeometry;
  EXPECT_TRUE(boot_layout(flash).check().ok());
  EXPECT_TRUE(records_region(flash).check().ok());
  const agent::ExtraComponents extra = extra_components(flash);
  EXPECT_EQ(boot::SlotWriter::mark_bytes_for(extra.regions, 1024).value(), 4096U);
  EXPECT_EQ(boot::dependency_region(boot_layout(flash).manifests[0]).size(), 4096U);
}

}  // namespace
}  // namespace tailor::posix
