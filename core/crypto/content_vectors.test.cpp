// SPDX-License-Identifier: Apache-2.0
// Published vectors (Wycheproof, SP 800-38A) against content encryption and AES key wrap of a backend.
#include <gtest/gtest.h>

#include "core/crypto/wycheproof.test.hpp"

namespace tailor::crypto {
namespace {

using namespace literals;

void check_content(ContentAlgorithm algorithm, const json& test) {
  const Bytes key = unhex(test["key"]);
  const Bytes iv = unhex(test["iv"]);
  const Bytes additional = unhex(test["aad"]);
  const Bytes plain = unhex(test["msg"]);
  const Bytes ciphertext = unhex(test["ct"]);
  const bool valid = verdict(test).value();
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{16}, size_t{1000}}) {
    ContentDecryption decryption;
    ASSERT_TRUE(decryption.start(algorithm, key, iv, additional).ok());
    Bytes out;
    for (size_t at = 0; at < ciphertext.size(); at += piece) {
      const ByteView in = ByteView{ciphertext}.subspan(at, std::min(piece, ciphertext.size() - at));
      Bytes room(in.size());
      const auto written = decryption.update(in, room);
      ASSERT_TRUE(written.ok());
      out.insert(out.end(), written->begin(), written->end());
    }
    const Status status = decryption.finish(unhex(test["tag"]));
    ASSERT_EQ(status.ok(), valid);
    if (valid) {
      EXPECT_EQ(out, plain);
    } else {
      EXPECT_EQ(status.error(), Error::kSignatureInvalid);
    }
  }
  if (!valid) return;
  Bytes sealed(plain.size() + 16);
  ASSERT_TRUE(encrypt_content(algorithm, key, iv, additional, plain, sealed).ok());
  Bytes expected = ciphertext;
  for (const uint8_t byte : unhex(test["tag"])) expected.push_back(byte);
  EXPECT_EQ(sealed, expected);
}

TEST(ContentVectors, WycheproofAesGcm) {
  TAILOR_LOAD_OR_SKIP(file, "wycheproof/aes_gcm_test.json");
  for (const auto& [algorithm, bits, least] :
       {std::tuple{ContentAlgorithm::kA128Gcm, 128, 60}, std::tuple{ContentAlgorithm::kA192Gcm, 192, 4},
        std::tuple{ContentAlgorithm::kA256Gcm, 256, 60}}) {
    const int count = for_each_test(
        *file,
        [bits = bits](const json& g) { return g["keySize"] == bits && g["ivSize"] == 96 && g["tagSize"] == 128; },
        [algorithm = algorithm](const json&, const json& test) { check_content(algorithm, test); });
    EXPECT_GE(count, least);
  }
}

TEST(ContentVectors, WycheproofChaCha20Poly1305) {
  TAILOR_LOAD_OR_SKIP(file, "wycheproof/chacha20_poly1305_test.json");
  const int count = for_each_test(
      *file, [](const json& g) { return g["ivSize"] == 96; },
      [](const json&, const json& test) { check_content(ContentAlgorithm::kChaCha20Poly1305, test); });
  EXPECT_GT(count, 250);
}

TEST(ContentVectors, WycheproofAesWrap) {
  TAILOR_LOAD_OR_SKIP(file, "wycheproof/aes_wrap_test.json");
  int valid = 0;
  int refused = 0;
  for_each_test(
      *file, [](const json&) { return true; },
      [&](const json&, const json& test) {
        const Bytes kek = unhex(test["key"]);
        const Bytes key = unhex(test["msg"]);
        const Bytes wrapped = unhex(test["ct"]);
        Bytes out(wrapped.size());
        const auto unwrapped = unwrap_key(kek, wrapped, out);
        if (test["result"] != "valid") {  // "acceptable" is a wrapped key of 8 bytes, which no cipher of ours has
          EXPECT_FALSE(unwrapped.ok());
          ++refused;
          return;
        }
        if (key.size() > kMaxWrappedKeyBytes) {
          EXPECT_EQ(unwrapped.error(), Error::kValueOutOfRange);
          return;
        }
        ASSERT_TRUE(unwrapped.ok());
        EXPECT_TRUE(equal(*unwrapped, key));
        Bytes again(key.size() + kKeyWrapBytes);
        ASSERT_TRUE(wrap_key(kek, key, again).ok());
        EXPECT_EQ(again, wrapped);
        ++valid;
      });
  EXPECT_GT(valid, 20);
  EXPECT_GT(refused, 60);
}

// NIST SP 800-38A F.5: the same four blocks under each key size.
TEST(Content, AesCtrIsThatOfSp80038a) {
  constexpr auto kCounter = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"_hex;
  constexpr auto kPlain =
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52ef"
      "f69f2445df4f9b17ad2b417be66c3710"_hex;
  struct Row {
    ContentAlgorithm algorithm;
    Bytes key, ciphertext;
  };
  const auto bytes = [](const auto& array) { return Bytes(array.begin(), array.end()); };
  const Row rows[] = {
      {ContentAlgorithm::kA128Ctr, bytes("2b7e151628aed2a6abf7158809cf4f3c"_hex),
       bytes("874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab"
             "1e031dda2fbe03d1792170a0f3009cee"_hex)},
      {ContentAlgorithm::kA192Ctr, bytes("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"_hex),
       bytes("1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e941e36b26bd1ebc670d1bd1d665620abf7"
             "4f78a7f6d29809585a97daec58c6b050"_hex)},
      {ContentAlgorithm::kA256Ctr, bytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"_hex),
       bytes("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988d"
             "dfc9c58db67aada613c2dd08457941a6"_hex)}};
  for (const Row& row : rows) {
    Bytes out(kPlain.size());
    ASSERT_TRUE(encrypt_content(row.algorithm, row.key, kCounter, {}, kPlain, out).ok());
    EXPECT_EQ(out, row.ciphertext);
    for (size_t cut = 0; cut <= out.size(); ++cut) {
      ContentDecryption decryption;
      ASSERT_TRUE(decryption.start(row.algorithm, row.key, kCounter, {}).ok());
      Bytes memory = row.ciphertext;
      ASSERT_TRUE(decryption.update(ByteView{memory}.first(cut), MutableBytes{memory}.first(cut)).ok());
      ASSERT_TRUE(decryption.update(ByteView{memory}.subspan(cut), MutableBytes{memory}.subspan(cut)).ok());
      ASSERT_TRUE(decryption.finish({}).ok());
      ASSERT_TRUE(equal(memory, kPlain)) << cut;
    }
  }
}

}  // namespace
}  // namespace tailor::crypto
