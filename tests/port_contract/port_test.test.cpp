// SPDX-License-Identifier: Apache-2.0
#include "tailor/port_test.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "ports/posix/flash_file.hpp"
#include "ports/posix/system_ports.hpp"
#include "testing/fake_flash.hpp"

namespace {

using tailor::testing::FakeFlash;

/// A driver over FakeFlash's geometry with one mistake. FakeFlash itself would note the breach; this one has none.
class Sloppy {
 public:
  enum class Mistake {
    kNone,
    kEraseLeavesAByte,
    kEraseTakesNeighbour,
    kWriteDropsLast,
    kWriteSpills,
    kRewrites,
    kOddOffset,
    kOddLength,
    kOddErase,
    kReadsBeyond,
    kReadsOddWrong,
    kWritesBeyond,
    kErasesBeyond,
    kLongWriteStops
  };

  Sloppy(const tailor_flash_geometry_t& geometry, Mistake mistake)
      : geometry_(geometry), mistake_(mistake), cells_(geometry.size_bytes, 0x5a) {
    port_ = {
        this, geometry,
        [](void* self, uint32_t o, uint8_t* b, uint32_t n) { return static_cast<Sloppy*>(self)->read(o, b, n); },
        [](void* self, uint32_t o, const uint8_t* b, uint32_t n) { return static_cast<Sloppy*>(self)->write(o, b, n); },
        [](void* self, uint32_t o) { return static_cast<Sloppy*>(self)->erase(o); }};
  }
  const tailor_flash_t& port() const { return port_; }

 private:
  [[nodiscard]] bool beyond(uint32_t offset, uint32_t length) const {
    return offset > geometry_.size_bytes || length > geometry_.size_bytes - offset;
  }
  tailor_port_status_t read(uint32_t offset, uint8_t* bytes, uint32_t length) {
    if (beyond(offset, length)) return mistake_ == Mistake::kReadsBeyond ? TAILOR_PORT_OK : TAILOR_PORT_CONTRACT;
    std::copy_n(cells_.begin() + offset, length, bytes);
    if (mistake_ == Mistake::kReadsOddWrong && length == 1 && offset % 2 == 1) bytes[0] = cells_[offset - 1];
    return TAILOR_PORT_OK;
  }
  tailor_port_status_t write(uint32_t offset, const uint8_t* bytes, uint32_t length) {
    const uint32_t granule = geometry_.write_granule_bytes;
    if (beyond(offset, length)) return mistake_ == Mistake::kWritesBeyond ? TAILOR_PORT_OK : TAILOR_PORT_CONTRACT;
    if (offset % granule != 0 && mistake_ != Mistake::kOddOffset) return TAILOR_PORT_CONTRACT;
    if (length % granule != 0 && mistake_ != Mistake::kOddLength) return TAILOR_PORT_CONTRACT;
    const auto at = cells_.begin() + offset;
    const bool blank = std::all_of(at, at + length, [this](uint8_t byte) { return byte == geometry_.erased_value; });
    if (!blank && mistake_ != Mistake::kRewrites) return TAILOR_PORT_CONTRACT;
    uint32_t count = length;
    if (mistake_ == Mistake::kWriteDropsLast) --count;
    if (mistake_ == Mistake::kLongWriteStops) count = std::min(count, granule);
    std::copy_n(bytes, count, at);
    if (mistake_ == Mistake::kWriteSpills && !beyond(offset, length + 1)) cells_[offset + length] = 0x33;
    return TAILOR_PORT_OK;
  }
  tailor_port_status_t erase(uint32_t offset) {
    if (beyond(offset, geometry_.sector_bytes)) {
      return mistake_ == Mistake::kErasesBeyond ? TAILOR_PORT_OK : TAILOR_PORT_CONTRACT;
    }
    if (offset % geometry_.sector_bytes != 0) {
      return mistake_ == Mistake::kOddErase ? TAILOR_PORT_OK : TAILOR_PORT_CONTRACT;
    }
    std::fill_n(cells_.begin() + offset, geometry_.sector_bytes, geometry_.erased_value);
    if (mistake_ == Mistake::kEraseLeavesAByte) cells_[offset + geometry_.sector_bytes - 1] = 0x5a;
    if (mistake_ == Mistake::kEraseTakesNeighbour && offset >= geometry_.sector_bytes)
      cells_[offset - 1] = geometry_.erased_value;
    return TAILOR_PORT_OK;
  }

