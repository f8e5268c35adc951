// SPDX-License-Identifier: Apache-2.0
// HSS/LMS verification against published signatures (RFC 8554 appendix F, the cisco reference implementation's through
// Botan, COSE examples) and against damaged ones. Signatures of every parameter set are made and verified in
// authoring/hss.
#include "core/hss/verify.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "testing/vectors/vectors.hpp"

namespace tailor::hss {
namespace {

using testing::Octets;

Status check(ByteView key, ByteView message, ByteView signature) {
  SignatureInMemory source(signature);
  const ByteView pieces[] = {message};
  return verify(key, pieces, source);
}

/// The records of a file of Botan's: "Name = hexadecimal" lines, ended by a blank line.
std::vector<std::map<std::string, Octets>> read_records(const std::filesystem::path& file) {
  std::vector<std::map<std::string, Octets>> records(1);
  std::istringstream lines(testing::read_text(file));
  for (std::string line; std::getline(lines, line);) {
    const size_t equals = line.find(" =");
    if (line.starts_with("#")) continue;
    if (line.empty() && !records.back().empty()) records.emplace_back();
    if (equals == std::string::npos) continue;
    records.back()[line.substr(0, equals)] = testing::from_hex(std::string_view(line).substr(equals + 2));
  }
  if (records.back().empty()) records.pop_back();
  return records;
}

#define TAILOR_VECTORS_OR_SKIP(folder)           \
  const auto folder = testing::vectors_folder(); \
  if (!folder) GTEST_SKIP() << "no vectors at hand"

TEST(HssVectors, Rfc8554AppendixF) {
  TAILOR_VECTORS_OR_SKIP(folder);
  const std::string document = testing::read_text(*folder / "protocols/hss_lms_rfc8554_f.json");
  const auto keys = testing::json_texts(document, "hss_public_key");
  const auto messages = testing::json_texts(document, "message");
  const auto signatures = testing::json_texts(document, "hss_signature");
  ASSERT_EQ(keys.size(), 2U);
  for (size_t i = 0; i < keys.size(); ++i) {
    const Octets message = testing::from_hex(messages[i]);
    EXPECT_TRUE(check(testing::from_hex(keys[i]), message, testing::from_hex(signatures[i])).ok());
    EXPECT_EQ(
        check(testing::from_hex(keys[i]), ByteView(message).first(message.size() - 1), testing::from_hex(signatures[i]))
            .error(),
        Error::kSignatureInvalid);
  }
}

TEST(HssVectors, BotanVerifies) {
  TAILOR_VECTORS_OR_SKIP(folder);
  int verified = 0;
  int unsupported = 0;
  for (const auto& record : read_records(*folder / "protocols/lms/botan_hss_lms_verify.txt")) {
    const Status status = check(record.at("PublicKey"), record.at("Msg"), record.at("Signature"));
    if (status.ok()) {
      ++verified;
    } else {
      // The SHAKE256 sets.
      EXPECT_EQ(status.error(), Error::kAlgorithmUnsupported);
      EXPECT_GE(read_u32(record.at("PublicKey").data() + 4), 15U);
      EXPECT_EQ(check_public_key(record.at("PublicKey")).error(), Error::kAlgorithmUnsupported);
      ++unsupported;
    }
  }
  EXPECT_EQ(verified, 3);
  EXPECT_EQ(unsupported, 2);
}

TEST(HssVectors, BotanRefuses) {
  TAILOR_VECTORS_OR_SKIP(folder);
  int refused = 0;
  for (const auto& record : read_records(*folder / "protocols/lms/botan_hss_lms_invalid.txt")) {
    const Status status = check(record.at("PublicKey"), record.at("Msg"), record.at("InvalidSignature"));
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error(), Error::kSignatureInvalid);
    ++refused;
  }
  EXPECT_EQ(refused, 4);
}

TEST(HssVectors, CoseExampleWithTenLevelsOfNodes) {
  TAILOR_VECTORS_OR_SKIP(folder);
  for (const char* name : {"hsssig-sig-01.json", "hashsig-01.json"}) {
    const std::string document = testing::read_text(*folder / "suit/cose-hss-lms" / name);
    const Octets key = testing::from_hex(testing::json_texts(document, "public").at(0));
    const Octets message = testing::from_hex(testing::json_texts(document, "ToBeSign_hex").at(0));
    const Octets cbor = testing::from_hex(testing::json_texts(document, "cbor").at(0));
    const ByteView signature = ByteView(cbor).last(2512);
    EXPECT_TRUE(check(key, message, signature).ok()) << name;
    // The message in pieces is the same message.
    SignatureInMemory source(signature);
    const ByteView pieces[] = {ByteView(message).first(3), {}, ByteView(message).subspan(3)};
    EXPECT_TRUE(verify(key, pieces, source).ok());
  }
}

/// The first signature of RFC 8554 appendix F: two levels of H5 with W8.
struct Example {
  Octets key, message, signature;
};

std::optional<Example> example() {
  const auto folder = testing::vectors_folder();
  if (!folder) return std::nullopt;
  const std::string document = testing::read_text(*folder / "protocols/hss_lms_rfc8554_f.json");
  return Example{testing::from_hex(testing::json_texts(document, "hss_public_key").at(0)),
                 testing::from_hex(testing::json_texts(document, "message").at(0)),
                 testing::from_hex(testing::json_texts(document, "hss_signature").at(0))};
}

TEST(HssVectors, EveryPrefixAndEveryLongerSignatureIsRefused) {
  const auto good = example();
  if (!good) GTEST_SKIP() << "no vectors at hand";
  for (size_t length = 0; length < good->signature.size(); ++length) {
    ASSERT_EQ(check(good->key, good->message, ByteView(good->signature).first(length)).error(),
              Error::kSignatureInvalid)
        << length;
  }
  Octets longer = good->signature;
  longer.push_back(0);
  EXPECT_EQ(check(good->key, good->message, longer).error(), Error::kSignatureInvalid);
}

TEST(HssVectors, EveryChangedOctetIsRefused) {
  const auto good = example();
  if (!good) GTEST_SKIP() << "no vectors at hand";
  for (size_t at = 0; at < good->signature.size(); ++at) {
    Octets changed = good->signature;
    changed[at] = static_cast<uint8_t>(changed[at] ^ (1U << (at % 8)));
    ASSERT_FALSE(check(good->key, good->message, changed).ok()) << at;
  }
  for (size_t bit = 0; bit < good->key.size() * 8; ++bit) {
    Octets changed = good->key;
    changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    ASSERT_FALSE(check(changed, good->message, good->signature).ok()) << bit;
  }
}

TEST(Hss, ParametersAreThoseOfTheStandards) {
  struct Row {
    uint32_t lms_type, ots_type;
    unsigned height, hash_bytes, width, chains, checksum_left;
    size_t signature_bytes;  // RFC 8554 table 1 and SP 800-208 table 1, 3: the LM-OTS signature
  };
  const Row rows[] = {{5, 1, 5, 32, 1, 265, 7, 8516},   {6, 2, 10, 32, 2, 133, 6, 4292},
                      {7, 3, 15, 32, 4, 67, 4, 2180},   {8, 4, 20, 32, 8, 34, 0, 1124},
                      {9, 4, 25, 32, 8, 34, 0, 1124},   {10, 5, 5, 24, 1, 200, 8, 4828},
                      {11, 6, 10, 24, 2, 101, 6, 2452}, {12, 7, 15, 24, 4, 51, 4, 1252},
                      {13, 8, 20, 24, 8, 26, 0, 652},   {14, 8, 25, 24, 8, 26, 0, 652}};
  for (const Row& row : rows) {
    const Parameters found = parameters_of(row.lms_type, row.ots_type).value();
    EXPECT_EQ(found.height, row.height);
    EXPECT_EQ(found.hash_bytes, row.hash_bytes);
    EXPECT_EQ(found.width, row.width);
    EXPECT_EQ(found.chains, row.chains);
    EXPECT_EQ(found.checksum_left, row.checksum_left);
    EXPECT_EQ(found.ots_signature_bytes(), row.signature_bytes);
  }
  for (uint32_t lms = 0; lms < 30; ++lms) {
    for (uint32_t ots = 0; ots < 20; ++ots) {
      const bool known =
          (lms >= 5 && lms <= 9 && ots >= 1 && ots <= 4) || (lms >= 10 && lms <= 14 && ots >= 5 && ots <= 8);
      EXPECT_EQ(parameters_of(lms, ots).ok(), known) << lms << " " << ots;
    }
  }
}

TEST(Hss, CoefficientsAreThoseOfRfc8554) {
  // RFC 8554 3.1.3: coef(0x1234, 7, 1) is 0, coef(0x1234, 0, 4) is 1.
  std::array<uint8_t, kMaxHashBytes + 2> digits{0x12, 0x34};
  EXPECT_EQ(coefficient(digits.data(), 1, 7), 0U);
  EXPECT_EQ(coefficient(digits.data(), 1, 3), 1U);
  EXPECT_EQ(coefficient(digits.data(), 2, 14), 0U);
  EXPECT_EQ(coefficient(digits.data(), 4, 0), 1U);
  EXPECT_EQ(coefficient(digits.data(), 8, 8), 0x34U);
  // Digits of the checksum stand behind 32 bytes, shifted left by ls = 4 bits.
  write_checksum(parameters_of(5, 3).value(), 0x3b6, digits.data());
  EXPECT_EQ(coefficient(digits.data(), 4, 256), 3U);
  EXPECT_EQ(coefficient(digits.data(), 4, 260), 0xbU);
  EXPECT_EQ(coefficient(digits.data(), 4, 264), 6U);
}

TEST(Hss, PublicKeysAreCheckedBeforeAnythingIsRead) {
  std::array<uint8_t, kMaxPublicKeyBytes> key{};
  const auto set = [&key](uint32_t levels, uint32_t lms, uint32_t ots) {
    write_u32(key.data(), levels);
    write_u32(key.data() + 4, lms);
    write_u32(key.data() + 8, ots);
  };
  set(1, 5, 4);
  EXPECT_TRUE(check_public_key(key).ok());
  for (size_t length = 0; length < key.size(); ++length) {
    EXPECT_EQ(check_public_key(ByteView(key).first(length)).error(), Error::kValueOutOfRange) << length;
  }
  set(8, 5, 4);
  EXPECT_TRUE(check_public_key(key).ok());
  for (const uint32_t levels : {0U, 9U, 0xffffffffU}) {
    set(levels, 5, 4);
    EXPECT_EQ(check_public_key(key).error(), Error::kValueOutOfRange) << levels;
  }
  set(1, 10, 8);
  EXPECT_EQ(check_public_key(key).error(), Error::kValueOutOfRange);  // 24-byte hashes make it shorter
  EXPECT_TRUE(check_public_key(ByteView(key).first(52)).ok());
  set(1, 15, 9);
  EXPECT_EQ(check_public_key(key).error(), Error::kAlgorithmUnsupported);
}

/// Fails at the n-th reading.
class FailingSource final : public SignatureSource {
 public:
  FailingSource(ByteView bytes, size_t readings) : memory_(bytes), readings_(readings) {}
  size_t size() const noexcept override { return memory_.size(); }
  Status read(size_t offset, MutableBytes out) noexcept override {
    if (readings_ == 0) return Error::kFlashReadFailed;
    --readings_;
    EXPECT_LE(offset + out.size(), memory_.size());
    EXPECT_LE(out.size(), kMaxLmsPublicKeyBytes);
    return memory_.read(offset, out);
  }

 private:
  SignatureInMemory memory_;
  size_t readings_;
};

TEST(HssVectors, AReadingThatFailsIsReportedAsSuch) {
  const auto good = example();
  if (!good) GTEST_SKIP() << "no vectors at hand";
  const ByteView pieces[] = {good->message};
  size_t readings = 0;
  while (true) {
    FailingSource source(good->signature, readings);
    const Status status = verify(good->key, pieces, source);
    if (status.ok()) break;
    ASSERT_EQ(status.error(), Error::kFlashReadFailed) << readings;
    ++readings;
  }
  EXPECT_EQ(readings, 1U + 2U + 2U * (3U + 1U + 34U + 5U));
}

}  // namespace
}  // namespace tailor::hss
