// SPDX-License-Identifier: Apache-2.0
// Signatures as the reference implementation makes them from the same seeds, and as our verifier takes them: every
// parameter set, every place in a tree, every bit.
#include "authoring/hss/signature.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "core/crypto/crypto.hpp"
#include "core/hss/verify.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::authoring {
namespace {

constexpr std::string_view kMessage = "tailor";

bool verifies(ByteView key, ByteView message, ByteView signature) {
  hss::SignatureInMemory source(signature);
  const ByteView pieces[] = {message};
  return hss::verify(key, pieces, source).ok();
}

HssSecret secret_of(std::string_view levels) {
  HssSecret secret;
  secret.levels = parse_levels(levels).value();
  secret.identifier.fill(0x49);
  secret.seed = SecretBytes(Bytes(secret.levels.front().hash_bytes, 0x53));
  return secret;
}

/// "Name = hexadecimal" lines of Botan's files, from a file, in order.
std::vector<std::pair<std::string, testing::Octets>> read_lines(const std::filesystem::path& file) {
  std::vector<std::pair<std::string, testing::Octets>> found;
  std::istringstream lines(testing::read_text(file));
  for (std::string line; std::getline(lines, line);) {
    const size_t equals = line.find(" = ");
    if (line.starts_with("#") || equals == std::string::npos) continue;
    std::string value = line.substr(equals + 3);
    if (value.size() % 2 != 0) value.insert(0, 1, '0');
    found.emplace_back(line.substr(0, equals), testing::from_hex(value));
  }
  return found;
}

// PrivateKey: levels, number, the type codes, seed, I.
TEST(HssSigningVectors, AreThoseOfTheReferenceImplementation) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors at hand";
  const auto lines = read_lines(*folder / "protocols/lms/botan_hss_lms_sig.txt");
  int count = 0;
  for (size_t i = 0; i + 2 < lines.size(); i += 3, ++count) {
    const testing::Octets& key = lines[i].second;
    ASSERT_EQ(lines[i].first, "PrivateKey");
    const size_t levels = hss::read_u32(key.data());
    uint64_t number = 0;
    for (size_t at = 4; at < 12; ++at) number = number << 8U | key[at];
    HssSecret secret;
    for (size_t level = 0; level < levels; ++level) {
      const uint8_t* const types = key.data() + 12 + 8 * level;
      secret.levels.push_back(hss::parameters_of(hss::read_u32(types), hss::read_u32(types + 4)).value());
    }
    const size_t seed_bytes = secret.levels.front().hash_bytes;
    ASSERT_EQ(key.size(), 12 + 8 * levels + seed_bytes + 16);
    secret.seed = SecretBytes(ByteView(key).subspan(12 + 8 * levels, seed_bytes));
    std::copy_n(key.end() - 16, 16, secret.identifier.begin());
    LeafCache cache;
    EXPECT_TRUE(equal(hss_sign(secret, number, lines[i + 1].second, cache), lines[i + 2].second)) << count;
  }
  EXPECT_EQ(count, 2);
}

// Seed, message, q, public key, and the SHA-256 digest of the signature.
TEST(HssSigningVectors, SingleTreesAreThoseOfTheReferenceImplementation) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors at hand";
  const auto lines = read_lines(*folder / "protocols/lms/botan_lms.txt");
  int count = 0;
  for (size_t i = 0; i + 4 < lines.size(); i += 5) {
    ASSERT_EQ(lines[i].first, "Seed");
    const testing::Octets& public_key = lines[i + 3].second;
    const auto found = hss::parameters_of(hss::read_u32(public_key.data()), hss::read_u32(public_key.data() + 4));
    if (!found.ok() || found->height > 10) continue;
    TreeSecret secret{.parameters = *found, .identifier = {}, .seed = SecretBytes(lines[i].second)};
    std::copy_n(public_key.begin() + 8, 16, secret.identifier.begin());
    const Leaves leaves = make_leaves(secret);
    EXPECT_TRUE(equal(lms_public_key(secret, leaves), public_key));
    const Bytes signature = lms_sign(secret, leaves, lines[i + 2].second.at(0), lines[i + 1].second);
    EXPECT_TRUE(equal(crypto::sha256(signature).value(), lines[i + 4].second)) << i;
    ++count;
  }
  EXPECT_GE(count, 3);
}

