// SPDX-License-Identifier: Apache-2.0
// Recovery from what the line brings to what boots: refusals with their reasons, a line that repeats and reorders,
// power that fails at every operation of the flash.
#include "device/recovery/recovery_server.hpp"

#include <gtest/gtest.h>

#include "core/cbor/reader.hpp"
#include "device/recovery/recovery_device.test.hpp"

namespace tailor::recovery {
namespace {

using coap::Code;

class RecoveryTest : public ::testing::Test {
 protected:
  RecoveryTest() { device_.power_on(); }

  /// The number of the error that an answer carries.
  static Error error_in(const coap::Message& answer) {
    cbor::Reader reader(answer.payload);
    const auto number = reader.take_unsigned();
    return number.ok() ? error_from_code(static_cast<uint8_t>(*number)) : Error::kInternal;
  }
  Error refusal_of(const Octets& envelope) {
    const coap::Message answer = send_envelope(device_.server(), envelope, next_id_ += 1000);
    EXPECT_TRUE(coap::is_error(answer.code));
    return error_in(answer);
  }
  /// Recovers with this update, boots it and lets it confirm itself.
  void lives_through(const TestUpdate& update) {
    ASSERT_EQ(send_envelope(device_.server(), update.envelope(author_), next_id_ += 1000).code, Code::kChanged);
    const auto choice = device_.boots();
    ASSERT_TRUE(choice.ok()) << name_of(choice.error());
    EXPECT_TRUE(choice->on_trial);
    EXPECT_EQ(device_.slot(choice->slot, update.image.size()), update.image);
    ASSERT_TRUE(device_.confirms().ok());
    device_.power_on();
  }

