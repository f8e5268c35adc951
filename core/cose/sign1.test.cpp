// SPDX-License-Identifier: Apache-2.0
#include "core/cose/sign1.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/cose/key.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::cose {
namespace {

using testing::Octets;

constexpr VerificationPolicy kLegacy{.legacy_algorithms = true};

crypto::P256PublicKey key_from_vector(const std::string& document) {
  crypto::P256PublicKey key;
  Octets xy = testing::from_base64url(testing::json_texts(document, "x").at(0));
  const Octets y = testing::from_base64url(testing::json_texts(document, "y").at(0));
  xy.insert(xy.end(), y.begin(), y.end());
  if (xy.size() == key.xy.size()) std::copy(xy.begin(), xy.end(), key.xy.begin());
  return key;
}

Status verify(ByteView message, const crypto::P256PublicKey& key, const VerificationPolicy& policy,
              ByteView external = {}) {
  TAILOR_TRY_ASSIGN(const Sign1 decoded, decode_sign1(message));
  return verify_sign1(decoded, decoded.payload, key, policy, external);
}

// cose-wg/Examples. Where the set calls a message valid and we refuse it, the reason stands here.
TEST(Sign1, PublishedExamples) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  constexpr Error kValid = Error{};
  struct Row {
    const char* file;
    Error expected;
  };
  const Row kRows[] = {
      {"ecdsa-examples/ecdsa-sig-01.json", kValid},
      {"ecdsa-examples/ecdsa-sig-02.json", Error::kAlgorithmUnsupported},  // P-384
      {"ecdsa-examples/ecdsa-sig-03.json", Error::kAlgorithmUnsupported},  // P-521
      {"ecdsa-examples/ecdsa-sig-04.json", Error::kAlgorithmUnsupported},  // P-256 with SHA-512
      {"sign1-tests/sign-pass-01.json", Error::kCoseUnsupported},          // algorithm not authenticated
      {"sign1-tests/sign-pass-02.json", kValid},
      {"sign1-tests/sign-pass-03.json", Error::kCborWrongType},  // untagged
      {"sign1-tests/sign-fail-01.json", Error::kCoseUnsupported},
      {"sign1-tests/sign-fail-02.json", Error::kSignatureInvalid},
      {"sign1-tests/sign-fail-03.json", Error::kAlgorithmUnsupported},
      {"sign1-tests/sign-fail-04.json", Error::kAlgorithmUnsupported},
      {"sign1-tests/sign-fail-06.json", Error::kSignatureInvalid},
      {"sign1-tests/sign-fail-07.json", Error::kSignatureInvalid},
  };
  for (const Row& row : kRows) {
    const std::string document = testing::read_text(*folder / "protocols/cose" / row.file);
    const Octets message = testing::from_hex(testing::json_texts(document, "cbor").at(0));
    const auto external = testing::json_texts(document, "external");
    const Octets external_data = external.empty() ? Octets{} : testing::from_hex(external[0]);
    const crypto::P256PublicKey key = key_from_vector(document);
    const Status status = verify(message, key, kLegacy, external_data);
    EXPECT_EQ(status.ok() ? kValid : status.error(), row.expected) << row.file;
    if (row.expected != kValid) continue;
    EXPECT_EQ(verify(message, key, VerificationPolicy{}, external_data).error(), Error::kAlgorithmUnsupported)
        << row.file << ": -7 needs the switch";
    for (size_t length = 0; length < message.size(); ++length) {
      EXPECT_FALSE(verify(ByteView(message).first(length), key, kLegacy, external_data).ok()) << row.file << length;
    }
    for (size_t i = 0; i < message.size(); ++i) {
      Octets altered = message;
      altered[i] ^= 0x04;
      const bool in_key_id = std::string_view(row.file).find("sign-pass-02") != std::string_view::npos
                                 ? i >= 7 && i <= 10
                                 : i >= 9 && i <= 12;
      if (in_key_id) continue;  // unprotected by design
      EXPECT_FALSE(verify(altered, key, kLegacy, external_data).ok()) << row.file << " octet " << i;
    }
  }
}

class Signing : public ::testing::Test {
 protected:
  crypto::P256PrivateKey key_ = crypto::generate_p256().value();
  crypto::P256PublicKey public_ = crypto::public_key_of(key_).value();
  std::array<uint8_t, 256> buffer_{};
};

