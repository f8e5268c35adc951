// SPDX-License-Identifier: Apache-2.0
// Reception without a device around it: order, limits, and what a restart knows.
#include "device/boot/slot_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "testing/fake_flash.hpp"

namespace tailor::boot {
namespace {

using testing::Cut;
using testing::FakeFlash;

class Writer : public ::testing::TestWithParam<uint32_t> {
 protected:
  Writer() : data_(1000) {
    for (size_t i = 0; i < data_.size(); ++i) data_[i] = static_cast<uint8_t>(i * 13 + i / 256);
    std::fill(data_.begin() + 300, data_.begin() + 500, uint8_t{0xff});
  }
  void TearDown() override { EXPECT_EQ(flash.violation(), ""); }

  /// Sends the image from the writer's position on, in blocks. @returns how much was sent
  uint32_t send(SlotWriter& writer, uint32_t block, uint32_t until = 1000) {
    uint32_t sent = 0;
    while (writer.position() < until) {
      const uint32_t at = writer.position();
      const size_t count = std::min<size_t>(block, until - at);
      if (!flash.has_power() || !writer.write(at, ByteView(data_).subspan(at, count)).ok()) break;
      sent += static_cast<uint32_t>(count);
    }
    return sent;
  }
  bool slot_holds_image() { return std::equal(data_.begin(), data_.end(), flash.cells().begin()); }