  Author author_;
  TestDevice device_{author_};
  uint16_t next_id_ = 0;
};

TEST_F(RecoveryTest, BringsADeviceBackWhoseSlotsAreBothDamaged) {
  TestUpdate update;
  for (const uint64_t sequence : {1U, 2U}) {
    update.sequence = sequence;
    update.image = test_image(static_cast<uint8_t>(sequence));
    lives_through(update);
  }
  device_.damage();
  EXPECT_EQ(device_.boots().error(), Error::kNoValidImage);
  device_.power_on();
  EXPECT_TRUE(device_.ok());
  lives_through(update);  // the number of the newest one is enough
  EXPECT_FALSE(device_.boots()->on_trial);
  EXPECT_EQ(device_.flash.violation(), "");
}

TEST_F(RecoveryTest, TheWholeEnvelopeMayComeInOneMessage) {
  TestUpdate update;
  update.image = test_image(9, 100);
  const Octets envelope = update.envelope(author_);
  ASSERT_LE(envelope.size(), 512U);
  EXPECT_EQ(send_envelope(device_.server(), envelope, 1, 5).code, Code::kChanged);
  EXPECT_TRUE(device_.boots().ok());
}

TEST_F(RecoveryTest, RefusesWithTheReasonAndWritesNothing) {
  TestUpdate update;
  update.sequence = 5;
  lives_through(update);
  device_.damage();
  device_.power_on();
  const uint64_t before = device_.flash.operations();

  EXPECT_EQ(refusal_of(update.envelope(Author())), Error::kSignatureInvalid);
  TestUpdate other = update;
  other.identity.vendor.bytes[3] ^= 1;
  EXPECT_EQ(refusal_of(other.envelope(author_)), Error::kVendorMismatch);
  other = update;
  other.identity.device_class.bytes[3] ^= 1;
  EXPECT_EQ(refusal_of(other.envelope(author_)), Error::kClassMismatch);
  other = update;
  other.sequence = 4;
  EXPECT_EQ(refusal_of(other.envelope(author_)), Error::kSequenceNumberTooLow);
  other = update;
  other.validates = false;
  EXPECT_EQ(refusal_of(other.envelope(author_)), Error::kSequenceMissing);
  EXPECT_EQ(refusal_of(Octets(600, 0x5a)), Error::kEnvelopeUntagged);

  EXPECT_EQ(device_.flash.operations(), before) << "no envelope that is refused costs a write or an erase";
  EXPECT_EQ(device_.boots().error(), Error::kNoValidImage);
}

TEST_F(RecoveryTest, AFloodOfEnvelopesThatDoNotHoldUpWritesNothing) {
  const uint64_t before = device_.flash.operations();
  const TestUpdate update;
  const Octets envelope = update.envelope(author_);
  const size_t payload = update.image.size() + 3 + 7;  // with its heads and its name; what is before is authenticated
  for (size_t at = 0; at < envelope.size() - payload; ++at) {
    Octets damaged = envelope;
    damaged[at] ^= 0x01;
    const coap::Message answer = send_envelope(device_.server(), damaged, static_cast<uint16_t>(at * 100));
    EXPECT_TRUE(coap::is_error(answer.code)) << at;
  }
  EXPECT_EQ(device_.flash.operations(), before);
}

TEST_F(RecoveryTest, AnImageThatIsNotTheManifestsNeverBoots) {
  TestUpdate update;
  Octets envelope = update.envelope(author_);
  envelope[envelope.size() - 100] ^= 1;
  EXPECT_EQ(refusal_of(envelope), Error::kImageDigestMismatch);
  EXPECT_EQ(device_.boots().error(), Error::kNoValidImage);
  device_.power_on();
  lives_through(update);
}

TEST_F(RecoveryTest, WhatIsNotInTheEnvelopeIsNotToBeHad) {
  TestUpdate update;
  update.uri = "/img/elsewhere";
  EXPECT_EQ(refusal_of(update.envelope(author_)), Error::kPayloadUnavailable);
  update.uri = "#nowhere";
  EXPECT_EQ(refusal_of(update.envelope(author_)), Error::kPayloadUnavailable);
}

TEST_F(RecoveryTest, EveryPrefixIsRefused) {
  const Octets envelope = TestUpdate{}.envelope(author_);
  for (size_t length = 0; length < envelope.size(); length += length < 500 ? 1 : 37) {
    const Octets prefix(envelope.begin(), envelope.begin() + static_cast<std::ptrdiff_t>(length));
    const coap::Message answer = send_envelope(device_.server(), prefix, static_cast<uint16_t>(length * 40));
    EXPECT_TRUE(coap::is_error(answer.code)) << length;
    EXPECT_FALSE(device_.server().installed());
  }
}

TEST_F(RecoveryTest, ARepeatedRequestHasTheSameAnswerAndNoEffect) {
  const Octets envelope = TestUpdate{}.envelope(author_);
  for (uint32_t number = 0;; ++number) {
    coap::Block block{number, false, 2};
    block.more = block.offset() + block.size() < envelope.size();
    const Octets request = put_block(envelope, block, static_cast<uint16_t>(number));
    const ByteView first = device_.server().answer(request);
    const Octets kept(first.begin(), first.end());
    const uint64_t operations = device_.flash.operations();
    for (int again = 0; again < 3; ++again) EXPECT_TRUE(equal(device_.server().answer(request), kept));
    EXPECT_EQ(device_.flash.operations(), operations);
    if (!block.more) break;
    EXPECT_EQ(coap::decode(kept)->code, Code::kContinue);
  }
  EXPECT_TRUE(device_.server().installed());
  EXPECT_TRUE(device_.boots().ok());
}

TEST_F(RecoveryTest, ABlockOutOfOrderIsRefusedAndTheTransferGoesOn) {
  const Octets envelope = TestUpdate{}.envelope(author_);
  EXPECT_EQ(coap::decode(device_.server().answer(put_block(envelope, {3, true, 2}, 1)))->code,
            Code::kRequestEntityIncomplete)
      << "before the first";
  EXPECT_EQ(coap::decode(device_.server().answer(put_block(envelope, {0, true, 2}, 2)))->code, Code::kContinue);
  EXPECT_EQ(coap::decode(device_.server().answer(put_block(envelope, {2, true, 2}, 3)))->code,
            Code::kRequestEntityIncomplete);
  EXPECT_EQ(coap::decode(device_.server().answer(put_block(envelope, {1, true, 2}, 4)))->code, Code::kContinue);
}

TEST_F(RecoveryTest, AnswersStatusPingAndNonsense) {
  Octets buffer(64);
  coap::MessageWriter get(buffer);
  get.header(coap::Type::kConfirmable, Code::kGet, 1, {});
  get.path("/status");
  const auto answer = coap::decode(device_.server().answer(*get.finish()));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->code, Code::kContent);
  cbor::Reader reader(answer->payload);
  EXPECT_EQ(*reader.take_array(), 8U);
  EXPECT_EQ(*reader.take_unsigned(), 1U);
  EXPECT_EQ(*reader.take_unsigned(), static_cast<uint64_t>(Error::kNoValidImage));
  EXPECT_TRUE(equal(*reader.take_bytes(), test_identity().device.bytes));

  const Octets ping{0x40, 0x00, 0x12, 0x34};
  EXPECT_TRUE(equal(device_.server().answer(ping), Octets{0x70, 0x00, 0x12, 0x34}));
  const Octets rows[] = {{}, {0x40}, {0x80, 1, 2, 3}, {0x50, 0x01, 0, 1}, {0x60, 0x45, 0, 1}};
  for (const Octets& row : rows) EXPECT_TRUE(device_.server().answer(row).empty());

