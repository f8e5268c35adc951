// SPDX-License-Identifier: Apache-2.0
#include "core/report/encrypted.hpp"

#include <nlohmann/json.hpp>

#include "core/report/sealed.hpp"
#include "core/update/codec.test.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::report {
namespace {

using crypto::ContentAlgorithm;
using tailor::testing::Bytes;
using tailor::testing::to_hex;
using tailor::testing::to_vector;

const Bytes kReport = tailor::testing::from_hex(std::string("a2 0380 04f5"));
const Bytes kSecret(32, 7);
constexpr ContentAlgorithm kEach[] = {ContentAlgorithm::kA128Gcm, ContentAlgorithm::kA192Gcm,
                                      ContentAlgorithm::kA256Gcm, ContentAlgorithm::kChaCha20Poly1305,
                                      ContentAlgorithm::kA128Ctr, ContentAlgorithm::kA256Ctr};

ReportKey key_of(ContentAlgorithm algorithm = ContentAlgorithm::kA128Gcm) {
  return {algorithm, ByteView(kSecret).first(crypto::content_sizes(algorithm).key)};
}

Bytes encrypted(const Bytes& report = kReport, const ReportKey& key = key_of()) {
  Bytes buffer(report.size() + kEncryptBytes);
  return to_vector(encrypt(report, key, buffer).value());
}

Result<Bytes> decrypted(const Bytes& inside, const ReportKey& key = key_of()) {
  Bytes out(inside.size());
  TAILOR_TRY_ASSIGN(const ByteView report, decrypt(inside, key, out));
  return to_vector(report);
}

TEST(EncryptedReport, OpensUnderTheKeyThatMadeItWithEachAlgorithm) {
  const Bytes longest(70'000, 0x42);
  for (const ContentAlgorithm algorithm : kEach) {
    const ReportKey key = key_of(algorithm);
    for (const Bytes& report : {Bytes(), kReport, longest}) {
      const Bytes inside = encrypted(report, key);
      EXPECT_TRUE(is_encrypted(inside));
      EXPECT_EQ(decrypted(inside, key).value(), report) << static_cast<int>(algorithm);
      EXPECT_NE(inside, encrypted(report, key)) << "each has an IV of its own";
    }
  }
  EXPECT_FALSE(is_encrypted(kReport));
  EXPECT_FALSE(is_encrypted({}));
}

TEST(EncryptedReport, AnAeadProtectsItsAlgorithmAndAesCtrHasNoHeader) {
  const Bytes gcm = encrypted(), ctr = encrypted(kReport, key_of(ContentAlgorithm::kA128Ctr));
  EXPECT_EQ(to_hex(gcm).substr(0, 16), "8343a10101a1054c");
  EXPECT_EQ(gcm.size(), 8 + 12 + 1 + kReport.size() + 16);
  EXPECT_EQ(to_hex(ctr).substr(0, 18), "8340a20139fffd0550");
  EXPECT_EQ(ctr.size(), 9 + 16 + 1 + kReport.size());
}

TEST(EncryptedReport, NothingOpensThatWasChangedOrCutShort) {
  const Bytes inside = encrypted();
  for (size_t bit = 0; bit < 8 * inside.size(); ++bit) {
    Bytes flipped = inside;
    flipped[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
    EXPECT_FALSE(decrypted(flipped).ok()) << "bit " << bit;
  }
  for (size_t length = 0; length < inside.size(); ++length) {
    EXPECT_FALSE(decrypted(Bytes(inside.data(), inside.data() + length)).ok()) << "prefix of " << length;
  }
  Bytes longer = inside;
  longer.push_back(0);
  EXPECT_EQ(decrypted(longer).error(), Error::kTrailingBytes);
}

TEST(EncryptedReport, RefusesOtherKeysAndLeavesNothingBehind) {
  const Bytes inside = encrypted();
  const Bytes wrong(16, 8);
  Bytes out(inside.size(), 0xee);
  EXPECT_EQ(decrypt(inside, {ContentAlgorithm::kA128Gcm, wrong}, out).error(), Error::kDecryptionFailed);
  EXPECT_TRUE(equal(ByteView(out).first(kReport.size()), Bytes(kReport.size())));
  EXPECT_EQ(decrypted(inside, key_of(ContentAlgorithm::kA256Gcm)).error(), Error::kAlgorithmUnsupported);
  EXPECT_EQ(decrypted(inside, {ContentAlgorithm::kA128Gcm, kSecret}).error(), Error::kValueOutOfRange);
  EXPECT_EQ(decrypt(inside, key_of(), MutableBytes(out).first(kReport.size() - 1)).error(), Error::kBufferTooSmall);
  Bytes small(inside.size() - 1);
  EXPECT_EQ(encrypt(kReport, key_of(), small).error(), Error::kBufferTooSmall);
  EXPECT_EQ(encrypt(kReport, {ContentAlgorithm::kA128Gcm, kSecret}, out).error(), Error::kValueOutOfRange);
}

TEST(EncryptedReport, RefusesEveryMalformedClass) {
  const std::string iv = "4c" + std::string(24, '0'), tag = "50" + std::string(32, '0');
  const struct {
    const char* name;
    std::string hex;
    Error error;
    ContentAlgorithm algorithm = ContentAlgorithm::kA128Gcm;
  } rows[] = {
      {"a report", to_hex(kReport), Error::kCborWrongType},
      {"tagged", "d08343a10101a105" + iv + tag, Error::kCoseUnsupported},
      {"COSE_Encrypt", "8443a10101a105" + iv + tag + "80", Error::kCoseUnsupported},
      {"no algorithm", "8340a105" + iv + tag, Error::kCoseUnsupported},
      {"algorithm of an AEAD not protected", "8340a20101 05" + iv + tag, Error::kCoseUnsupported},
      {"algorithm by name", "8344a1016131a105" + iv + tag, Error::kAlgorithmUnsupported},
      {"another algorithm", "8343a10103a105" + iv + tag, Error::kAlgorithmUnsupported},
      {"critical parameters", "8346a20101028101a105" + iv + tag, Error::kCoseUnsupported},
      {"algorithm twice", "8343a10101a2010105" + iv + tag, Error::kDuplicateKey},
      {"no IV", "8343a10101a0" + tag, Error::kMissingKey},
      {"IV of 11 bytes", "8343a10101a1054b" + std::string(22, '0') + tag, Error::kValueOutOfRange},
      {"IV of 13 bytes", "8343a10101a1054d" + std::string(26, '0') + tag, Error::kValueOutOfRange},
      {"detached", "8343a10101a105" + iv + "f6", Error::kCoseUnsupported},
      {"ciphertext shorter than a tag", "8343a10101a105" + iv + "4f" + std::string(30, '0'), Error::kValueOutOfRange},
      {"ciphertext as text", "8343a10101a105" + iv + "6130", Error::kCborWrongType},
      {"another parameter protected", "834ea201010449" + std::string(18, '3') + "a105" + iv + tag,
       Error::kDecryptionFailed},
      {"AES-CTR with a protected header", "8345a10139fffda10550" + std::string(32, '0') + "40", Error::kCoseUnsupported,
       ContentAlgorithm::kA128Ctr},
      {"AES-CTR with another parameter protected", "8344a1044130a20139fffd0550" + std::string(32, '0') + "40",
       Error::kCoseUnsupported, ContentAlgorithm::kA128Ctr},
  };
  for (const auto& row : rows) {
    const Bytes bytes = tailor::testing::from_hex(row.hex);
    const auto result = decrypted(bytes, key_of(row.algorithm));
    ASSERT_FALSE(result.ok()) << row.name;
    EXPECT_EQ(result.error(), row.error) << row.name << ": " << name_of(result.error());
  }
}

TEST(EncryptedReport, StandsInsideEitherSeal) {
  const Bytes inside = encrypted();
  const crypto::P256PrivateKey signer = crypto::generate_p256().value();
  const auto shared = cose::VerificationKey::from_bytes(cose::KeyKind::kHmac256, kSecret).value();
  Bytes buffer(512);
  const Bytes signed_one = to_vector(seal(inside, signer, buffer).value());
  const Bytes maced = to_vector(seal_mac0(inside, shared, buffer).value());
  EXPECT_TRUE(equal(unseal(signed_one, crypto::public_key_of(signer).value()).value(), inside));
  EXPECT_TRUE(equal(unseal(maced, shared).value(), inside));
  EXPECT_EQ(decrypted(to_vector(unseal(maced, shared).value())).value(), kReport);
}

TEST(EncryptedReport, EachDeviceHasAKeyOfItsOwn) {
  Uuid first, second;
  first.bytes[0] = 1;
  second.bytes[0] = 2;
  EXPECT_NE(derive_report_key(kSecret, first).value(), derive_report_key(kSecret, second).value());
  EXPECT_EQ(derive_report_key(kSecret, first).value(), derive_report_key(kSecret, first).value());
  std::array<uint8_t, kReportKeyBytes> expected;
  Bytes info{'t', 'a', 'i', 'l', 'o', 'r', ' ', 'r', 'e', 'p', 'o', 'r', 't'};
  info.insert(info.end(), first.bytes.begin(), first.bytes.end());
  ASSERT_TRUE(crypto::hkdf_sha256(kSecret, {}, info, expected).ok());
  EXPECT_EQ(derive_report_key(kSecret, first).value(), expected);
  EXPECT_EQ(derive_report_key(ByteView(kSecret).first(15), first).error(), Error::kValueOutOfRange);
}

// The working group's COSE_Encrypt0 (cose-wg/Examples), without the tag that a report may not have.
TEST(EncryptedReportVectors, ThoseOfTheWorkingGroup) {
  const auto folder = tailor::testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no third-party vectors";
  const struct {
    const char* file;
    ContentAlgorithm algorithm;
    std::optional<Error> error = std::nullopt;
  } rows[] = {
      {"aes-gcm-examples/aes-gcm-enc-01", ContentAlgorithm::kA128Gcm},
      {"aes-gcm-examples/aes-gcm-enc-02", ContentAlgorithm::kA192Gcm},
      {"aes-gcm-examples/aes-gcm-enc-03", ContentAlgorithm::kA256Gcm},
      {"aes-gcm-examples/aes-gcm-enc-04", ContentAlgorithm::kA128Gcm, Error::kDecryptionFailed},
      {"chacha-poly-examples/chacha-poly-enc-01", ContentAlgorithm::kChaCha20Poly1305},
      {"encrypted-tests/aes-gcm-01", ContentAlgorithm::kA128Gcm},
      {"encrypted-tests/enc-fail-02", ContentAlgorithm::kA128Gcm, Error::kDecryptionFailed},
      {"encrypted-tests/enc-fail-03", ContentAlgorithm::kA128Gcm, Error::kAlgorithmUnsupported},
      {"encrypted-tests/enc-fail-04", ContentAlgorithm::kA128Gcm, Error::kAlgorithmUnsupported},
      {"encrypted-tests/enc-fail-06", ContentAlgorithm::kA128Gcm, Error::kDecryptionFailed},
      {"encrypted-tests/enc-fail-07", ContentAlgorithm::kA128Gcm, Error::kDecryptionFailed},
      {"encrypted-tests/enc-pass-01", ContentAlgorithm::kA128Gcm, Error::kCoseUnsupported},   // not protected
      {"encrypted-tests/enc-pass-02", ContentAlgorithm::kA128Gcm, Error::kDecryptionFailed},  // external data
  };
  for (const auto& row : rows) {
    const std::string name = *folder / "protocols/cose" / (std::string(row.file) + ".json");
    const auto document = nlohmann::json::parse(tailor::testing::read_text(name));
    const auto hex = [&](const nlohmann::json& text) { return tailor::testing::from_hex(text.get<std::string>()); };
    Bytes bytes = hex(document["output"]["cbor"]);
    ASSERT_EQ(bytes.at(0), 0xd0) << row.file;
    bytes.erase(bytes.begin());
    const Bytes secret =
        tailor::testing::from_base64url(document["input"]["encrypted"]["recipients"][0]["key"]["k"].get<std::string>());
    const auto result = decrypted(bytes, {row.algorithm, secret});
    if (row.error) {
      ASSERT_FALSE(result.ok()) << row.file;
      EXPECT_EQ(result.error(), *row.error) << row.file << ": " << name_of(result.error());
    } else {
      ASSERT_TRUE(result.ok()) << row.file << ": " << name_of(result.error());
      const auto text = document["input"]["plaintext"].get<std::string>();
      EXPECT_EQ(std::string(result.value().begin(), result.value().end()), text) << row.file;
    }
  }
}

}  // namespace
}  // namespace tailor::report
