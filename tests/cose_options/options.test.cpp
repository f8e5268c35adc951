// SPDX-License-Identifier: Apache-2.0
// A build with COSE_Sign1 and ESP256 alone: it verifies them, and refuses by name what was left out.
#include "core/cose/options.hpp"

#include <gtest/gtest.h>

#include "core/cose/sign1.hpp"
#include "core/suit/payload_decryptor.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::cose {
namespace {

using testing::Octets;

static_assert(!options::kSign && !options::kMac && !options::kEncrypt && !options::kEd25519 && !options::kHssLms);

TEST(CoseOptions, WhatIsInVerifies) {
  const auto key = crypto::generate_p256().value();
  std::array<uint8_t, 256> buffer;
  const ByteView message = sign1("0102"_hex, key, {}, buffer).value();
  Block block;
  ASSERT_TRUE(decode_block(message, block).ok());
  Claim claim;
  Claims claims(block, {});
  ASSERT_TRUE(claims.next(claim).ok());
  EXPECT_FALSE(claims.more());
  const VerificationKey open = crypto::public_key_of(key).value();
  EXPECT_TRUE(verify(claim, block.payload, open).ok());
  EXPECT_EQ(verify(claim, "0103"_hex, open).error(), Error::kSignatureInvalid);
}

TEST(CoseOptions, WhatWasLeftOutIsRefusedByName) {
  for (const char* bytes : {"d862 84 40 a0 f6 81 83 43a10128 a0 40", "d1 84 43 a10105 a0 f6 40",
                            "d861 85 43 a10105 a0 f6 40 81 83 40 a10125 40"}) {
    Block block;
    EXPECT_EQ(decode_block(testing::from_hex(bytes), block).error(), Error::kCoseUnsupported) << bytes;
  }
  for (const char* bytes : {"d2 84 43 a10132 a0 f6 40", "d2 84 44 a101382d a0 f6 40", "d2 84 43 a10127 a0 f6 40"}) {
    const Octets octets = testing::from_hex(bytes);
    Block block;
    ASSERT_TRUE(decode_block(octets, block).ok()) << bytes;
    Claim claim;
    EXPECT_EQ(Claims(block, {.legacy_algorithms = true}).next(claim).error(), Error::kAlgorithmUnsupported) << bytes;
  }
  const Octets info = testing::from_hex("d860 84 43a10101 a1054c000102030405060708090a0b f6 81 83 40 a10122 40");
  EXPECT_EQ(suit::decode_encryption_info(info).error(), Error::kParameterUnsupported);
  suit::PayloadDecryptor decryptor;
  EXPECT_EQ(decryptor.start({}, suit::DecryptionKeyTable({})).error(), Error::kParameterUnsupported);
}

}  // namespace
}  // namespace tailor::cose