  std::vector<uint8_t> data_;
  FakeFlash flash{{4096, 256, GetParam(), 0xff}};
  SlotWriter::Regions regions{{flash.port(), 0, 1024}, {flash.port(), 1024, 1024}, {flash.port(), 2048, 256}};
};
INSTANTIATE_TEST_SUITE_P(Granules, Writer, ::testing::Values(1U, 4U, 32U));

TEST_P(Writer, WritesAnImageThatComesInPiecesOfAnySize) {
  for (const uint32_t block : {1U, 7U, 16U, 64U, 100U, 256U, 1000U}) {
    SlotWriter writer;
    ASSERT_TRUE(writer.start(regions, {block, 64, 1000}).ok());
    EXPECT_EQ(send(writer, block), 1000U) << block;
    ASSERT_TRUE(writer.finish().ok());
    EXPECT_TRUE(slot_holds_image()) << block;
  }
}

TEST_P(Writer, KnowsTheEndOnlyAtTheEnd) {
  SlotWriter writer;
  ASSERT_TRUE(writer.start(regions, {1, 64, 0}).ok());
  send(writer, 64);
  ASSERT_TRUE(writer.finish().ok());
  EXPECT_TRUE(slot_holds_image());
  SlotWriter again;
  EXPECT_EQ(*again.resume(regions, {1, 64, 0}), 960U) << "the last mark before a length that is not known";
  EXPECT_EQ(send(again, 64), 40U);
  ASSERT_TRUE(again.finish().ok());
  EXPECT_TRUE(slot_holds_image());
}

TEST_P(Writer, ResumesAtTheLastMarkWhereverItStopped) {
  for (uint32_t stop = 0; stop <= 1000; stop += 8) {
    SlotWriter writer;
    ASSERT_TRUE(writer.start(regions, {stop + 1, 64, 1000}).ok());
    send(writer, 8, stop);
    SlotWriter again;
    const auto resumed = again.resume(regions, {stop + 1, 64, 1000});
    ASSERT_TRUE(resumed.ok());
    EXPECT_EQ(*resumed, stop == 1000 ? 1000U : stop / 64 * 64) << stop;
    send(again, 100);
    ASSERT_TRUE(again.finish().ok());
    EXPECT_TRUE(slot_holds_image()) << stop;
  }
}

TEST_P(Writer, ManyRestartsInsideOneBlockCostNoMoreThanThatBlock) {
  SlotWriter writer;
  ASSERT_TRUE(writer.start(regions, {1, 64, 1000}).ok());
  send(writer, 64, 448);
  for (int restart = 0; restart < 10; ++restart) {
    SlotWriter again;
    ASSERT_EQ(*again.resume(regions, {1, 64, 1000}), 448U);
    flash.cut_power_at(1, restart % 2 == 0 ? Cut::kHalf : Cut::kUnseen);
    send(again, 64);
    flash.power_on();
  }
  SlotWriter last;
  ASSERT_EQ(*last.resume(regions, {1, 64, 1000}), 448U);
  send(last, 64);
  EXPECT_TRUE(slot_holds_image());
}

TEST_P(Writer, GoesOnWithoutMarksWhenRestartsUsedThemUp) {
  regions.progress = {flash.port(), 1024, 256};
  const uint32_t places = 256 / regions.progress.round_up(8);
  SlotWriter writer;
  ASSERT_TRUE(writer.start(regions, {1, 64, 1000}).ok());
  uint32_t position = 0;
  for (uint32_t restart = 0; restart < places + 5 && position < 960; ++restart) {
    SlotWriter again;
    const auto resumed = again.resume(regions, {1, 64, 1000});
    ASSERT_TRUE(resumed.ok());
    ASSERT_GE(*resumed, position);
    position = *resumed;
    send(again, 64, position + 64);
  }
  SlotWriter last;
  ASSERT_TRUE(last.resume(regions, {1, 64, 1000}).ok());
  send(last, 64);
  ASSERT_TRUE(last.finish().ok());
  EXPECT_TRUE(slot_holds_image());
}

TEST_P(Writer, OneMarkTakesThePlaceOfAllBeforeARestartTouchesTheImage) {
  // The last mark may have been cut, not be seen at this start, and be back at the next one.
  SlotWriter writer;
  ASSERT_TRUE(writer.start(regions, {1, 64, 1000}).ok());
  send(writer, 64, 448);
  SlotWriter again;
  ASSERT_EQ(*again.resume(regions, {1, 64, 1000}), 448U);
  const uint32_t stride = regions.progress.round_up(8);
  EXPECT_FALSE(*regions.progress.reads_erased(0, stride));
  EXPECT_TRUE(*regions.progress.reads_erased(stride, regions.progress.size() - stride));
  SlotWriter once_more;
  ASSERT_EQ(*once_more.resume(regions, {1, 64, 1000}), 448U);
  send(once_more, 64);
  EXPECT_TRUE(slot_holds_image());
}

TEST_P(Writer, MarksOfAnotherReceptionSayNothing) {
  SlotWriter writer;
  ASSERT_TRUE(writer.start(regions, {1, 64, 1000}).ok());
  send(writer, 64);
  SlotWriter other;
  EXPECT_EQ(*other.resume(regions, {2, 64, 1000}), 0U);
}

TEST_P(Writer, AMarkDoesNotVouchForChangedData) {
  SlotWriter writer;
  ASSERT_TRUE(writer.start(regions, {1, 64, 1000}).ok());
  send(writer, 64, 512);
  flash.cells()[511] ^= 1;
  SlotWriter again;
  EXPECT_EQ(*again.resume(regions, {1, 64, 1000}), 448U);
}

TEST_P(Writer, RefusesWhatDoesNotFitOrFollow) {
  SlotWriter writer;
  EXPECT_EQ(writer.write(0, data_).error(), Error::kStateConflict) << "before start";
  EXPECT_EQ(writer.start(regions, {1, 64, 1025}).error(), Error::kImageTooLarge);
  EXPECT_EQ(writer.start(regions, {1, 48, 1000}).error(), Error::kFlashContract);
  EXPECT_EQ(writer.start(regions, {1, 512, 1000}).error(), Error::kFlashContract);
  ASSERT_TRUE(writer.start(regions, {1, 64, 100}).ok());
  EXPECT_EQ(writer.write(64, data_).error(), Error::kStateConflict) << "a gap";
  EXPECT_EQ(writer.write(0, ByteView(data_).first(101)).error(), Error::kImageTooLarge);
  ASSERT_TRUE(writer.write(0, ByteView(data_).first(64)).ok());
  EXPECT_EQ(writer.write(0, ByteView(data_).first(64)).error(), Error::kStateConflict) << "a block again";
  EXPECT_EQ(writer.write(64, ByteView(data_).first(37)).error(), Error::kImageTooLarge);
  EXPECT_EQ(writer.finish().error(), Error::kImageSizeMismatch) << "too short";
  ASSERT_TRUE(writer.write(64, ByteView(data_).subspan(64, 36)).ok());
  EXPECT_TRUE(writer.finish().ok());
  EXPECT_EQ(writer.write(100, ByteView(data_).first(1)).error(), Error::kStateConflict) << "after finish";
}

TEST_P(Writer, WantsAResumeAfterAnError) {
  SlotWriter writer;
  ASSERT_TRUE(writer.start(regions, {1, 64, 1000}).ok());
  send(writer, 64, 128);
  flash.fail_call_at(1);
  EXPECT_EQ(writer.write(128, ByteView(data_).subspan(128, 64)).error(), Error::kFlashWriteFailed);
  EXPECT_EQ(writer.write(128, ByteView(data_).subspan(128, 64)).error(), Error::kStateConflict);
  ASSERT_EQ(*writer.resume(regions, {1, 64, 1000}), 128U);
  send(writer, 64);
  EXPECT_TRUE(slot_holds_image());
}

TEST_P(Writer, ChoosesHowFinelyToMark) {
  const uint32_t stride = regions.progress.round_up(8);
  const uint32_t marks = 1024 / stride;  // for 1024 bytes of slot
  for (const uint32_t block : {1U, 16U, 64U, 65U, 128U, 256U, 1024U}) {
    const auto interval = SlotWriter::mark_bytes_for(regions, block);
    ASSERT_TRUE(interval.ok());
    EXPECT_GE(*interval, std::min(block, 256U));
    EXPECT_LE(1024 / *interval, marks / 2);
  }
  regions.progress = {flash.port(), 1024, 256};
  regions.slot = {flash.port(), 0, 256 * 1024};
  EXPECT_EQ(SlotWriter::mark_bytes_for(regions, 64).error(), Error::kFlashContract);
}

}  // namespace
}  // namespace tailor::boot
