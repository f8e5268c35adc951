// SPDX-License-Identifier: Apache-2.0
// Published vectors (Wycheproof, RFC 5869, RFC 6979) against a backend of core/crypto. Skipped where the vectors are
// not at hand: they are read from the folder that TAILOR_VECTORS names, or from ../shared/vectors beside the source
// tree.
#include <gtest/gtest.h>

#include "core/crypto/wycheproof.test.hpp"

namespace tailor::crypto {
namespace {

TEST(Vectors, WycheproofEcdsaP256) {
  TAILOR_LOAD_OR_SKIP(file, "wycheproof/ecdsa_secp256r1_sha256_p1363_test.json");
  const int count = for_each_test(
      *file, [](const json&) { return true; },
      [](const json& group, const json& test) {
        const Bytes point = unhex(group["publicKey"]["uncompressed"]);
        ASSERT_EQ(point.size(), 65U);
        P256PublicKey key;
        std::copy(point.begin() + 1, point.end(), key.xy.begin());
        const Bytes raw = unhex(test["sig"]);
        const bool valid = test["result"] == "valid";
        if (raw.size() != 64) {  // the contract's type admits no other length
          EXPECT_FALSE(valid);
          return;
        }
        P256Signature signature{};
        std::copy(raw.begin(), raw.end(), signature.begin());
        const Status status = verify_p256(key, sha256(unhex(test["msg"])).value(), signature);
        EXPECT_EQ(status.ok(), valid);
        if (!status.ok()) {
          EXPECT_EQ(status.error(), Error::kSignatureInvalid);
        }
      });
  EXPECT_EQ(count, 262);
}

TEST(Vectors, WycheproofEcdhP256) {
  TAILOR_LOAD_OR_SKIP(file, "wycheproof/ecdh_secp256r1_ecpoint_test.json");
  int agreed = 0;
  int refused = 0;
  for_each_test(
      *file, [](const json&) { return true; },
      [&](const json&, const json& test) {
        const Bytes point = unhex(test["public"]);
        if (point.size() != 65 || point[0] != 4) return;  // the contract's type admits no compressed point
        P256PublicKey peer;
        std::copy(point.begin() + 1, point.end(), peer.xy.begin());
        Bytes raw = unhex(test["private"]);
        while (raw.size() > 32) raw.erase(raw.begin());  // a leading zero, as of a signed integer
        std::array<uint8_t, 32> scalar{};
        std::copy(raw.begin(), raw.end(), scalar.end() - static_cast<ptrdiff_t>(raw.size()));
        SharedSecret secret{};
        const Status status = ecdh_p256(P256PrivateKey{scalar}, peer, secret);
        ASSERT_EQ(status.ok(), verdict(test).value());
        if (status.ok()) {
          EXPECT_TRUE(equal(secret, unhex(test["shared"])));
          ++agreed;
        } else {
          EXPECT_EQ(status.error(), Error::kValueOutOfRange);
          ++refused;
        }
      });
  EXPECT_GT(agreed, 200);
  EXPECT_GT(refused, 5);
}

TEST(Vectors, WycheproofHmacSha256) {
  TAILOR_LOAD_OR_SKIP(file, "wycheproof/hmac_sha256_test.json");
  const int count = for_each_test(
      *file, [](const json& group) { return group["tagSize"] == 256; },
      [](const json&, const json& test) {
        const auto mac = hmac_sha256(unhex(test["key"]), unhex(test["msg"]));
        ASSERT_TRUE(mac.ok());
        EXPECT_EQ(equal(*mac, unhex(test["tag"])), test["result"] == "valid");
        const Status status = verify_hmac_sha256(unhex(test["key"]), unhex(test["msg"]), unhex(test["tag"]));
        EXPECT_EQ(status.ok(), test["result"] == "valid");
      });
  EXPECT_GT(count, 50);
}

TEST(Vectors, WycheproofHkdfSha256) {
  TAILOR_LOAD_OR_SKIP(file, "wycheproof/hkdf_sha256_test.json");
  const int count = for_each_test(
      *file, [](const json&) { return true; },
      [](const json&, const json& test) {
        Bytes out(test["size"].get<size_t>());
        const Status status = hkdf_sha256(unhex(test["ikm"]), unhex(test["salt"]), unhex(test["info"]), out);
        ASSERT_EQ(status.ok(), test["result"] == "valid");
        if (status.ok()) {
          EXPECT_EQ(out, unhex(test["okm"]));
        }
      });
  EXPECT_EQ(count, 86);
}

void check_aead(AeadAlgorithm algorithm, const json& test) {
  const Bytes plain = unhex(test["msg"]);
  Bytes sealed = unhex(test["ct"]);
  for (const uint8_t byte : unhex(test["tag"])) sealed.push_back(byte);
  Bytes out(sealed.size());
  const bool valid = test["result"] == "valid";
  const auto opened = aead_open(algorithm, unhex(test["key"]), unhex(test["iv"]), unhex(test["aad"]), sealed, out);
  ASSERT_EQ(opened.ok(), valid);
  if (!valid) {
    EXPECT_EQ(opened.error(), Error::kSignatureInvalid);
    return;
  }
  EXPECT_TRUE(equal(*opened, plain));
  const auto again = aead_seal(algorithm, unhex(test["key"]), unhex(test["iv"]), unhex(test["aad"]), plain, out);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(equal(*again, sealed));
}

TEST(Vectors, WycheproofAesGcm) {
  TAILOR_LOAD_OR_SKIP(file, "wycheproof/aes_gcm_test.json");
  const int count = for_each_test(
      *file, [](const json& g) { return g["keySize"] == 128 && g["ivSize"] == 96 && g["tagSize"] == 128; },
      [](const json&, const json& test) { check_aead(AeadAlgorithm::kA128Gcm, test); });
  EXPECT_GT(count, 30);
}

// Wycheproof has no test of CCM with a 13-byte nonce and an 8-byte tag; the COSE working group's examples have.
TEST(Vectors, CoseAesCcm16_64_128) {
  for (const char* name : {"cose/aes-ccm-examples/aes-ccm-01.json", "cose/aes-ccm-examples/aes-ccm-enc-01.json"}) {
    TAILOR_LOAD_OR_SKIP(file, name);
    const json& hex = file->at("intermediates");
    const Bytes key = unhex(hex.at("CEK_hex"));
    const Bytes additional = unhex(hex.at("AAD_hex"));
    const Bytes nonce = unhex(file->at("input").at("rng_stream").at(0));
    const auto text = file->at("input").at("plaintext").get<std::string>();
    Bytes out(text.size() + 8);
    const auto sealed = aead_seal(AeadAlgorithm::kAesCcm16_64_128, key, nonce, additional, as_bytes(text), out);
    ASSERT_TRUE(sealed.ok());
    const Bytes message = unhex(file->at("output").at("cbor"));
    EXPECT_NE(std::search(message.begin(), message.end(), sealed->begin(), sealed->end()), message.end()) << name;
  }
}

TEST(Vectors, Rfc5869AndRfc6979) {
  TAILOR_LOAD_OR_SKIP(file, "crypto_primitives_rfc.json");
  for (const json& test : (*file)["vectors"]["hkdf_sha256_rfc5869"]) {
    Bytes out(test["L"].get<size_t>());
    ASSERT_TRUE(hkdf_sha256(unhex(test["IKM"]), unhex(test["salt"]), unhex(test["info"]), out).ok());
    EXPECT_EQ(out, unhex(test["OKM"]));
  }
  const json& ecdsa = (*file)["vectors"]["ecdsa_p256_rfc6979_a25"];
  const Bytes raw = unhex(ecdsa["private"]);
  std::array<uint8_t, 32> scalar{};
  std::copy(raw.begin(), raw.end(), scalar.begin());
  const P256PublicKey key = public_key_of(P256PrivateKey{scalar}).value();
  Bytes expected = unhex(ecdsa["ux"]);
  for (const uint8_t byte : unhex(ecdsa["uy"])) expected.push_back(byte);
  EXPECT_TRUE(equal(key.xy, expected));
  int count = 0;
  for (const json& test : ecdsa["tests"]) {
    if (test["hash"] != "SHA-256") continue;
    const Sha256Digest digest = sha256(as_bytes(test["message"].get<std::string>())).value();
    P256Signature signature{};
    const Bytes r = unhex(test["r"]);
    const Bytes s = unhex(test["s"]);
    std::copy(r.begin(), r.end(), signature.begin());
    std::copy(s.begin(), s.end(), signature.begin() + 32);
    EXPECT_TRUE(verify_p256(key, digest, signature).ok());
    EXPECT_TRUE(verify_p256(key, digest, sign_p256(P256PrivateKey{scalar}, digest).value()).ok());
    ++count;
  }
  EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace tailor::crypto
