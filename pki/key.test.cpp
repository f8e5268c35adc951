// SPDX-License-Identifier: Apache-2.0
#include "pki/key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::pki {
namespace {

TEST(Key, SurvivesEveryFormat) {
  const PrivateKey key = PrivateKey::generate().value();
  EXPECT_EQ(PrivateKey::from_pem(key.to_pem()->reveal())->public_key(), key.public_key());
  EXPECT_EQ(PrivateKey::from_der(key.to_der()->reveal())->public_key(), key.public_key());
  EXPECT_EQ(PrivateKey::from_core(key.to_core().value())->public_key(), key.public_key());
  EXPECT_EQ(public_key_from_pem(public_key_to_pem(key.public_key()).value()).value(), key.public_key());
  EXPECT_NE(PrivateKey::generate()->public_key(), key.public_key());
}

TEST(Key, FileIsPrivate) {
  const TemporaryFolder folder;
  const PrivateKey key = PrivateKey::generate().value();
  ASSERT_TRUE(key.write(folder / "key.pem").ok());
  struct stat info {};
  ASSERT_EQ(::stat((folder / "key.pem").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(PrivateKey::read(folder / "key.pem")->public_key(), key.public_key());
  EXPECT_EQ(PrivateKey::read(folder / "none").error().code, Error::kNotFound);
}

TEST(Key, Rfc6979ScalarGivesItsPublicKey) {
  // RFC 6979 A.2.5: key pair for P-256.
  const PrivateKey key =
      PrivateKey::from_core(
          crypto::P256PrivateKey("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"_hex))
          .value();
  EXPECT_EQ(to_hex(key.public_key().xy),
            "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
}

TEST(Key, MalformedAndForeignKeysAreRefused) {
  EXPECT_EQ(PrivateKey::from_pem("").error().code, Error::kDerMalformed);
  EXPECT_EQ(PrivateKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").error().code,
            Error::kDerMalformed);
  const PrivateKey key = PrivateKey::generate().value();
  const SecretBytes der = key.to_der().value();
  for (size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(PrivateKey::from_der(der.reveal().first(size)).ok()) << size;
  }
  Bytes longer(der.reveal().begin(), der.reveal().end());
  longer.push_back(0);
  EXPECT_EQ(PrivateKey::from_der(longer).error().code, Error::kDerMalformed);
  // Ed25519, RFC 8410 10.3: well-formed, but not ours.
  EXPECT_EQ(PrivateKey::from_pem("-----BEGIN PRIVATE KEY-----\n"
                                 "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                                 "-----END PRIVATE KEY-----\n")
                .error()
                .code,
            Error::kAlgorithmUnsupported);
  crypto::P256PublicKey off_curve = key.public_key();
  off_curve.xy[63] ^= 1U;
  EXPECT_EQ(public_key_handle(off_curve).error().code, Error::kValueOutOfRange);
  EXPECT_EQ(PrivateKey::from_core(crypto::P256PrivateKey()).error().code, Error::kDerMalformed) << "zero scalar";
}

}  // namespace
}  // namespace tailor::pki
