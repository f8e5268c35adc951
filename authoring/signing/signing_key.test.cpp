// SPDX-License-Identifier: Apache-2.0
// Keys in files: each kind signs what its verification key verifies, and what is no signing key is refused by name.
#include "authoring/signing/signing_key.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "authoring/signing/key_formats.hpp"
#include "core/cose/algorithms.hpp"
#include "core/cose/encoder/private_key.hpp"
#include "core/cose/key.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "pki/key.hpp"

namespace tailor::authoring {
namespace {

using namespace literals;

constexpr auto kMessage = "74 61 69 6c 6f 72"_hex;

class SigningKeyTest : public testing::Test {
 protected:
  [[nodiscard]] std::string file(const std::string& name, ByteView content) const {
    const auto path = folder_ / name;
    EXPECT_TRUE(write_file(path, content, FileMode::kPrivate).ok());
    return path.string();
  }
  [[nodiscard]] std::string cose_key_file(const cose::VerificationKey& key) const {
    std::array<uint8_t, cose::kMaxKeyBytes> buffer{};
    return file("key.cose", cose::encode_key(cose::Key{key, {}, 0}, buffer).value());
  }
  TemporaryFolder folder_;
};

TEST_F(SigningKeyTest, AP256KeyOfAPemFileSigns) {
  const auto made = pki::PrivateKey::generate();
  const std::string path = file("p256.pem", as_bytes(made->to_pem()->reveal()));
  const auto key = open_signing_key(path);
  ASSERT_TRUE(key.ok()) << key.error().to_text();
  EXPECT_EQ((*key)->cose_algorithm(), cose::algorithm::kEsp256);
  EXPECT_EQ((*key)->verification_key(), cose::VerificationKey(made->public_key()));
  EXPECT_TRUE(equal((*key)->key_id().value(), cose::thumbprint(made->public_key()).value()));
  const Bytes signature = (*key)->sign(kMessage).value();
  crypto::P256Signature rs{};
  ASSERT_EQ(signature.size(), rs.size());
  std::copy(signature.begin(), signature.end(), rs.begin());
  EXPECT_TRUE(crypto::verify_p256(made->public_key(), crypto::sha256(kMessage).value(), rs).ok());
  EXPECT_EQ(read_verification_key(path).value(), (*key)->verification_key());
}

TEST_F(SigningKeyTest, AnEd25519KeyOfAPemFileSigns) {
  const crypto::Ed25519PrivateKey made = crypto::generate_ed25519().value();
  const crypto::Ed25519PublicKey public_key = crypto::public_key_of(made).value();
  const std::string path = file("ed25519.pem", as_bytes(private_key_to_pem(made)->reveal()));
  const auto key = open_signing_key(path);
  ASSERT_TRUE(key.ok()) << key.error().to_text();
  EXPECT_EQ((*key)->cose_algorithm(), cose::algorithm::kEd25519);
  EXPECT_TRUE(equal((*key)->verification_key().bytes(), public_key.bytes));
  const Bytes signature = (*key)->sign(kMessage).value();
  crypto::Ed25519Signature rs{};
  ASSERT_EQ(signature.size(), rs.size());
  std::copy(signature.begin(), signature.end(), rs.begin());
  EXPECT_TRUE(crypto::verify_ed25519(public_key, kMessage, rs).ok());
  for (const std::string& other : {path, file("ed25519.pub", as_bytes(public_key_to_pem(public_key).value()))}) {
    EXPECT_EQ(read_verification_key(other).value(), (*key)->verification_key()) << other;
  }
}

// RFC 8410 10.3: the key that every other program reads too.
TEST_F(SigningKeyTest, ReadsTheKeyOfRfc8410) {
  const std::string pem =
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
      "-----END PRIVATE KEY-----\n";
  const auto key = open_signing_key(file("rfc8410.pem", as_bytes(pem)));
  ASSERT_TRUE(key.ok()) << key.error().to_text();
  constexpr auto kPublic = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"_hex;
  EXPECT_TRUE(equal((*key)->verification_key().bytes(), kPublic));
  const crypto::Ed25519PrivateKey seed{"d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"_hex};
  EXPECT_EQ(private_key_to_pem(seed)->reveal(), pem);
}

TEST_F(SigningKeyTest, ASymmetricCoseKeyMakesTags) {
  const Bytes secret(32, 0x5a);
  const auto made = hmac_key_of(secret);
  ASSERT_TRUE(made.ok());
  const auto key = open_signing_key(cose_key_file((*made)->verification_key()));
  ASSERT_TRUE(key.ok()) << key.error().to_text();
  EXPECT_EQ((*key)->cose_algorithm(), cose::algorithm::kHmac256);
  EXPECT_TRUE(equal((*key)->sign(kMessage).value(), crypto::hmac_sha256(secret, kMessage).value()));
  for (const size_t size : {0U, 15U, 65U}) EXPECT_FALSE(hmac_key_of(Bytes(size, 1)).ok()) << size;
}

TEST_F(SigningKeyTest, ACoseKeyWithItsPrivatePartSignsForItsAlgorithm) {
  struct Row {
    cose::PrivateKeyKind kind;
    int64_t named;
    std::optional<int64_t> signs_with;
  };
  using Kind = cose::PrivateKeyKind;
  const Row rows[] = {{Kind::kP256, 0, -9},   {Kind::kP256, -9, -9},    {Kind::kP256, -7, -9},
                      {Kind::kP256, -29, {}}, {Kind::kEd25519, 0, -19}, {Kind::kEd25519, -8, -19},
                      {Kind::kX25519, 0, {}}, {Kind::kSymmetric, 5, 5}, {Kind::kSymmetric, -3, {}}};
  for (const Row& row : rows) {
    cose::PrivateKey made = cose::PrivateKey::from_bytes(row.kind, Bytes(32, 0x42)).value();
    made.algorithm = row.named;
    std::array<uint8_t, 256> buffer{};
    const std::string path = file("private.cose", cose::encode_private_key(made, buffer).value());
    const auto key = open_signing_key(path);
    ASSERT_EQ(key.ok(), row.signs_with.has_value()) << row.named;
    if (key.ok()) {
      EXPECT_EQ((*key)->cose_algorithm(), *row.signs_with);
      EXPECT_TRUE((*key)->sign(kMessage).ok());
      EXPECT_EQ(read_verification_key(path).value(), (*key)->verification_key());
    } else {
      EXPECT_EQ(key.error().code, Error::kAlgorithmUnsupported) << key.error().to_text();
    }
  }
}

TEST_F(SigningKeyTest, WhatSignsNothingIsRefused) {
  struct Row {
    std::string name;
    std::string content;
    Error expected;
  };
  const crypto::P256PublicKey point = crypto::public_key_of(crypto::generate_p256().value()).value();
  const std::string cose_key = cose_key_file(point);
  EXPECT_EQ(open_signing_key(cose_key).error().code, Error::kUsageInvalid);
  const Row rows[] = {
      {"public.pem", pki::public_key_to_pem(point).value(), Error::kDerMalformed},
      {"noise.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", Error::kDerMalformed},
      {"empty", "", Error::kTruncated},
      {"text", "hello", Error::kCborWrongType},
  };
  for (const Row& row : rows) {
    const std::string path = file(row.name, as_bytes(row.content));
    const auto key = open_signing_key(path);
    ASSERT_FALSE(key.ok());
    EXPECT_EQ(key.error().code, row.expected) << key.error().to_text();
    EXPECT_NE(key.error().context.find(path), std::string::npos) << key.error().context;
  }
  EXPECT_EQ(open_signing_key((folder_ / "none").string()).error().code, Error::kFileFailed);
}

}  // namespace
}  // namespace tailor::authoring
