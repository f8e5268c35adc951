// SPDX-License-Identifier: Apache-2.0
#include "core/processor/receiver.hpp"

#include <gtest/gtest.h>

#include "testing/suit/author.hpp"
#include "testing/suit/declared_platform.hpp"

namespace tailor::processor {
namespace {

using suit::SequenceWriter;
using testing::Octets;
using testing::sequence;
namespace command = suit::command;
namespace manifest_key = suit::manifest_key;

constexpr Error kNone = Error{};
constexpr size_t kBufferBytes = 4096;

Octets image_of(size_t size, uint8_t seed) {
  Octets image(size);
  for (size_t i = 0; i < size; ++i) image[i] = static_cast<uint8_t>(i * 31 + (i >> 8U) + seed);
  return image;
}

void fetch_component(SequenceWriter& s, uint64_t index, const Octets& image, std::string_view uri) {
  s.set_component_index(index);
  s.override_parameters({.digest = crypto::sha256(image).value(), .image_size = image.size(), .uri = uri});
  s.command(command::kFetch, 2).command(command::kImageMatch, 15);
}

class Receiving : public ::testing::Test {
 protected:
  Receiving() {
    for (uint8_t i = 0; i < 3; ++i) device_.push_back(&platform_.add(testing::component_id(i), std::to_string(i)));
  }

  /// The device receives the envelope in chunks.
  Error receive(ByteView envelope, size_t chunk) {
    buffer_.assign(kBufferBytes, 0);
    UpdateReceiver receiver(buffer_, author_.anchors(), {platform_, payloads_, all_}, {});
    fed_at_first_open_ = 0;
    platform_.log.clear();
    ByteView rest = envelope;
    for (int turns = 0; turns < 10000000; ++turns) {
      ByteView input = rest.first(std::min(chunk, rest.size()));
      const size_t offered = input.size();
      const bool was_authentic = receiver.manifest() != nullptr;
      const auto progress = receiver.feed(input);
      rest = rest.subspan(offered - input.size());
      if (!platform_.log.empty() && fed_at_first_open_ == 0) {
        fed_at_first_open_ = envelope.size() - rest.size();
        EXPECT_TRUE(was_authentic || receiver.manifest() != nullptr);
      }
      if (!progress.ok()) {
        EXPECT_EQ(receiver.feed(input).error(), progress.error()) << "the first error is final";
        EXPECT_FALSE(receiver.staged().ok());
        return progress.error();
      }
      if (*progress == Progress::kDone && rest.empty()) {
        EXPECT_TRUE(receiver.finish().ok());
        EXPECT_TRUE(receiver.staged().ok());
        return kNone;
      }
      EXPECT_FALSE(receiver.finish().ok() && receiver.staged().ok());
      if (*progress == Progress::kNeedInput && rest.empty()) return receiver.finish().error();
    }
    return Error::kTimeout;
  }

  testing::DeclaredPlatform platform_;
  testing::DeclaredPayloads payloads_;
  testing::AllowAll all_;
  std::vector<testing::DeclaredComponent*> device_;
  testing::Author author_;
  Octets buffer_;
  size_t fed_at_first_open_ = 0;
};

// The image is seventy times larger than all the memory there is for the envelope.
TEST_F(Receiving, AnImageInsideTheEnvelopeStreamsThrough) {
  static_assert(kBufferBytes + sizeof(UpdateReceiver) <= 8192);
  const Octets image = image_of(300 * 1024, 1);
  author_.member(manifest_key::kValidate, sequence([](SequenceWriter& s) { s.command(command::kImageMatch, 15); }));
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) { fetch_component(s, 0, image, "#image"); }),
                 true);
  const Octets envelope = author_.payload("#image", image).envelope();
  ASSERT_GT(envelope.size(), image.size());
  for (const size_t chunk : {size_t{1}, size_t{64}, size_t{1000}, size_t{1024}, envelope.size()}) {
    device_[0]->content.clear();
    platform_.log.clear();
    ASSERT_EQ(receive(envelope, chunk), kNone) << chunk;
    EXPECT_EQ(device_[0]->content, image);
    EXPECT_EQ(platform_.log, (std::vector<std::string>{"open 0", "finish 0 307200", "digest 0", "digest 0"}));
  }
}

