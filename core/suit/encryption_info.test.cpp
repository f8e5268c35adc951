// SPDX-License-Identifier: Apache-2.0
#include "core/suit/encryption_info.hpp"

#include <gtest/gtest.h>

#include "core/suit/kdf_context.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::suit {
namespace {

using testing::Octets;

constexpr Error kValid = Error{};
const std::string kIv12 = "4c 000102030405060708090a0b";
const std::string kIv16 = "50 000102030405060708090a0b0c0d0e0f";
const std::string kRecipient = "83 40 a10122 40";

Error outcome(const std::string& hex) {
  const auto decoded = decode_encryption_info(testing::from_hex(hex));
  return decoded.ok() ? kValid : decoded.error();
}

TEST(EncryptionInfo, TakesEachAlgorithmWithItsHeaders) {
  struct Row {
    int number;
    std::string encoded;
    size_t tag_bytes;
  };
  for (const Row& row : {Row{-65534, "39fffd", 0}, Row{-65533, "39fffc", 0}, Row{-65532, "39fffb", 0}, Row{1, "01", 16},
                         Row{2, "02", 16}, Row{3, "03", 16}, Row{24, "1818", 16}}) {
    SCOPED_TRACE(row.number);
    const bool is_aead = row.tag_bytes != 0;
    const std::string map = "a101" + row.encoded;
    const std::string protected_map = (row.encoded.size() == 2 ? "43" : row.encoded.size() == 4 ? "44" : "45") + map;
    const std::string& iv = is_aead ? kIv12 : kIv16;
    const std::string aead = "d8 60 84" + protected_map + "a105" + iv + "f6 81" + kRecipient;
    const std::string ctr = "d8 60 84 40 a201" + row.encoded + "05" + iv + "f6 81" + kRecipient;
    EXPECT_EQ(outcome(is_aead ? aead : ctr), kValid);
    EXPECT_EQ(outcome(is_aead ? ctr : aead), Error::kCoseUnsupported) << "algorithm in the other header";
    const Octets bytes = testing::from_hex(is_aead ? aead : ctr);
    const EncryptionInfo info = decode_encryption_info(bytes).value();
    EXPECT_EQ(static_cast<int>(info.algorithm), row.number);
    EXPECT_EQ(info.tag_bytes, row.tag_bytes);
    EXPECT_EQ(info.recipient_count, 1U);
    EXPECT_TRUE(info.detached);
    EXPECT_EQ(info.iv.size(), is_aead ? 12U : 16U);
    EXPECT_EQ(info.protected_content.empty(), !is_aead);
    for (size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_FALSE(decode_encryption_info(ByteView(bytes).first(length)).ok()) << length;
    }
  }
}

TEST(EncryptionInfo, RefusesWhatIsNone) {
  struct Row {
    const char* what;
    std::string bytes;
    Error expected;
  };
  const std::string gcm = "43 a10101 a105" + kIv12;
  const auto recipients = [](size_t count) {
    std::string all = count < 16 ? std::string("8") + "0123456789abcdef"[count] : "";
    for (size_t i = 0; i < count; ++i) all += kRecipient;
    return all;
  };
  const Row rows[] = {
      {"well-formed", "d860 84" + gcm + "f6" + recipients(1), kValid},
      {"ciphertext inside", "d860 84" + gcm + "4101" + recipients(1), kValid},
      {"as many recipients as the limit", "d860 84" + gcm + "f6" + recipients(kMaxRecipients), kValid},
      {"one recipient more", "d860 84" + gcm + "f6" + recipients(kMaxRecipients + 1), Error::kValueOutOfRange},
      {"no recipient", "d860 84" + gcm + "f6 80", Error::kValueOutOfRange},
      {"empty", "", Error::kTruncated},
      {"no tag", "84" + gcm + "f6" + recipients(1), Error::kCborWrongType},
      {"COSE_Encrypt0", "d0 83" + gcm + "f6", Error::kCoseUnsupported},
      {"three elements", "d860 83" + gcm + "f6", Error::kCoseUnsupported},
      {"recipients are a byte string", "d860 84" + gcm + "f6 40", Error::kCborWrongType},
      {"ciphertext is text", "d860 84" + gcm + "60" + recipients(1), Error::kCborWrongType},
      {"goes on", "d860 84" + gcm + "f6" + recipients(1) + "00", Error::kTrailingBytes},
      {"no algorithm", "d860 84 40 a105" + kIv12 + "f6" + recipients(1), Error::kCoseUnsupported},
      {"AES-CCM", "d860 84 43 a1010a a105" + kIv12 + "f6" + recipients(1), Error::kAlgorithmUnsupported},
      {"AES-CBC", "d860 84 40 a20139fffa05" + kIv16 + "f6" + recipients(1), Error::kAlgorithmUnsupported},
      {"1 + 2^32", "d860 84 4b a1011b0000000100000001 a105" + kIv12 + "f6" + recipients(1),
       Error::kAlgorithmUnsupported},
      {"algorithm by text", "d860 84 44 a1016161 a105" + kIv12 + "f6" + recipients(1), Error::kAlgorithmUnsupported},
      {"no IV", "d860 84 43 a10101 a0 f6" + recipients(1), Error::kMissingKey},
      {"partial IV only", "d860 84 43 a10101 a1064161 f6" + recipients(1), Error::kMissingKey},
      {"GCM with 16 bytes of IV", "d860 84 43 a10101 a105" + kIv16 + "f6" + recipients(1), Error::kValueOutOfRange},
      {"CTR with 12 bytes of IV", "d860 84 40 a20139fffd05" + kIv12 + "f6" + recipients(1), Error::kValueOutOfRange},
      {"empty IV", "d860 84 43 a10101 a10540 f6" + recipients(1), Error::kValueOutOfRange},
      {"CTR with a protected header", "d860 84 43 a10300 a20139fffd05" + kIv16 + "f6" + recipients(1),
       Error::kCoseUnsupported},
      {"IV twice", "d860 84 51 a2010105" + kIv12 + "a105" + kIv12 + "f6" + recipients(1), Error::kDuplicateKey},
      {"critical", "d860 84 46 a20101028105 a105" + kIv12 + "f6" + recipients(1), Error::kCoseUnsupported},
      {"recipient is cut", "d860 84" + gcm + "f6 81 83 40 a10122", Error::kTruncated},
  };
  for (const Row& row : rows) EXPECT_EQ(outcome(row.bytes), row.expected) << row.what;
}

TEST(DecryptionKeys, HaveTheSizesOfTheirKind) {
  const Octets octets(40, 1);
  for (size_t size = 0; size <= octets.size(); ++size) {
    const ByteView secret = ByteView(octets).first(size);
    EXPECT_EQ(ContentDecryptionKey::from_bytes(DecryptionKeyKind::kAesKw, secret).ok(),
              size == 16 || size == 24 || size == 32);
    for (const auto kind : {DecryptionKeyKind::kP256, DecryptionKeyKind::kX25519}) {
      EXPECT_EQ(ContentDecryptionKey::from_bytes(kind, secret).ok(), size == 32);
    }
    EXPECT_FALSE(ContentDecryptionKey::from_bytes(static_cast<DecryptionKeyKind>(0), secret).ok());
    EXPECT_FALSE(ContentDecryptionKey::from_bytes(static_cast<DecryptionKeyKind>(4), secret).ok());
  }
}

TEST(KdfContext, IsThatOfTheDraft) {
  constexpr auto kProtected = "a1 01 38 1c"_hex;
  constexpr auto kExpected =
      "84 22 83 f6 f6 f6 83 f6 f6 f6 83 18 80 44 a1 01 38 1c 57"
      "53 55 49 54 20 50 61 79 6c 6f 61 64 20 45 6e 63 72 79 70 74 69 6f 6e"_hex;
  std::array<uint8_t, kMaxKdfContextBytes> buffer;
  EXPECT_TRUE(equal(encode_kdf_context(kProtected, buffer).value(), kExpected));
  EXPECT_EQ(encode_kdf_context(kProtected, MutableBytes(buffer).first(kExpected.size() - 1)).error(),
            Error::kBufferTooSmall);
}

}  // namespace
}  // namespace tailor::suit
