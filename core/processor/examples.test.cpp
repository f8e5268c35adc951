// SPDX-License-Identifier: Apache-2.0
// The published examples of the SUIT manifest draft, run end to end, and the files of old drafts, with the outcomes
// that MANIFEST.tsv states. Image digests of the examples are made-up patterns: components claim them.
#include <gtest/gtest.h>

#include <sstream>

#include "core/processor/receiver.hpp"
#include "testing/suit/author.hpp"
#include "testing/suit/declared_platform.hpp"

namespace tailor::processor {
namespace {

using testing::Octets;

constexpr Error kNone = Error{};
/// They sign with ES256 (-7).
constexpr suit::Leniency kExamples{.legacy_algorithms = true};
constexpr crypto::Sha256Digest kDigestA = "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210"_hex;
constexpr crypto::Sha256Digest kDigestB = "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff"_hex;
constexpr uint32_t kSizeA = 34768;
constexpr uint32_t kSizeB = 76834;

/// Public part of a COSE_Key that may be private, which decode_key() refuses.
crypto::P256PublicKey public_part(const Octets& encoded) {
  crypto::P256PublicKey key;
  cbor::Reader reader(encoded);
  const size_t pairs = reader.take_map().value();
  for (size_t i = 0; i < pairs; ++i) {
    const int64_t label = reader.take_int().value();
    const ByteView item = reader.take_item().value();
    if (label != -2 && label != -3) continue;
    const ByteView coordinate = cbor::Reader(item).take_bytes().value();
    std::copy(coordinate.begin(), coordinate.end(), key.xy.begin() + (label == -2 ? 0 : 32));
  }
  return key;
}

/// The device that the examples are for, and a server that has their images.
class Examples : public ::testing::Test {
 protected:
  Examples() {
    platform_.who.vendor = Uuid::from_text("fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe").value();
    platform_.who.device_class = Uuid::from_text("1492af14-2569-5e48-bf42-9b2d51f2ab45").value();
    for (uint8_t i = 0; i < 3; ++i) device_.push_back(&platform_.add(testing::component_id(i), std::to_string(i)));
    payloads_.piece = 1024;
    payloads_.pauses = true;
    payloads_.payloads["http://example.com/file.bin"] = Octets(kSizeA, 0xA1);
    payloads_.payloads["http://example.com/very/long/path/to/file/file.bin"] = Octets(kSizeA, 0xA2);
    payloads_.payloads["http://example.com/file1.bin"] = Octets(kSizeA, 0xF1);
    payloads_.payloads["http://example.com/file2.bin"] = Octets(kSizeB, 0xF2);
  }

  void SetUp() override {
    const auto folder = testing::vectors_folder();
    if (!folder) GTEST_SKIP() << "no vectors";
    folder_ = *folder / "suit";
  }

  Octets example(const std::string& name) const { return testing::read_octets(folder_ / "manifest-37" / name); }

  /// Receives an update in chunks and returns its outcome.
  Error receive(const Octets& envelope, size_t chunk = 37) {
    std::array<uint8_t, limits::kManifestBytes> buffer;
    UpdateReceiver receiver(buffer, anchors_, {platform_, payloads_, all_}, kExamples);
    ByteView rest(envelope);
    for (int turns = 0; turns < 1000000; ++turns) {
      ByteView input = rest.first(std::min(chunk, rest.size()));
      const size_t offered = input.size();
      const auto progress = receiver.feed(input);
      if (!progress.ok()) return progress.error();
      rest = rest.subspan(offered - input.size());
      if (*progress == Progress::kDone && rest.empty()) return receiver.staged().ok() ? kNone : Error::kInternal;
      if (*progress == Progress::kNeedInput && rest.empty()) return receiver.finish().error();
    }
    return Error::kTimeout;
  }

  /// Runs a procedure over an envelope that is whole in memory, as at boot.
  Error run(const Octets& bytes, Procedure procedure, const CommandTable& commands = kUpdateCommands) {
    const auto envelope = suit::Envelope::from_bytes(bytes);
    if (!envelope.ok()) return envelope.error();
    const auto authentic = suit::authenticate(*envelope, anchors_, kExamples);
    if (!authentic.ok()) return authentic.error();
    Processor processor({platform_, payloads_, all_}, commands);
    const auto applicable = processor.check(*authentic);
    if (!applicable.ok()) return applicable.error();
    const Status started = processor.start(*applicable, procedure);
    if (!started.ok()) return started.error();
    const auto progress = processor.step();
    return progress.ok() ? kNone : progress.error();
  }