// "Until a signature holds, nothing is written to flash: a flood of bad envelopes costs no erase."
TEST_F(Receiving, NothingReachesAComponentBeforeTheSignatureHeld) {
  const Octets image = image_of(10 * 1024, 2);
  author_.member(manifest_key::kValidate, sequence([](SequenceWriter& s) { s.command(command::kImageMatch, 15); }));
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) { fetch_component(s, 0, image, "#image"); }));
  const Octets good = author_.payload("#image", image).envelope();
  ASSERT_EQ(receive(good, 1), kNone);
  const size_t authenticated_at = fed_at_first_open_;
  EXPECT_GT(authenticated_at, 200U);
  EXPECT_LT(authenticated_at, 400U);
  for (size_t i = 0; i < authenticated_at; ++i) {
    Octets bad = good;
    bad[i] ^= 0x20;
    platform_.log.clear();
    platform_.calls = 0;
    EXPECT_NE(receive(bad, 512), kNone) << "octet " << i;
    const bool only_the_uri_key_changed = i + 8 >= authenticated_at;
    EXPECT_TRUE(platform_.calls == 0 || only_the_uri_key_changed) << "octet " << i;
  }
}

TEST_F(Receiving, EachPrefixIsIncompleteAndStagesNothing) {
  const Octets image = image_of(200, 3);
  author_.member(manifest_key::kValidate, sequence([](SequenceWriter& s) { s.command(command::kImageMatch, 15); }));
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) { fetch_component(s, 0, image, "#image"); }));
  const Octets envelope = author_.payload("#image", image).envelope();
  for (size_t length = 0; length < envelope.size(); ++length) {
    // What a component was doing when the envelope broke off is lost with the device that held it.
    device_[0] = &platform_.add(testing::component_id(0), "0");
    EXPECT_EQ(receive(ByteView(envelope).first(length), 16), Error::kTruncated) << length;
  }
}

TEST_F(Receiving, SeveralPayloadsAndPlacesInOneUpdate) {
  const Octets a = image_of(3000, 4), b = image_of(5000, 5), remote = image_of(4000, 6);
  author_.components(3);
  author_.member(manifest_key::kValidate,
                 sequence([](SequenceWriter& s) { s.set_all_components().command(command::kImageMatch, 15); }));
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                   fetch_component(s, 0, a, "#a");
                   fetch_component(s, 2, remote, "/img/remote");
                   fetch_component(s, 1, b, "#bb");
                 }));
  author_.payload("#a", a).payload("#b", image_of(700, 7)).payload("#bb", b).payload("#unused", image_of(10, 8));
  payloads_.payloads["/img/remote"] = remote;
  const Octets envelope = author_.envelope();
  for (const bool pauses : {false, true}) {
    payloads_.pauses = pauses;
    for (const size_t chunk : {size_t{13}, size_t{512}, envelope.size()}) {
      ASSERT_EQ(receive(envelope, chunk), kNone) << chunk;
      EXPECT_EQ(device_[0]->content, a);
      EXPECT_EQ(device_[1]->content, b);
      EXPECT_EQ(device_[2]->content, remote);
    }
  }
}

TEST_F(Receiving, IntegratedPayloadsHaveToBeThereInOrder) {
  const Octets a = image_of(100, 9), b = image_of(100, 10);
  const auto update = [&](std::string_view first, std::string_view second) {
    testing::Author author;
    author.components(2).member(manifest_key::kValidate, {0x80});
    author.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                    fetch_component(s, 0, a, first);
                    fetch_component(s, 1, b, second);
                  }));
    author_ = author.payload("#a", a).payload("#b", b);
    for (uint8_t i = 0; i < 2; ++i) device_[i] = &platform_.add(testing::component_id(i), std::to_string(i));
    return receive(author_.envelope(), 50);
  };
  EXPECT_EQ(update("#a", "#b"), kNone);
  EXPECT_EQ(update("#b", "#a"), Error::kImageDigestMismatch) << "b is not a";
  EXPECT_EQ(update("#a", "#c"), Error::kPayloadUnavailable);
  EXPECT_EQ(update("#a", "#a"), Error::kPayloadUnavailable) << "it streams past once";
}

