// SPDX-License-Identifier: Apache-2.0
// The published examples of the SUIT manifest draft as a boot program sees them: its reduced command table is enough to
// start what they installed. Their outcomes as updates are asserted by tests/suit/official.py.
#include <gtest/gtest.h>

#include "core/processor/processor.hpp"
#include "testing/suit/author.hpp"
#include "testing/suit/declared_platform.hpp"

namespace tailor::processor {
namespace {

using testing::Octets;
using Log = std::vector<std::string>;

/// They sign with ES256 (-7).
constexpr suit::Leniency kExamples{.legacy_algorithms = true};
/// Image digests of the examples are made-up patterns: components claim them.
constexpr auto kDigestA = "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210"_hex;
constexpr auto kDigestB = "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff"_hex;
constexpr uint32_t kSizeA = 34768;
constexpr uint32_t kSizeB = 76834;

class Examples : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto folder = testing::vectors_folder();
    if (!folder) GTEST_SKIP() << "no vectors";
    folder_ = *folder / "suit/manifest-37";
    platform_.who.vendor = Uuid::from_text("fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe").value();
    platform_.who.device_class = Uuid::from_text("1492af14-2569-5e48-bf42-9b2d51f2ab45").value();
  }

  void has(uint8_t component, ByteView claimed_digest, uint32_t claimed_size) {
    testing::DeclaredComponent& added = platform_.add(testing::component_id(component), std::to_string(component));
    added.claimed_digests = {Octets(claimed_digest.begin(), claimed_digest.end())};
    added.claimed_size = claimed_size;
  }

  Error boots(const char* name) {
    const Octets bytes = testing::read_octets(folder_ / name);
    const auto envelope = suit::Envelope::from_bytes(bytes);
    if (!envelope.ok()) return envelope.error();
    const auto authentic = suit::authenticate(*envelope, anchors_, kExamples);
    if (!authentic.ok()) return authentic.error();
    Processor processor({platform_, payloads_, all_}, kBootCommands);
    const auto applicable = processor.check(*authentic);
    if (!applicable.ok()) return applicable.error();
    const Status started = processor.start(*applicable, Procedure::kInvoke);
    if (!started.ok()) return started.error();
    const auto progress = processor.step();
    return progress.ok() ? Error{} : progress.error();
  }

  std::filesystem::path folder_;
  testing::DeclaredPlatform platform_;
  testing::DeclaredPayloads payloads_;
  testing::AllowAll all_;
  testing::KnownKeys anchors_{{testing::example_key()}};
};

TEST_F(Examples, TheBootTableStartsWhatTheyInstalled) {
  has(0, kDigestA, kSizeA);
  for (const char* name : {"example0-signed.suit", "example2-signed.suit", "example2-signed-severed.suit"}) {
    platform_.log.clear();
    EXPECT_EQ(boots(name), Error{}) << name;
    EXPECT_EQ(platform_.log, (Log{"digest 0", "invoke 0"})) << name;
  }
  has(1, kDigestB, kSizeB);
  platform_.log.clear();
  EXPECT_EQ(boots("example5-signed.suit"), Error{});
  EXPECT_EQ(platform_.log, (Log{"digest 0", "digest 1", "invoke 0"}));
}

TEST_F(Examples, TheBootTableRefusesAnotherImageAndWhatIsNoBoot) {
  has(0, kDigestB, kSizeA);
  EXPECT_EQ(boots("example0-signed.suit"), Error::kImageDigestMismatch);
  EXPECT_EQ(platform_.log, (Log{"digest 0"}));
  EXPECT_EQ(boots("example1-signed.suit"), Error::kSequenceMissing) << "it has no invoke";
}

TEST_F(Examples, NoAlteredOctetIsAuthentic) {
  for (const char* name : {"example0-signed.suit", "example1-signed.suit"}) {
    const Octets bytes = testing::read_octets(folder_ / name);
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