TEST(HssSigning, EveryParameterSetVerifies) {
  for (const char* width : {"1", "2", "4", "8"}) {
    for (const char* suffix : {"", "/192"}) {
      const HssSecret secret = secret_of(std::string("H5/W") + width + suffix);
      LeafCache cache;
      const Bytes key = hss_public_key(secret, cache);
      for (const uint64_t number : {0U, 1U, 30U, 31U}) {
        Bytes signature = hss_sign(secret, number, as_bytes(kMessage), cache);
        EXPECT_TRUE(verifies(key, as_bytes(kMessage), signature)) << width << suffix << number;
        EXPECT_FALSE(verifies(key, as_bytes("Tailor"), signature));
        signature.back() ^= 1U;
        EXPECT_FALSE(verifies(key, as_bytes(kMessage), signature));
      }
    }
  }
}

TEST(HssSigning, EveryLevelCountVerifiesAcrossTheEndOfATree) {
  std::string levels = "H5/W4";
  for (size_t count = 1; count <= hss::kMaxLevels; ++count, levels += ",H5/W4") {
    const HssSecret secret = secret_of(levels);
    EXPECT_EQ(secret.capacity(), uint64_t{1} << (5 * count));
    LeafCache cache;
    const Bytes key = hss_public_key(secret, cache);
    EXPECT_EQ(key.size(), 60U);
    for (const uint64_t number : {uint64_t{0}, uint64_t{31}, uint64_t{32}, secret.capacity() - 1}) {
      if (number >= secret.capacity()) continue;
      EXPECT_TRUE(verifies(key, as_bytes(kMessage), hss_sign(secret, number, as_bytes(kMessage), cache)))
          << count << " " << number;
    }
  }
}

TEST(HssSigning, EveryChangedBitOfASmallSignatureIsRefused) {
  const HssSecret secret = secret_of("H5/W4/192");
  LeafCache cache;
  const Bytes key = hss_public_key(secret, cache);
  const Bytes good = hss_sign(secret, 5, as_bytes(kMessage), cache);
  ASSERT_TRUE(verifies(key, as_bytes(kMessage), good));
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes changed = good;
    changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    ASSERT_FALSE(verifies(key, as_bytes(kMessage), changed)) << bit;
  }
  for (size_t length = 0; length < good.size(); ++length) {
    ASSERT_FALSE(verifies(key, as_bytes(kMessage), ByteView(good).first(length))) << length;
  }
}

// A one-time key may sign the same bytes any number of times, and only those: the trees above the last one do.
TEST(HssSigning, TheSameNumberAndMessageGiveTheSameSignature) {
  const HssSecret secret = secret_of("H5/W4,H5/W8");
  LeafCache one;
  LeafCache two;
  const Bytes a = hss_sign(secret, 40, as_bytes(kMessage), one);
  EXPECT_EQ(a, hss_sign(secret, 40, as_bytes(kMessage), two));
  const Bytes b = hss_sign(secret, 41, as_bytes("another"), one);
  const size_t upper = 4 + secret.levels[0].lms_signature_bytes() + secret.levels[1].public_key_bytes();
  EXPECT_TRUE(equal(ByteView(a).first(upper), ByteView(b).first(upper)));
}

TEST(HssParameters, AreReadAndWritten) {
  for (const char* text : {"H5/W1", "H10/W8", "H15/W4", "H5/W8,H10/W4", "H5/W2/192,H5/W8/192"}) {
    EXPECT_EQ(levels_to_text(parse_levels(text).value()), text);
  }
  constexpr const char* kNineLevels = "H5/W8,H5/W8,H5/W8,H5/W8,H5/W8,H5/W8,H5/W8,H5/W8,H5/W8";
  for (const char* text : {"", "H10", "W8", "H10/W8/", "H10/W8/256", "H11/W8", "H20/W8", "H10/W3", "h10/w8", "H10/W8,",
                           ",H10/W8", "H10/W8 ", "H-5/W8", "H5/W8,H5/W8/192", kNineLevels}) {
    const auto levels = parse_levels(text);
    ASSERT_FALSE(levels.ok()) << text;
    EXPECT_EQ(levels.error().code, Error::kUsageInvalid) << text;
  }
}

}  // namespace
}  // namespace tailor::authoring