TEST_F(Receiving, PayloadSizesAreHeld) {
  const Octets image = image_of(1000, 11);
  for (const size_t size : {size_t{0}, size_t{999}, size_t{1001}, size_t{50000}}) {
    author_ = testing::Author();
    author_.member(manifest_key::kValidate, {0x80});
    author_.member(manifest_key::kInstall,
                   sequence([&](SequenceWriter& s) { fetch_component(s, 0, image, "#image"); }));
    device_[0] = &platform_.add(testing::component_id(0), "0");
    EXPECT_EQ(receive(author_.payload("#image", image_of(size, 11)).envelope(), 100), Error::kImageSizeMismatch)
        << size;
    EXPECT_LE(device_[0]->content.size(), 1000U);
  }
}

TEST_F(Receiving, AnEmptyPayloadIsAPayload) {
  author_.member(manifest_key::kValidate, {0x80});
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) { fetch_component(s, 0, {}, "#none"); }));
  device_[0]->content = {1, 2, 3};
  EXPECT_EQ(receive(author_.payload("#none", {}).envelope(), 7), kNone);
  EXPECT_TRUE(device_[0]->content.empty());
}

TEST_F(Receiving, AResumedComponentSkipsWhatItHas) {
  const Octets image = image_of(5000, 12);
  author_.member(manifest_key::kValidate, sequence([](SequenceWriter& s) { s.command(command::kImageMatch, 15); }));
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) { fetch_component(s, 0, image, "#image"); }));
  const Octets envelope = author_.payload("#image", image).envelope();
  for (const uint32_t kept : {1U, 63U, 64U, 2048U, 4999U, 5000U}) {
    device_[0]->content.assign(image.begin(), image.begin() + kept);
    device_[0]->kept = kept;
    EXPECT_EQ(receive(envelope, 64), kNone) << kept;
    EXPECT_EQ(device_[0]->content, image);
  }
}

TEST_F(Receiving, WhatFollowsTheEnvelopeIsRefused) {
  author_.member(manifest_key::kValidate, {0x80}).member(manifest_key::kInstall, {0x80});
  Octets envelope = author_.envelope();
  ASSERT_EQ(receive(envelope, envelope.size()), kNone);
  envelope.push_back(0);
  EXPECT_EQ(receive(envelope, envelope.size()), Error::kTrailingBytes);
}

TEST_F(Receiving, ThePlatformHasTheLastWord) {
  const Octets image = image_of(100, 13);
  author_.member(manifest_key::kValidate, {0x80});
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) { fetch_component(s, 0, image, "#image"); }));
  const Octets envelope = author_.payload("#image", image).envelope();
  platform_.acceptance = Error::kUpdateInProgress;
  EXPECT_EQ(receive(envelope, 50), Error::kUpdateInProgress);
  EXPECT_TRUE(platform_.log.empty());
  platform_.acceptance = kOk;
  EXPECT_EQ(receive(envelope, 50), kNone);
}

TEST_F(Receiving, AWrongDeviceIsToldAtOnce) {
  Uuid other;
  other.bytes.fill(9);
  author_.shared(sequence([&](SequenceWriter& s) {
    s.override_parameters({.device_class = other}).command(command::kClassIdentifier, 15);
  }));
  author_.member(manifest_key::kValidate, {0x80}).member(manifest_key::kInstall, {0x80});
  EXPECT_EQ(receive(author_.payload("#image", image_of(100000, 1)).envelope(), 512), Error::kClassMismatch);
  EXPECT_TRUE(platform_.log.empty());
}

}  // namespace
}  // namespace tailor::processor