  const struct {
    Code method;
    const char* path;
    Code expected;
  } requests[] = {{Code::kGet, "/manifest", Code::kMethodNotAllowed},
                  {Code::kPut, "/status", Code::kMethodNotAllowed},
                  {Code::kGet, "/elsewhere", Code::kNotFound}};
  uint16_t id = 10;
  for (const auto& row : requests) {
    coap::MessageWriter writer(buffer);
    writer.header(coap::Type::kConfirmable, row.method, ++id, {});
    writer.path(row.path);
    EXPECT_EQ(coap::decode(device_.server().answer(*writer.finish()))->code, row.expected) << row.path;
  }
}

TEST_F(RecoveryTest, RefusesOptionsAndBlocksThatItDoesNotTake) {
  const Octets body(2048, 1);
  EXPECT_EQ(coap::decode(device_.server().answer(put_block(body, {0, true, kBlockSzx}, 1)))->code, Code::kBadRequest)
      << "not an envelope";
  Octets buffer(kMessageBytes);
  coap::MessageWriter critical(buffer);
  critical.header(coap::Type::kConfirmable, Code::kPut, 2, {});
  critical.path("/manifest");
  critical.option(coap::Option::kProxyUri, Octets{'x'});
  EXPECT_EQ(coap::decode(device_.server().answer(*critical.finish()))->code, Code::kBadOption);
  coap::MessageWriter format(buffer);
  format.header(coap::Type::kConfirmable, Code::kPut, 3, {});
  format.path("/manifest");
  format.option_uint(coap::Option::kContentFormat, 0);
  EXPECT_EQ(coap::decode(device_.server().answer(*format.finish()))->code, Code::kUnsupportedContentFormat);
  coap::MessageWriter empty(buffer);  // more blocks to come, and nothing in this one
  empty.header(coap::Type::kConfirmable, Code::kPut, 4, {});
  empty.path("/manifest");
  empty.option_uint(coap::Option::kBlock1, coap::Block{0, true, 2}.value());
  EXPECT_EQ(coap::decode(device_.server().answer(*empty.finish()))->code, Code::kBadRequest);
}

/// Recovery cut at every operation, once each: whoever sends the envelope again has the device back, with the old image
/// or the new one, never anything else.
TEST_F(RecoveryTest, PowerMayFailAtEveryOperation) {
  TestUpdate update;
  const Octets envelope = update.envelope(author_);
  const testing::FakeFlash::Snapshot before = device_.flash.snapshot();
  const uint64_t begun = device_.flash.operations();
  ASSERT_EQ(send_envelope(device_.server(), envelope, 1).code, Code::kChanged);
  const uint64_t count = device_.flash.operations() - begun;
  ASSERT_GT(count, 20U);
  for (const testing::Cut cut : testing::kAllCuts) {
    for (uint64_t operation = 1; operation <= count; ++operation) {
      SCOPED_TRACE(std::string(name_of(cut)) + " " + std::to_string(operation));
      device_.flash.restore(before);
      device_.power_on();
      device_.flash.cut_power_at(operation, cut);
      static_cast<void>(send_envelope(device_.server(), envelope, 1));
      device_.flash.power_on();
      if (const auto first_boot = device_.boots(); !first_boot.ok()) {
        ASSERT_EQ(first_boot.error(), Error::kNoValidImage);
        device_.power_on();
        ASSERT_TRUE(device_.ok());
        ASSERT_EQ(send_envelope(device_.server(), envelope, 1).code, Code::kChanged);
      }
      const auto choice = device_.boots();
      ASSERT_TRUE(choice.ok()) << name_of(choice.error());
      ASSERT_EQ(device_.slot(choice->slot, update.image.size()), update.image);
      ASSERT_TRUE(device_.confirms().ok());
      ASSERT_TRUE(device_.boots().ok());
      ASSERT_EQ(device_.flash.violation(), "");
    }
  }
}

/// What is in flash is not written twice.
TEST_F(RecoveryTest, GoesOnWhereItWasCut) {
  TestUpdate update;
  const Octets envelope = update.envelope(author_);
  for (uint32_t number = 0; number < 15; ++number) {
    ASSERT_EQ(
        coap::decode(device_.server().answer(put_block(envelope, {number, true, 2}, static_cast<uint16_t>(number))))
            ->code,
        Code::kContinue);
  }
  const uint32_t written = device_.server().reception().written_bytes();
  ASSERT_GT(written, 300U) << "a whole sector, and some of the next";
  const auto erases_of_first_sectors = [this] {
    return std::pair(device_.flash.erases(device_.kSlotA), device_.flash.erases(device_.kSlotB));
  };
  const auto erases = erases_of_first_sectors();
  device_.power_on();
  ASSERT_EQ(send_envelope(device_.server(), envelope, 100).code, Code::kChanged);
  EXPECT_EQ(erases_of_first_sectors(), erases);
  const auto choice = device_.boots();
  ASSERT_TRUE(choice.ok());
  EXPECT_EQ(device_.slot(choice->slot, update.image.size()), update.image);
}

TEST_F(RecoveryTest, ATrialGivesWayToWhoRecovers) {
  TestUpdate update;
  ASSERT_EQ(send_envelope(device_.server(), update.envelope(author_), 1).code, Code::kChanged);
  ASSERT_TRUE(device_.boots()->on_trial);
  device_.power_on();  // on request, while the trial is under way
  update.sequence = 3;
  update.image = test_image(77);
  lives_through(update);
}

}  // namespace
}  // namespace tailor::recovery