  using Log = std::vector<std::string>;

  std::filesystem::path folder_;
  testing::DeclaredPlatform platform_;
  testing::DeclaredPayloads payloads_;
  testing::AllowAll all_;
  testing::AllowNothing nothing_;
  std::vector<testing::DeclaredComponent*> device_;
  testing::KnownKeys anchors_{{testing::example_key()}};
};

TEST_F(Examples, Example0SecureBoot) {
  device_[0]->claims = {kDigestA};
  device_[0]->claimed_size = kSizeA;
  EXPECT_EQ(run(example("example0-signed.suit"), Procedure::kInvoke, kBootCommands), kNone);
  EXPECT_EQ(platform_.log, (Log{"digest 0", "invoke 0"}));
  EXPECT_EQ(receive(example("example0-signed.suit")), Error::kSequenceMissing) << "it is no update";
}

TEST_F(Examples, Example0WithAnotherImageDoesNotBoot) {
  device_[0]->claims = {kDigestB};
  device_[0]->claimed_size = kSizeA;
  EXPECT_EQ(run(example("example0-signed.suit"), Procedure::kInvoke, kBootCommands), Error::kImageDigestMismatch);
  EXPECT_EQ(platform_.log, (Log{"digest 0"}));
}

TEST_F(Examples, Example1Update) {
  device_[0]->claims = {kDigestA};
  EXPECT_EQ(receive(example("example1-signed.suit")), kNone);
  EXPECT_EQ(platform_.log, (Log{"open 0", "finish 0 34768", "digest 0", "digest 0"}));
  EXPECT_EQ(device_[0]->content, Octets(kSizeA, 0xA1));
}

TEST_F(Examples, Example2SeveredMembersThatCame) {
  device_[0]->claims = {kDigestA};
  EXPECT_EQ(receive(example("example2-signed.suit")), kNone);
  EXPECT_EQ(platform_.log, (Log{"open 0", "finish 0 34768", "digest 0", "digest 0"}));
  platform_.log.clear();
  EXPECT_EQ(run(example("example2-signed.suit"), Procedure::kInvoke, kBootCommands), kNone);
  EXPECT_EQ(platform_.log, (Log{"digest 0", "invoke 0"}));
}

TEST_F(Examples, Example2SeveredMembersThatWereLeftOut) {
  device_[0]->claims = {kDigestA};
  EXPECT_EQ(receive(example("example2-signed-severed.suit")), Error::kMemberMissing);
  EXPECT_EQ(run(example("example2-signed-severed.suit"), Procedure::kUpdate), Error::kMemberMissing);
  EXPECT_TRUE(platform_.log.empty());
  device_[0]->claimed_size = kSizeA;
  EXPECT_EQ(run(example("example2-signed-severed.suit"), Procedure::kInvoke, kBootCommands), kNone);
}

TEST_F(Examples, Example3ChoosesTheSlot) {
  device_[0]->claims = {kDigestA};
  EXPECT_EQ(receive(example("example3-signed.suit")), kNone);
  EXPECT_EQ(device_[0]->content, Octets(kSizeA, 0xF1));
  device_[0]->present_slot = 1;
  device_[0]->claims = {kDigestB};
  EXPECT_EQ(receive(example("example3-signed.suit")), kNone);
  EXPECT_EQ(device_[0]->content, Octets(kSizeB, 0xF2));
  device_[0]->present_slot = 2;
  EXPECT_EQ(receive(example("example3-signed.suit")), Error::kTryEachExhausted);
}

TEST_F(Examples, Example4LoadsFromExternalStorage) {
  for (auto* component : device_) component->claims = {kDigestA};
  EXPECT_EQ(receive(example("example4-signed.suit")), kNone);
  // Its components are 00, 02 and 01, in this order.
  EXPECT_EQ(platform_.log,
            (Log{"open 2", "finish 2 34768", "digest 2", "open 0", "finish 0 34768", "digest 0", "digest 0"}));
  // The load of this example unpacks: its result is larger than its source. Here the source has that size already.
  platform_.log.clear();
  device_[0]->content.assign(kSizeB, 0xDD);
  device_[0]->claimed_size = kSizeA;
  device_[1]->claims = {kDigestB};
  EXPECT_EQ(run(example("example4-signed.suit"), Procedure::kInvoke), kNone);
  EXPECT_EQ(platform_.log, (Log{"digest 0", "open 1", "finish 1 76834", "digest 1", "invoke 1"}));
}

TEST_F(Examples, Example5TwoImages) {
  device_[0]->claims = {kDigestA};
  device_[1]->claims = {kDigestB};
  EXPECT_EQ(receive(example("example5-signed.suit")), kNone);
  EXPECT_EQ(platform_.log, (Log{"open 0", "finish 0 34768", "digest 0", "open 1", "finish 1 76834", "digest 1",
                                "digest 0", "digest 1"}));
  platform_.log.clear();
  EXPECT_EQ(run(example("example5-signed.suit"), Procedure::kInvoke, kBootCommands), kNone);
  EXPECT_EQ(platform_.log, (Log{"digest 0", "digest 1", "invoke 0"}));
}

// Each row of MANIFEST.tsv for the two sets: authentic or not, and why.
TEST_F(Examples, EveryFileHasTheOutcomeThatIsStated) {
  const testing::KnownKeys anchors(
      {testing::example_key(), public_part(testing::read_octets(folder_ / "keys/libcsuit-delegated-p256.cbor"))});
  std::istringstream table(testing::read_text(folder_ / "MANIFEST.tsv"));
  size_t accepted = 0, unsigned_files = 0, refused = 0;
  for (std::string line; std::getline(table, line);) {
    std::vector<std::string> columns;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) columns.push_back(cell);
    if (columns.size() < 7) continue;
    const std::string& file = columns[0];
    const std::string& expected = columns[6];
    if (!file.ends_with(".suit") && !file.ends_with(".cbor")) continue;
    if (!file.starts_with("manifest-37/") && !file.starts_with("old-drafts/")) continue;
    const Octets bytes = testing::read_octets(folder_ / file);
    ASSERT_EQ(std::to_string(bytes.size()), columns[1]) << file;

    Error outcome = kNone;
    if (expected.find("expected: refuse") != std::string::npos) {
      outcome = Error::kUnknownKey;
      ++refused;
    } else if (expected.find("MUST be refused") != std::string::npos) {
      outcome = Error::kAuthenticationMissing;
      ++unsigned_files;
    } else {
      ++accepted;
    }
    const auto envelope = suit::Envelope::from_bytes(bytes);
    const auto authentic = envelope.ok() ? suit::authenticate(*envelope, anchors, kExamples)
                                         : Result<suit::AuthenticManifest>(envelope.error());
    // Its dependencies are in the form of an old draft, which is seen first.
    if (file == "old-drafts/suit_manifest_expID.cbor") outcome = Error::kCborWrongType;
    EXPECT_EQ(authentic.ok() ? kNone : authentic.error(), outcome) << file;
    if (outcome != kNone) {
      const Error received = receive(bytes);
      EXPECT_TRUE(received == outcome || file.ends_with("expID.cbor")) << file << name_of(received);
      EXPECT_NE(received, kNone) << file;
      continue;
    }
    EXPECT_EQ(suit::authenticate(*envelope, anchors, {}).error(), Error::kAlgorithmUnsupported)
        << file << ": ES256 needs the switch";
    for (size_t length = 0; length < bytes.size(); ++length) {
      std::array<uint8_t, limits::kManifestBytes> buffer;
      UpdateReceiver receiver(buffer, anchors_, {platform_, payloads_, nothing_}, kExamples);
      ByteView input = ByteView(bytes).first(length);
      const auto progress = receiver.feed(input);
      EXPECT_FALSE(progress.ok() && receiver.finish().ok()) << file << " cut to " << length;
    }
  }
  EXPECT_EQ(accepted, 8U);
  EXPECT_EQ(unsigned_files, 6U);
  EXPECT_EQ(refused, 11U);
}

TEST_F(Examples, NoAlteredOctetIsAuthentic) {
  for (const char* name : {"example0-signed.suit", "example1-signed.suit"}) {
    const Octets bytes = example(name);
    for (size_t i = 0; i < bytes.size(); ++i) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        Octets altered = bytes;
        altered[i] = static_cast<uint8_t>(altered[i] ^ (1U << bit));
        const auto envelope = suit::Envelope::from_bytes(altered);
        EXPECT_FALSE(envelope.ok() && suit::authenticate(*envelope, anchors_, kExamples).ok())
            << name << " octet " << i << " bit " << bit;
      }
    }
  }
}

}  // namespace
}  // namespace tailor::processor