TEST_F(Signing, WhatIsSignedVerifies) {
  constexpr auto kPayload = "00 01 02 03"_hex;
  constexpr auto kKeyId = "aa bb"_hex;
  constexpr auto kExternal = "ee"_hex;
  for (const int64_t algorithm : {algorithm::kEsp256, algorithm::kEs256}) {
    for (const bool detached : {false, true}) {
      for (const ByteView key_id : {ByteView{}, ByteView(kKeyId)}) {
        const SignOptions options{algorithm, key_id, detached, kExternal};
        const ByteView message = sign1(kPayload, key_, options, buffer_).value();
        const Sign1 decoded = decode_sign1(message).value();
        EXPECT_EQ(decoded.algorithm, algorithm);
        EXPECT_EQ(decoded.detached, detached);
        EXPECT_TRUE(equal(decoded.key_id, key_id));
        EXPECT_TRUE(equal(decoded.payload, detached ? ByteView{} : ByteView(kPayload)));
        EXPECT_TRUE(verify_sign1(decoded, kPayload, public_, kLegacy, kExternal).ok());
        EXPECT_EQ(verify_sign1(decoded, kPayload, public_, kLegacy).error(), Error::kSignatureInvalid);
        EXPECT_EQ(verify_sign1(decoded, kKeyId, public_, kLegacy, kExternal).error(), Error::kSignatureInvalid);
      }
    }
  }
}

TEST_F(Signing, AnotherKeyDoesNotVerify) {
  const crypto::P256PublicKey other = crypto::public_key_of(crypto::generate_p256().value()).value();
  const ByteView message = sign1("01"_hex, key_, {}, buffer_).value();
  EXPECT_EQ(verify(message, other, {}).error(), Error::kSignatureInvalid);
  EXPECT_EQ(verify(message, crypto::P256PublicKey{}, {}).error(), Error::kSignatureInvalid) << "not on the curve";
}

TEST_F(Signing, DetachedWithKeyIdHasTheSizeThatIsPromised) {
  const std::array<uint8_t, 32> key_id{};
  const SignOptions options{algorithm::kEsp256, key_id, true, {}};
  EXPECT_EQ(sign1("01"_hex, key_, options, buffer_).value().size(), kDetachedSign1Bytes);
  EXPECT_EQ(sign1("01"_hex, key_, options, MutableBytes(buffer_).first(kDetachedSign1Bytes - 1)).error(),
            Error::kBufferTooSmall);
  EXPECT_EQ(sign1("01"_hex, key_, {-8, {}, false, {}}, buffer_).error(), Error::kAlgorithmUnsupported);
}

TEST(Sign1, RefusesOtherStructures) {
  struct Row {
    const char* what;
    const char* bytes;
    Error error;
  };
  for (const Row& row : {
           Row{"COSE_Mac0", "d1 84 43 a10105 a0 f6 40", Error::kCoseUnsupported},
           Row{"three elements", "d2 83 43 a10128 a0 f6", Error::kCoseUnsupported},
           Row{"no algorithm", "d2 84 40 a0 f6 40", Error::kCoseUnsupported},
           Row{"empty protected map, no algorithm", "d2 84 41 a0 a0 f6 40", Error::kCoseUnsupported},
           Row{"critical parameters", "d2 84 46 a2 01 28 02 81 04 a0 f6 40", Error::kCoseUnsupported},
           Row{"algorithm unprotected", "d2 84 40 a1 01 28 f6 40", Error::kCoseUnsupported},
           Row{"key id twice", "d2 84 46 a2 01 28 04 41 61 a1 04 41 61 f6 40", Error::kDuplicateKey},
           Row{"payload is text", "d2 84 43 a10128 a0 60 40", Error::kCborWrongType},
           Row{"trailing", "d2 84 43 a10128 a0 f6 40 00", Error::kTrailingBytes},
           Row{"empty", "", Error::kTruncated},
       }) {
    const Octets bytes = testing::from_hex(row.bytes);
    const auto decoded = decode_sign1(bytes);
    ASSERT_FALSE(decoded.ok()) << row.what;
    EXPECT_EQ(decoded.error(), row.error) << row.what;
  }
}

}  // namespace
}  // namespace tailor::cose
