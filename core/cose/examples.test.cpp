// SPDX-License-Identifier: Apache-2.0
// The working group's examples (cose-wg/Examples) of signatures and MACs: those of the SUIT algorithm profiles verify,
// those that are meant to fail do, and each of the others is refused with the reason that stands beside it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/cose/block.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::cose {
namespace {

using testing::Octets;
using Json = nlohmann::json;

constexpr Error kValid = Error{};
constexpr VerificationPolicy kLegacy{.legacy_algorithms = true};

struct Row {
  const char* file;
  Error expected;
};

// Refused although the set calls them valid: wrong tag or none, algorithm outside the protected header, curves and
// hashes outside the profiles.
constexpr Row kRows[] = {
    {"sign-tests/ecdsa-01", kValid},
    {"sign-tests/sign-fail-01", Error::kCoseUnsupported},
    {"sign-tests/sign-fail-02", Error::kSignatureInvalid},
    {"sign-tests/sign-fail-03", Error::kAlgorithmUnsupported},
    {"sign-tests/sign-fail-04", Error::kAlgorithmUnsupported},
    {"sign-tests/sign-fail-06", Error::kSignatureInvalid},
    {"sign-tests/sign-fail-07", Error::kSignatureInvalid},
    {"sign-tests/sign-pass-01", kValid},
    {"sign-tests/sign-pass-02", kValid},
    {"sign-tests/sign-pass-03", Error::kCborWrongType},     // no tag
    {"sign1-tests/sign-pass-01", Error::kCoseUnsupported},  // algorithm not protected
    {"sign1-tests/sign-pass-02", kValid},
    {"sign1-tests/sign-pass-03", Error::kCborWrongType},  // no tag
    {"sign1-tests/sign-fail-01", Error::kCoseUnsupported},
    {"sign1-tests/sign-fail-02", Error::kSignatureInvalid},
    {"sign1-tests/sign-fail-03", Error::kAlgorithmUnsupported},
    {"sign1-tests/sign-fail-04", Error::kAlgorithmUnsupported},
    {"sign1-tests/sign-fail-06", Error::kSignatureInvalid},
    {"sign1-tests/sign-fail-07", Error::kSignatureInvalid},
    {"mac-tests/HMac-01", kValid},
    {"mac-tests/mac-fail-01", Error::kCoseUnsupported},
    {"mac-tests/mac-fail-02", Error::kSignatureInvalid},
    {"mac-tests/mac-fail-03", Error::kAlgorithmUnsupported},
    {"mac-tests/mac-fail-04", Error::kAlgorithmUnsupported},
    {"mac-tests/mac-fail-06", Error::kSignatureInvalid},
    {"mac-tests/mac-fail-07", Error::kSignatureInvalid},
    {"mac-tests/mac-pass-01", Error::kCoseUnsupported},  // algorithm not protected
    {"mac-tests/mac-pass-02", Error::kCoseUnsupported},  // algorithm not protected
    {"mac-tests/mac-pass-03", Error::kCborWrongType},    // no tag
    {"mac0-tests/HMac-01", kValid},
    {"mac0-tests/mac-fail-01", Error::kCoseUnsupported},
    {"mac0-tests/mac-fail-02", Error::kSignatureInvalid},
    {"mac0-tests/mac-fail-03", Error::kAlgorithmUnsupported},
    {"mac0-tests/mac-fail-04", Error::kAlgorithmUnsupported},
    {"mac0-tests/mac-fail-06", Error::kSignatureInvalid},
    {"mac0-tests/mac-fail-07", Error::kSignatureInvalid},
    {"mac0-tests/mac-pass-01", Error::kCoseUnsupported},  // algorithm not protected
    {"mac0-tests/mac-pass-02", Error::kCoseUnsupported},  // algorithm not protected
    {"mac0-tests/mac-pass-03", Error::kCborWrongType},    // no tag
    {"hmac-examples/HMac-01", kValid},
    {"hmac-examples/HMac-02", Error::kAlgorithmUnsupported},  // SHA-384
    {"hmac-examples/HMac-03", Error::kAlgorithmUnsupported},  // SHA-512
    {"hmac-examples/HMac-04", Error::kSignatureInvalid},
    {"hmac-examples/HMac-05", Error::kAlgorithmUnsupported},  // 64-bit tag
    {"hmac-examples/HMac-enc-01", kValid},
    {"hmac-examples/HMac-enc-02", Error::kAlgorithmUnsupported},
    {"hmac-examples/HMac-enc-03", Error::kAlgorithmUnsupported},
    {"hmac-examples/HMac-enc-04", Error::kSignatureInvalid},
    {"hmac-examples/HMac-enc-05", Error::kAlgorithmUnsupported},
    {"ecdsa-examples/ecdsa-01", kValid},
    {"ecdsa-examples/ecdsa-02", Error::kAlgorithmUnsupported},  // P-384
    {"ecdsa-examples/ecdsa-03", Error::kAlgorithmUnsupported},  // P-521
    {"ecdsa-examples/ecdsa-04", Error::kAlgorithmUnsupported},  // P-256 with SHA-512
    {"ecdsa-examples/ecdsa-sig-01", kValid},
    {"ecdsa-examples/ecdsa-sig-02", Error::kAlgorithmUnsupported},
    {"ecdsa-examples/ecdsa-sig-03", Error::kAlgorithmUnsupported},
    {"ecdsa-examples/ecdsa-sig-04", Error::kAlgorithmUnsupported},
    {"eddsa-examples/eddsa-01", kValid},
    {"eddsa-examples/eddsa-02", Error::kSignerUnknown},  // Ed448: a key that we cannot have
    {"eddsa-examples/eddsa-sig-01", kValid},
    {"eddsa-examples/eddsa-sig-02", Error::kSignerUnknown},
    {"hashsig/hashsig-01", kValid},
    {"hashsig/hsssig-sig-01", kValid},
    {"aes-wrap-examples/aes-wrap-128-01", Error::kAlgorithmUnsupported},  // AES-MAC, and HMAC with SHA-512
    {"aes-wrap-examples/aes-wrap-128-02", Error::kAlgorithmUnsupported},
    {"aes-wrap-examples/aes-wrap-128-03", Error::kAlgorithmUnsupported},
    {"aes-wrap-examples/aes-wrap-192-01", Error::kAlgorithmUnsupported},
    {"aes-wrap-examples/aes-wrap-192-02", Error::kAlgorithmUnsupported},
    {"aes-wrap-examples/aes-wrap-192-03", Error::kAlgorithmUnsupported},
    {"aes-wrap-examples/aes-wrap-256-01", Error::kAlgorithmUnsupported},
    {"aes-wrap-examples/aes-wrap-256-02", Error::kAlgorithmUnsupported},
    {"aes-wrap-examples/aes-wrap-256-03", Error::kAlgorithmUnsupported},
    {"ecdh-wrap-examples/p256-wrap-128-03", Error::kCborNotCanonical},  // keys of the map not in order
    {"ecdh-wrap-examples/p256-ss-wrap-128-03", Error::kCborNotCanonical},
    {"chacha-poly-examples/chacha-poly-01", Error::kCoseUnsupported},  // encrypted: nothing to verify
    {"aes-gcm-examples/aes-gcm-enc-01", Error::kCoseUnsupported},
};

Octets octets_of(const Json& key, const char* name) {
  const std::string hex = std::string(name) + "_hex";
  if (key.contains(hex)) return testing::from_hex(key[hex].get<std::string>());
  return testing::from_base64url(key[name].get<std::string>());
}

/// The key of an example, if it is of a kind that there is.
Result<VerificationKey> key_of(const Json& key) {
  const std::string type = key.value("kty", "");
  if (type == "oct") return VerificationKey::from_bytes(KeyKind::kHmac256, octets_of(key, "k"));
  if (type == "OKP") return VerificationKey::from_bytes(KeyKind::kEd25519, octets_of(key, "x"));
  if (type == "HSS-LMS") {
    return VerificationKey::from_bytes(KeyKind::kHssLms, testing::from_hex(key["public"].get<std::string>()));
  }
  Octets xy = octets_of(key, "x");
  const Octets y = octets_of(key, "y");
  xy.insert(xy.end(), y.begin(), y.end());
  return VerificationKey::from_bytes(KeyKind::kP256, xy);
}

/// What the first claim comes to.
Error outcome(ByteView bytes, const Result<VerificationKey>& key, ByteView external,
              const VerificationPolicy& policy = kLegacy) {
  Block block;
  if (const Status decoded = decode_block(bytes, block); !decoded.ok()) return decoded.error();
  Claim claim;
  if (const Status taken = Claims(block, policy).next(claim); !taken.ok()) return taken.error();
  if (!key.ok()) return Error::kSignerUnknown;
  const Status status = verify(claim, block.payload, *key, external);
  return status.ok() ? kValid : status.error();
}

void expect_outcome(const std::filesystem::path& folder, const Row& row) {
  SCOPED_TRACE(row.file);
  const Json document = Json::parse(testing::read_text(folder / (std::string(row.file) + ".json")));
  const Octets bytes = testing::from_hex(document["output"]["cbor"].get<std::string>());
  Json key, external;
  for (const auto& [name, value] : document["input"].items()) {
    if (!value.is_object()) continue;
    const Json& holder = value.contains("signers")      ? value["signers"][0]
                         : value.contains("recipients") ? value["recipients"][0]
                                                        : value;
    if (holder.contains("key")) key = holder["key"];
    for (const Json* place : {&value, &holder}) {
      if (place->contains("external")) external = (*place)["external"];
    }
  }
  const auto known = key.is_null() ? Result<VerificationKey>(Error::kNotFound) : key_of(key);
  const Octets external_data = external.is_string() ? testing::from_hex(external.get<std::string>()) : Octets{};
  const Error got = outcome(bytes, known, external_data);
  if (known.ok() && known->kind() == KeyKind::kEd25519 && !crypto::generate_ed25519().ok()) {
    EXPECT_EQ(got, Error::kAlgorithmUnsupported) << "a backend may be without";
    return;
  }
  EXPECT_EQ(got, row.expected);
  EXPECT_FALSE(document.value("fail", false) && row.expected == kValid) << "the set says that it fails";
  if (row.expected != kValid) return;
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_NE(outcome(ByteView(bytes).first(length), known, external_data), kValid) << length;
  }
  const bool deprecated = known->kind() == KeyKind::kP256 || known->kind() == KeyKind::kEd25519;
  EXPECT_EQ(outcome(bytes, known, external_data, {}), deprecated ? Error::kAlgorithmUnsupported : kValid)
      << "ES256 and EdDSA need the switch";
}

TEST(CoseVectors, EachExampleHasItsOutcome) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  for (const Row& row : kRows) expect_outcome(*folder / "protocols/cose", row);
}

}  // namespace
}  // namespace tailor::cose
