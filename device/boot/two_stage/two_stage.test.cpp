// SPDX-License-Identifier: Apache-2.0
// The update of a boot program: what the first stage starts after power was lost at each operation of flash, in each
// way that a cut can go; and what is not taken.
#include <gtest/gtest.h>

#include "core/processor/receiver.hpp"
#include "device/boot/two_stage/copy_component.hpp"
#include "testing/flash/nor_flash.hpp"
#include "testing/suit/author.hpp"
#include "testing/suit/declared_platform.hpp"

namespace tailor::boot {
namespace {

using testing::Author;
using testing::Cells;
using testing::Loss;
using testing::NorFlash;
using testing::Octets;

constexpr uint32_t kSector = 256;
constexpr uint32_t kCopySectors = 6;
const Octets kBootId{0x81, 0x44, 'b', 'o', 'o', 't'};

Octets program(uint8_t seed, size_t bytes = 1000) {
  Octets out(bytes);
  for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<uint8_t>(i * seed + i / 5);
  return out;
}

/// The application as the processor sees it: one component, the copy that is not started.
class Application final : public processor::Platform, private processor::PayloadSource {
 public:
  Application(const BootCopies& copies, const Author& author) : copies_(copies), component_(copies), author_(author) {
    who_.vendor.bytes.fill(1);
    who_.device_class.bytes.fill(2);
  }
  /// Takes an update to its end.
  Status takes(ByteView envelope) {
    Octets buffer(limits::kManifestBytes);
    const testing::AllowAll allow;
    processor::UpdateReceiver receiver(buffer, author_.anchors(), {*this, *this, allow});
    TAILOR_TRY_ASSIGN(const Progress progress, receiver.feed(envelope));
    if (progress != Progress::kDone) return Error::kTruncated;
    TAILOR_TRY(receiver.staged());
    return component_.commit(receiver.manifest()->manifest().sequence_number);
  }

 private:
  const processor::Identity& identity() const noexcept override { return who_; }
  processor::Component* find_component(ByteView id) noexcept override {
    return equal(id, kBootId) ? &component_ : nullptr;
  }
  Result<uint64_t> sequence_number(ByteView) noexcept override {
    TAILOR_TRY_ASSIGN(const BootCopy runs, copies_.choose());
    return runs.sequence;
  }
  Status invoke(processor::Component&, ByteView) noexcept override { return Error::kInvokeFailed; }
  Result<Piece> read(std::string_view, uint32_t) noexcept override { return Error::kPayloadUnavailable; }

  const BootCopies& copies_;
  CopyComponent component_;
  const Author& author_;
  processor::Identity who_;
};

class TwoStageTest : public ::testing::Test {
 protected:
  TwoStageTest() {
    EXPECT_TRUE(copies_.format().ok());
    const Octets first = program(1);
    EXPECT_TRUE(copies_.program(0, copies_.room()).write(0, first).ok());
    EXPECT_TRUE(copies_.commit(0, 1, 1000, *crypto::sha256(first)).ok());
  }
  Octets update(uint64_t sequence, const Octets& content, const Author& signer, bool truthful = true) {
    namespace command = suit::command;
    namespace key = suit::manifest_key;
    Author author;
    author.like(signer).number(sequence).named({kBootId});
    author.shared(testing::sequence([&](suit::SequenceWriter& s) {
      Uuid vendor;
      vendor.bytes.fill(1);
      s.override_parameters({.vendor = vendor,
                             .digest = crypto::sha256(truthful ? content : program(99)).value(),
                             .image_size = content.size()});
      s.command(command::kVendorIdentifier, 15);
    }));
    author.member(key::kValidate,
                  testing::sequence([](suit::SequenceWriter& s) { s.command(command::kImageMatch, 15); }));
    author.member(key::kInstall, testing::sequence([](suit::SequenceWriter& s) {
                    s.override_parameters({.uri = "#b"}).command(command::kFetch, 2).command(command::kImageMatch, 15);
                  }));
    return author.payload("#b", content).envelope();
  }
  Status takes(ByteView envelope) { return Application(copies_, author_).takes(envelope); }
  /// The program that the first stage starts, byte for byte; nothing when there is none.
  Octets started() {
    const Result<BootCopy> copy = copies_.choose();
    if (!copy.ok() || !copy->verdict.passes()) return {};
    Octets bytes(copy->bytes);
    EXPECT_TRUE(copies_.program(copy->index, copy->bytes).read(0, bytes).ok());
    return bytes;
  }

