// SPDX-License-Identifier: Apache-2.0
// Damaged envelopes, run through the whole recipient: nothing that is cut short is accepted, and whatever bit is
// flipped, no component changes before a signature holds.
#include <filesystem>

#include "tests/suit/vector_case.hpp"

namespace tailor::conformance {
namespace {

namespace fs = std::filesystem;
using Case = VectorCase;

/// Whether this build can run the case at all: keys of kinds that it lacks, procedures.
bool can_be_declared(const Case& one) {
  try {
    const auto device = declare(one.device);
    (void)device->receive({}, one.procedure);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

TEST(Damage, EveryPrefixOfEveryVectorIsRefused) {
  size_t runs = 0;
  for (const Case& one : VectorCase::all()) {
    if (!can_be_declared(one)) continue;
    const auto whole = declare(one.device);
    if (whole->receive(one.envelope, one.procedure).verdict != trial::Verdict::kDone) continue;
    for (size_t length = 0; length < one.envelope.size(); ++length, ++runs) {
      const auto device = declare(one.device);
      const trial::Ending outcome = device->receive(ByteView(one.envelope).first(length), one.procedure, 4096);
      ASSERT_EQ(outcome.verdict, trial::Verdict::kRefused) << one.name << " cut to " << length;
    }
  }
  EXPECT_GT(runs, 20000U);
}

TEST(Damage, PiecesOfAnySizeComeToTheSameEnd) {
  for (const Case& one : VectorCase::all()) {
    if (one.procedure != "update" || !can_be_declared(one)) continue;
    const auto at_once = declare(one.device);
    const trial::Ending expected = at_once->receive(one.envelope, one.procedure, one.envelope.size() + 1);
    for (const size_t chunk : {1U, 2U, 3U, 61U}) {
      const auto device = declare(one.device);
      const trial::Ending outcome = device->receive(one.envelope, one.procedure, chunk);
      EXPECT_EQ(outcome.verdict, expected.verdict) << one.name << " in pieces of " << chunk;
      EXPECT_EQ(outcome.error, expected.error)
          << one.name << " in pieces of " << chunk << " " << tailor::name_of(outcome.error);
      if (expected.verdict == trial::Verdict::kRefused) continue;  // how far it came until it saw why may differ
      EXPECT_EQ(trial::outcome_of(*device), trial::outcome_of(*at_once)) << one.name << " in pieces of " << chunk;
    }
  }
}

class BitFlips : public ::testing::TestWithParam<const char*> {};

TEST_P(BitFlips, AreRefusedOrWithoutEffectAndChangeNothingUnsigned) {
  const Case one = VectorCase::read(GetParam());
  const auto untouched = declare(one.device), whole = declare(one.device);
  ASSERT_EQ(whole->receive(one.envelope, one.procedure).verdict, trial::Verdict::kDone);
  size_t refused = 0;
  for (size_t at = 0; at < one.envelope.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Octets altered = one.envelope;
      altered[at] = static_cast<uint8_t>(altered[at] ^ (1U << bit));
      const auto device = declare(one.device);
      if (device->receive(altered, one.procedure, 4096).verdict == trial::Verdict::kDone) {
        EXPECT_EQ(trial::outcome_of(*device), trial::outcome_of(*whole)) << "octet " << at << " bit " << bit;
        continue;
      }
      ++refused;
      // The head of the envelope's map is not signed: its count may say that more follows behind what was signed.
      const bool count_of_members = at == 2;
      const auto& expected = count_of_members && !device->device.untouched() ? whole : untouched;
      EXPECT_EQ(trial::outcome_of(*device), trial::outcome_of(*expected)) << "octet " << at << " bit " << bit;
    }
  }
  EXPECT_GT(refused, one.envelope.size() * 8 / 2);
}

// One signature; a section behind the manifest; two signatures of which the device knows one.
INSTANTIATE_TEST_SUITE_P(Envelopes, BitFlips, ::testing::Values("fetch", "severed-install", "two-blocks-one-known"),
                         [](const auto& parameter) {
                           std::string name(parameter.param);
                           std::erase(name, '-');
                           return name;
                         });

// The payload streams past behind what is signed: it may be written, and its digest decides.
TEST(Damage, BitFlipsOfAnIntegratedPayloadAreSeen) {
  const Case one = VectorCase::read("integrated-payload");
  for (size_t at = one.envelope.size() - 99; at < one.envelope.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Octets altered = one.envelope;
      altered[at] = static_cast<uint8_t>(altered[at] ^ (1U << bit));
      const auto device = declare(one.device);
      const trial::Ending outcome = device->receive(altered, one.procedure);
      EXPECT_EQ(outcome.verdict, trial::Verdict::kRefused) << "octet " << at << " bit " << bit;
      EXPECT_EQ(outcome.error, Error::kImageDigestMismatch) << "octet " << at << " bit " << bit;
    }
  }
}

TEST(Damage, EveryPrefixOfAnOfficialVectorIsRefused) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  const Case base = VectorCase::read("fetch");
  Json state = base.device;
  const Octets key = testing::read_octets(*folder / "suit/keys/suit-wg-p256-public.cbor");
  state["trusted"] = Json::array({{{"key", to_hex(key)}}});
  state["leniency"] = {"legacy-algorithms", "untagged-envelope"};
  size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(*folder / "suit")) {
    const std::string extension = entry.path().extension();
    if ((extension != ".suit" && extension != ".cbor") || entry.path().parent_path().filename() == "keys") continue;
    const Octets bytes = testing::read_octets(entry.path());
    for (size_t length = 0; length < bytes.size(); ++length) {
      const auto device = declare(state);
      ASSERT_EQ(device->receive(ByteView(bytes).first(length), "update", 4096).verdict, trial::Verdict::kRefused)
          << entry.path() << " cut to " << length;
    }
    ++files;
  }
  EXPECT_GT(files, 30U);
}

}  // namespace
}  // namespace tailor::conformance