  tailor_flash_geometry_t geometry_;
  Mistake mistake_;
  std::vector<uint8_t> cells_;
  tailor_flash_t port_{};
};

constexpr tailor_flash_geometry_t kGeometries[] = {{8192, 2048, 4, 0xff},
                                                   {16384, 4096, 8, 0xff},
                                                   {1024, 256, 1, 0x00},
                                                   {4096, 512, 32, 0xff},
                                                   {65536, 16384, 16, 0x00}};

TEST(PortContract, FlashThatKeepsTheContractPassesAndIsUsedAsTheContractSays) {
  for (const auto& geometry : kGeometries) {
    for (uint32_t sector = 0; sector + 1 < geometry.size_bytes / geometry.sector_bytes; ++sector) {
      Sloppy flash(geometry, Sloppy::Mistake::kNone);
      const char* broken = tailor_port_test_flash(&flash.port(), sector * geometry.sector_bytes);
      EXPECT_EQ(broken, nullptr) << broken;
    }
  }
}

TEST(PortContract, EveryMistakeIsFound) {
  using Mistake = Sloppy::Mistake;
  for (const auto& geometry : kGeometries) {
    for (const auto& [mistake, begins] : {std::pair{Mistake::kEraseLeavesAByte, "erase"},
                                          {Mistake::kEraseTakesNeighbour, "erase"},
                                          {Mistake::kWriteDropsLast, "write"},
                                          {Mistake::kWriteSpills, "write"},
                                          {Mistake::kRewrites, "write"},
                                          {Mistake::kOddOffset, "write"},
                                          {Mistake::kOddLength, "write"},
                                          {Mistake::kOddErase, "erase"},
                                          {Mistake::kReadsBeyond, "read"},
                                          {Mistake::kReadsOddWrong, "read"},
                                          {Mistake::kWritesBeyond, "write"},
                                          {Mistake::kErasesBeyond, "erase"},
                                          {Mistake::kLongWriteStops, "write"}}) {
      const bool about_granules = mistake == Mistake::kOddOffset || mistake == Mistake::kOddLength;
      if (about_granules && geometry.write_granule_bytes == 1) continue;  // no offset and no length is odd
      Sloppy flash(geometry, mistake);
      const char* broken = tailor_port_test_flash(&flash.port(), geometry.sector_bytes);
      ASSERT_NE(broken, nullptr) << "mistake " << static_cast<int>(mistake) << ", granule "
                                 << geometry.write_granule_bytes;
      // With granules of one byte a write is read back byte by byte, and the reading's mistake looks like the write's.
      if (mistake == Mistake::kReadsOddWrong && geometry.write_granule_bytes == 1) continue;
      EXPECT_EQ(std::string(broken).substr(0, std::string(begins).size()), begins) << broken;
    }
  }
}

TEST(PortContract, ImpossibleGeometriesAreFound) {
  for (const tailor_flash_geometry_t& geometry : {tailor_flash_geometry_t{8192, 2000, 4, 0xff},
                                                  {8192, 128, 4, 0xff},
                                                  {8192, 2048, 3, 0xff},
                                                  {8192, 2048, 64, 0xff},
                                                  {8000, 2048, 4, 0xff},
                                                  {2048, 2048, 4, 0xff}}) {
    Sloppy flash({8192, 2048, 4, 0xff}, Sloppy::Mistake::kNone);
    tailor_flash_t port = flash.port();
    port.geometry = geometry;
    EXPECT_NE(tailor_port_test_flash(&port, 0), nullptr);
  }
  Sloppy flash({8192, 2048, 4, 0xff}, Sloppy::Mistake::kNone);
  for (const uint32_t offset : {1U, 2047U, 6144U, 8192U})
    EXPECT_NE(tailor_port_test_flash(&flash.port(), offset), nullptr);
}

TEST(PortContract, EachFailingCallIsFound) {
  constexpr tailor_flash_geometry_t kSmall{1024, 256, 8, 0xff};
  FakeFlash good(kSmall);
  ASSERT_EQ(tailor_port_test_flash(&good.port(), 256), nullptr);
  for (uint64_t n = 1; n <= good.calls(); ++n) {
    FakeFlash flash(kSmall);
    flash.fail_call_at(n);
    EXPECT_NE(tailor_port_test_flash(&flash.port(), 256), nullptr) << "call " << n << " of " << good.calls();
  }
}

TEST(PortContract, PosixFlashFileKeepsIt) {
  const auto path = std::filesystem::temp_directory_path() / ("tailor-port-test-" + std::to_string(::getpid()));
  tailor::posix::FlashFile flash;
  ASSERT_TRUE(flash.create(path, {8192, 2048, 4, 0xff}).ok());
  EXPECT_EQ(tailor_port_test_flash(&flash.port(), 2048), nullptr);
  std::filesystem::remove(path);
}

TEST(PortContract, Clocks) {
  const tailor::posix::PosixTime time;
  EXPECT_EQ(tailor_port_test_time(&time.port(), 3, 1'000'000'000), nullptr);
  struct Scripted {
    std::vector<uint64_t> values;
    size_t at = 0;
    static uint64_t read(void* self) {
      auto& clock = *static_cast<Scripted*>(self);
      return clock.values[std::min(clock.at++, clock.values.size() - 1)];
    }
  };
  const auto judged = [](std::vector<uint64_t> values) {
    Scripted clock{std::move(values)};
    const tailor_time_t port{&clock, &Scripted::read, nullptr};
    return tailor_port_test_time(&port, 2, 5);
  };
  EXPECT_EQ(judged({5, 5, 6, 6, 9}), nullptr);
  EXPECT_STREQ(judged({5, 4}), "time: monotonic_ms went back");
  EXPECT_STREQ(judged({5, 6, 5}), "time: monotonic_ms went back");
  EXPECT_STREQ(judged({5}), "time: monotonic_ms does not move");
}

}  // namespace