  Author author_;
  NorFlash flash_{{2 * kCopySectors * kSector, kSector, 4, 0xff}};
  BootCopies copies_{{flash_.port(), 0, kCopySectors* kSector},
                     {flash_.port(), kCopySectors* kSector, kCopySectors* kSector}};
};

TEST_F(TwoStageTest, StartsTheNewestWholeCopyAndWritesTheOther) {
  EXPECT_EQ(started(), program(1));
  for (uint8_t version = 2; version < 7; ++version) {
    const uint8_t runs = copies_.choose()->index;
    ASSERT_TRUE(takes(update(version, program(version, 900 + version), author_)).ok());
    EXPECT_EQ(started(), program(version, 900 + version));
    EXPECT_NE(copies_.choose()->index, runs);
  }
  EXPECT_EQ(flash_.violation(), "");
}

TEST_F(TwoStageTest, ADamagedNewestGivesWayToTheOther) {
  ASSERT_TRUE(takes(update(2, program(2), author_)).ok());
  const uint32_t at = kCopySectors * kSector + kCopyProgramAt + 17;
  flash_.cells().poke(at, static_cast<uint8_t>(flash_.cells().peek(at) ^ 4));
  EXPECT_EQ(started(), program(1));
  flash_.cells().poke(kCopyProgramAt + 3, static_cast<uint8_t>(flash_.cells().peek(kCopyProgramAt + 3) ^ 4));
  EXPECT_EQ(copies_.choose().error(), Error::kNoValidImage);
  const uint64_t before = flash_.operation_count();
  EXPECT_EQ(copies_.prepare(100).error(), Error::kNoValidImage);
  EXPECT_EQ(flash_.operation_count(), before) << "with no copy to fall back to nothing is erased";
}

TEST_F(TwoStageTest, RefusesWhatAnyUpdateIsRefusedFor) {
  ASSERT_TRUE(takes(update(5, program(5), author_)).ok());
  const uint64_t before = flash_.operation_count();
  EXPECT_EQ(takes(update(6, program(6), Author())).error(), Error::kSignatureInvalid);
  EXPECT_EQ(takes(update(4, program(4), author_)).error(), Error::kSequenceNumberTooLow);
  EXPECT_EQ(takes(update(6, program(6, copies_.room() + 1), author_)).error(), Error::kImageTooLarge);
  EXPECT_EQ(flash_.operation_count(), before);
  EXPECT_EQ(takes(update(6, program(6), author_, false)).error(), Error::kImageDigestMismatch);
  EXPECT_EQ(started(), program(5));
  ASSERT_TRUE(takes(update(6, program(6, copies_.room()), author_)).ok()) << "all the room there is";
  EXPECT_EQ(started(), program(6, copies_.room()));
}

TEST_F(TwoStageTest, ARecordThatLiesAboutTheProgramCountsNotAtAll) {
  EXPECT_EQ(copies_.commit(1, 9, 0, {}).error(), Error::kImageTooLarge);
  EXPECT_EQ(copies_.commit(1, 9, copies_.room() + 1, {}).error(), Error::kImageTooLarge);
  EXPECT_EQ(copies_.commit(1, 9, 10, {}).error(), Error::kImageDigestMismatch);
  EXPECT_EQ(started(), program(1));
}

/// Cuts everywhere, and after each one a second update that is cut everywhere too: there is always a program to start,
/// the old one or the new one, and a later update comes to its end.
TEST_F(TwoStageTest, PowerMayFailAtEveryOperationAndAgainInTheNextUpdate) {
  const Octets second = update(2, program(2), author_), third = update(3, program(3), author_);
  const auto record = [this](const Cells& from, const Octets& envelope) {
    flash_.load(from, 1);
    flash_.keep_operations(true);
    EXPECT_TRUE(takes(envelope).ok());
    return flash_.operations();
  };
  const auto cut = [](Cells cells, const testing::FlashOperation& operation, Loss loss, uint64_t random) {
    cells.cut(operation, loss, random);
    return cells;
  };
  const auto go_on = [](Cells& cells, const testing::FlashOperation& operation) {
    if (operation.is_erase) return cells.erase(operation.offset);
    ASSERT_EQ(cells.program(operation), Cells::Answer::kDone);
  };
  const auto starts_one_of = [this](const Octets& a, const Octets& b) {
    const Octets runs = started();
    return runs == a || runs == b;
  };
  Cells cells = flash_.cells();
  const auto operations = record(cells, second);
  ASSERT_GT(operations.size(), 250U);
  uint64_t cuts = 0;
  for (size_t i = 0; i < operations.size(); ++i) {
    for (const Loss loss : testing::kAllLosses) {
      const Cells left = cut(cells, operations[i], loss, i + 7);
      for (const uint64_t start : {1U, 2U}) {  // what flickers is decided anew
        ++cuts;
        flash_.load(left, i * 2 + start);
        flash_.keep_operations(false);
        ASSERT_TRUE(starts_one_of(program(1), program(2))) << "operation " << i << " " << testing::name_of(loss);
        // Near the end the records are in doubt: the next update is cut as well, at its erases.
        if (i + 40 > operations.size() && start == 1) {
          flash_.load(left, i);
          flash_.keep_operations(true);
          ASSERT_TRUE(takes(third).ok()) << i << " " << testing::name_of(loss);
          const auto next = flash_.operations();
          Cells later = left;
          for (size_t j = 0; j < next.size() && j < 60; ++j) {
            flash_.load(cut(later, next[j], Loss::kRandom, j), j * 5 + 3);
            ASSERT_FALSE(started().empty()) << i << " " << testing::name_of(loss) << ", then " << j;
            if (next[j].is_erase) {
              later.erase(next[j].offset);
            } else {
              static_cast<void>(later.program(next[j]));
            }
          }
        }
        flash_.load(left, i * 3 + start);
        flash_.keep_operations(false);
        ASSERT_TRUE(takes(third).ok()) << "operation " << i << " " << testing::name_of(loss);
        ASSERT_EQ(started(), program(3));
        ASSERT_EQ(flash_.violation(), "");
      }
    }
    go_on(cells, operations[i]);
  }
  EXPECT_GT(cuts, 4000U);
}

}  // namespace
}  // namespace tailor::boot
