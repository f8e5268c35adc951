// SPDX-License-Identifier: Apache-2.0
// Structures made by the encoder verify as what they are and as nothing else; a table of what is refused.
#include "core/cose/block.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "core/cose/encoder/block_encoder.hpp"
#include "core/cose/key.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::cose {
namespace {

using testing::Octets;

constexpr auto kPayload = "82 2f 42 aa bb"_hex;
constexpr auto kKeyId = "6b 31"_hex;
constexpr auto kOtherId = "6b 32"_hex;
constexpr VerificationPolicy kLegacy{.legacy_algorithms = true};
constexpr Error kValid = Error{};

/// Somebody who can sign with one algorithm.
struct Signer {
  const char* name;
  int64_t algorithm;
  VerificationKey key;
  std::function<Octets(ByteView to_be_signed)> sign;
};

Signer p256_signer(int64_t algorithm = algorithm::kEsp256) {
  const auto key = crypto::generate_p256().value();
  return {"P-256", algorithm, crypto::public_key_of(key).value(), [key](ByteView bytes) {
            const auto signature = crypto::sign_p256(key, crypto::sha256(bytes).value()).value();
            return Octets(signature.begin(), signature.end());
          }};
}

Signer ed25519_signer(int64_t algorithm = algorithm::kEd25519) {
  const auto key = crypto::generate_ed25519().value();
  return {"Ed25519", algorithm,
          VerificationKey::from_bytes(KeyKind::kEd25519, crypto::public_key_of(key).value().bytes).value(),
          [key](ByteView bytes) {
            const auto signature = crypto::sign_ed25519(key, bytes).value();
            return Octets(signature.begin(), signature.end());
          }};
}

Octets signature_of(const Signer& signer, Structure structure, ByteView payload = kPayload) {
  std::array<uint8_t, 256> buffer;
  return signer.sign(to_be_signed(structure, {signer.algorithm, kKeyId}, payload, buffer).value());
}

Octets sign1_of(const Signer& signer) {
  std::array<uint8_t, 256> buffer;
  const Octets signature = signature_of(signer, Structure::kSign1);
  const ByteView block = encode_sign1({{signer.algorithm, kKeyId}, signature}, buffer).value();
  return {block.begin(), block.end()};
}

Octets sign_of(std::span<const Signer> signers) {
  std::array<uint8_t, 1024> buffer;
  std::vector<Octets> signatures;
  std::vector<SignatureEntry> entries;
  for (const Signer& signer : signers) signatures.push_back(signature_of(signer, Structure::kSign));
  for (size_t i = 0; i < signers.size(); ++i) entries.push_back({{signers[i].algorithm, kKeyId}, signatures[i]});
  const ByteView block = encode_sign(entries, buffer).value();
  return {block.begin(), block.end()};
}

VerificationKey secret_key(KeyKind kind, size_t size, uint8_t fill) {
  return VerificationKey::from_bytes(kind, Octets(size, fill)).value();
}

/// What the nth claim of the block comes to under the key.
Error outcome(ByteView bytes, const VerificationKey& key, size_t nth = 0, const VerificationPolicy& policy = {},
              ByteView payload = kPayload) {
  Block block;
  if (const Status decoded = decode_block(bytes, block); !decoded.ok()) return decoded.error();
  Claims claims(block, policy);
  for (;; --nth) {
    if (!claims.more()) return Error::kNotFound;
    Claim claim;
    const Status taken = claims.next(claim);
    if (nth != 0) continue;
    if (!taken.ok()) return taken.error();
    const Status status = verify(claim, payload, key);
    return status.ok() ? kValid : status.error();
  }
}

TEST(Block, EachSignatureVerifiesUnderItsKeyOnly) {
  const Signer signers[] = {p256_signer(), ed25519_signer()};
  const Signer strangers[] = {p256_signer(), ed25519_signer()};
  for (size_t i = 0; i < std::size(signers); ++i) {
    for (const Octets& block : {sign1_of(signers[i]), sign_of({&signers[i], 1})}) {
      EXPECT_EQ(outcome(block, signers[i].key), kValid) << signers[i].name;
      EXPECT_EQ(outcome(block, strangers[i].key), Error::kSignatureInvalid) << signers[i].name;
      EXPECT_EQ(outcome(block, signers[1 - i].key), Error::kAlgorithmUnsupported) << "a key of another kind";
      EXPECT_EQ(outcome(block, signers[i].key, 0, {}, kKeyId), Error::kSignatureInvalid) << "another payload";
      for (size_t length = 0; length < block.size(); ++length) {
        EXPECT_NE(outcome(ByteView(block).first(length), signers[i].key), kValid) << signers[i].name << length;
      }
    }
  }
}

TEST(Block, ASignatureOfOneStructureIsNoneOfAnother) {
  const Signer signer = ed25519_signer();
  std::array<uint8_t, 256> buffer;
  const Octets for_sign1 = signature_of(signer, Structure::kSign1);
  const SignatureEntry entry{{signer.algorithm, {}}, for_sign1};
  EXPECT_EQ(outcome(encode_sign({&entry, 1}, buffer).value(), signer.key), Error::kSignatureInvalid);
  const Octets for_sign = signature_of(signer, Structure::kSign);
  EXPECT_EQ(outcome(encode_sign1({{signer.algorithm, {}}, for_sign}, buffer).value(), signer.key),
            Error::kSignatureInvalid);
}

TEST(Block, EveryChangedBitOutsideTheKeyIdBreaksIt) {
  const Signer signer = ed25519_signer();
  const Octets block = sign1_of(signer);
  ASSERT_EQ(block[6], 0xA1) << "the unprotected map with the key id";
  for (size_t at = 0; at < block.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Octets changed = block;
      changed[at] = static_cast<uint8_t>(changed[at] ^ (1U << bit));
      const bool in_key_id = at == 7 || at == 9 || at == 10;  // its label, its octets: not protected by design
      if (in_key_id) continue;
      EXPECT_NE(outcome(changed, signer.key), kValid) << at << "." << bit;
    }
  }
}

TEST(Block, AlgorithmsThatLeaveTheCurveOpenNeedTheSwitch) {
  for (const Signer& signer : {p256_signer(algorithm::kEs256), ed25519_signer(algorithm::kEdDsa)}) {
    const Octets block = sign1_of(signer);
    EXPECT_EQ(outcome(block, signer.key), Error::kAlgorithmUnsupported) << signer.name;
    EXPECT_EQ(outcome(block, signer.key, 0, kLegacy), kValid) << signer.name;
  }
}

TEST(Block, SeveralSignersAreSeveralClaims) {
  std::vector<Signer> signers = {p256_signer(), ed25519_signer(), p256_signer()};
  const Octets block = sign_of(signers);
  for (size_t nth = 0; nth < signers.size(); ++nth) {
    EXPECT_EQ(outcome(block, signers[nth].key, nth), kValid) << nth;
    EXPECT_NE(outcome(block, signers[nth].key, (nth + 1) % 3), kValid) << nth;
  }
  EXPECT_EQ(outcome(block, signers[0].key, 3), Error::kNotFound);
  signers[1].algorithm = -35;  // ES384
  EXPECT_EQ(outcome(sign_of(signers), signers[1].key, 1), Error::kAlgorithmUnsupported);
  EXPECT_EQ(outcome(sign_of(signers), signers[2].key, 2), kValid) << "after one that is not understood";
}

TEST(Block, HoldsAsManyEntriesAsTheLimitSays) {
  std::array<uint8_t, 1024> buffer;
  const Signer signer = ed25519_signer();
  const std::vector<Signer> four(kMaxEntries, signer);
  EXPECT_EQ(outcome(sign_of(four), signer.key, kMaxEntries - 1), kValid);
  const Octets signature = signature_of(signer, Structure::kSign);
  const std::vector<SignatureEntry> five(kMaxEntries + 1, {{signer.algorithm, {}}, signature});
  EXPECT_EQ(encode_sign(five, buffer).error(), Error::kValueOutOfRange);
  EXPECT_EQ(encode_sign({}, buffer).error(), Error::kValueOutOfRange);
  Octets block(buffer.begin(), buffer.end());
  const ByteView written = encode_sign(std::span(five).first(kMaxEntries), block).value();
  block.resize(written.size());
  ASSERT_EQ(block[6], 0x84) << "the array of signatures";
  block[6] = 0x85;
  block.insert(block.end(), block.begin() + 7, block.begin() + 7 + static_cast<ptrdiff_t>((block.size() - 7) / 4));
  EXPECT_EQ(outcome(block, signer.key), Error::kCoseUnsupported);
}

TEST(Block, MacsVerifyUnderTheirKeyOnly) {
  const VerificationKey key = secret_key(KeyKind::kHmac256, 32, 0x61);
  const VerificationKey other = secret_key(KeyKind::kHmac256, 32, 0x62);
  std::array<uint8_t, 512> mac0, mac;
  const MacRecipient direct{{}, kKeyId};
  for (const ByteView block : {encode_mac0(kPayload, key.bytes(), kKeyId, mac0).value(),
                               encode_mac(kPayload, key.bytes(), {&direct, 1}, mac).value()}) {
    EXPECT_EQ(outcome(block, key), kValid);
    EXPECT_EQ(outcome(block, other), Error::kSignatureInvalid);
    EXPECT_EQ(outcome(block, secret_key(KeyKind::kAesKw, 32, 0x61)), Error::kAlgorithmUnsupported);
    EXPECT_EQ(outcome(block, key, 0, {}, kKeyId), Error::kSignatureInvalid) << "another payload";
    for (size_t length = 0; length < block.size(); ++length) EXPECT_NE(outcome(block.first(length), key), kValid);
    Block decoded;
    ASSERT_TRUE(decode_block(block, decoded).ok());
    Claim claim;
    ASSERT_TRUE(Claims(decoded, {}).next(claim).ok());
    EXPECT_TRUE(equal(claim.key_id, kKeyId));
    claim.authenticator = claim.authenticator.first(31);
    EXPECT_EQ(verify(claim, kPayload, key).error(), Error::kSignatureInvalid) << "a truncated tag";
  }
}

TEST(Block, ATagThatWasMadeElsewhereIsTheSame) {
  const VerificationKey key = secret_key(KeyKind::kHmac256, 32, 0x61);
  std::array<uint8_t, 256> message, here, there;
  const SignerHeaders headers{algorithm::kHmac256, kKeyId};
  const ByteView structure = to_be_signed(Structure::kMac0, headers, kPayload, message).value();
  const auto tag = crypto::hmac_sha256(key.bytes(), structure).value();
  EXPECT_TRUE(
      equal(encode_mac0({headers, tag}, there).value(), encode_mac0(kPayload, key.bytes(), kKeyId, here).value()));
}

TEST(Block, WrappedMacKeysAreForEachRecipient) {
  const Octets mac_key(32, 0x61);
  const VerificationKey keys[] = {secret_key(KeyKind::kAesKw, 16, 1), secret_key(KeyKind::kAesKw, 24, 2),
                                  secret_key(KeyKind::kAesKw, 32, 3)};
  const MacRecipient recipients[] = {{keys[0].bytes(), kKeyId}, {keys[1].bytes(), {}}, {keys[2].bytes(), kOtherId}};
  std::array<uint8_t, 512> buffer;
  const ByteView block = encode_mac(kPayload, mac_key, recipients, buffer).value();
  for (size_t nth = 0; nth < std::size(keys); ++nth) {
    EXPECT_EQ(outcome(block, keys[nth], nth), kValid) << nth;
    EXPECT_EQ(outcome(block, secret_key(KeyKind::kAesKw, keys[nth].bytes().size(), 9), nth), Error::kSignatureInvalid);
    EXPECT_EQ(outcome(block, keys[(nth + 1) % 3], nth), Error::kAlgorithmUnsupported) << "a key of another size";
    for (size_t length = 0; length < block.size(); ++length) {
      EXPECT_NE(outcome(block.first(length), keys[nth], nth), kValid) << length;
    }
  }
  const MacRecipient direct_and_wrapped[] = {{{}, kKeyId}, {keys[0].bytes(), {}}};
  EXPECT_EQ(encode_mac(kPayload, mac_key, direct_and_wrapped, buffer).error(), Error::kValueOutOfRange);
  EXPECT_EQ(encode_mac(kPayload, Octets(15, 1), recipients, buffer).error(), Error::kValueOutOfRange);
  EXPECT_EQ(encode_mac0(kPayload, Octets(65, 1), {}, buffer).error(), Error::kValueOutOfRange);
}

TEST(Block, PayloadsBeyondTheLimitAreForEcdsaAlone) {
  // Sig_structure around the payload: array, "Signature1", protected, external data, head of the payload.
  constexpr size_t kAround = 1 + 11 + 4 + 1 + 2;
  const Signer signer = ed25519_signer();
  std::array<uint8_t, 512> buffer;
  for (const size_t size : {kMaxSignedBytes - kAround, kMaxSignedBytes - kAround + 1}) {
    const Octets payload(size, 0x55);
    const Octets signature =
        signer.sign(to_be_signed(Structure::kSign1, {signer.algorithm, {}}, payload, buffer).value());
    std::array<uint8_t, 128> block_buffer;
    const ByteView block = encode_sign1({{signer.algorithm, {}}, signature}, block_buffer).value();
    EXPECT_EQ(outcome(block, signer.key, 0, {}, payload),
              size + kAround == kMaxSignedBytes ? kValid : Error::kBodyTooLarge);
  }
  const Signer ecdsa = p256_signer();
  const Octets payload(400, 0x55);
  const Octets signature = ecdsa.sign(to_be_signed(Structure::kSign1, {ecdsa.algorithm, {}}, payload, buffer).value());
  std::array<uint8_t, 128> block_buffer;
  EXPECT_EQ(outcome(encode_sign1({{ecdsa.algorithm, {}}, signature}, block_buffer).value(), ecdsa.key, 0, {}, payload),
            kValid);
}

struct Refusal {
  const char* what;
  const char* bytes;
  Error error;
};

TEST(Block, RefusesWhatIsNoStructureOfOurs) {
  const VerificationKey key = secret_key(KeyKind::kHmac256, 32, 0x61);
  const Refusal rows[] = {
      {"empty", "", Error::kTruncated},
      {"untagged", "84 43 a10128 a0 f6 40", Error::kCborWrongType},
      {"COSE_Encrypt0", "d0 83 43 a10101 a0 40", Error::kCoseUnsupported},
      {"COSE_Encrypt", "d8 60 84 40 a0 f6 80", Error::kCoseUnsupported},
      {"tag beyond a byte", "d9 03e6 84 43 a10128 a0 f6 40", Error::kCoseUnsupported},
      {"tag 18 + 256", "d9 0112 84 43 a10128 a0 f6 40", Error::kCoseUnsupported},
      {"COSE_Sign1 of three", "d2 83 43 a10128 a0 f6", Error::kCoseUnsupported},
      {"COSE_Sign1 of five", "d2 85 43 a10128 a0 f6 40 80", Error::kCoseUnsupported},
      {"COSE_Mac0 of five", "d1 85 43 a10105 a0 f6 40 80", Error::kCoseUnsupported},
      {"COSE_Mac of four", "d8 61 84 43 a10105 a0 f6 40", Error::kCoseUnsupported},
      {"COSE_Sign of five", "d8 62 85 40 a0 f6 40 80", Error::kCoseUnsupported},
      {"no signers", "d8 62 84 40 a0 f6 80", Error::kCoseUnsupported},
      {"no recipients", "d8 61 85 43 a10105 a0 f6 40 80", Error::kCoseUnsupported},
      {"protected header is a map", "d2 84 a10128 a0 f6 40", Error::kCborWrongType},
      {"protected header is no map", "d2 84 41 80 a0 f6 40", Error::kCborWrongType},
      {"protected header goes on", "d2 84 44 a1012800 a0 f6 40", Error::kTrailingBytes},
      {"protected header ends early", "d2 84 42 a101 a0 f6 40", Error::kTruncated},
      {"protected keys out of order", "d2 84 46 a2 0441 61 0128 a0 f6 40", Error::kCborNotCanonical},
      {"algorithm twice in the map", "d2 84 45 a2 0128 0128 a0 f6 40", Error::kDuplicateKey},
      {"algorithm in both maps", "d2 84 43 a10128 a10128 f6 40", Error::kDuplicateKey},
      {"algorithm by text", "d2 84 48 a1 01 65 4553323536 a0 f6 40", Error::kAlgorithmUnsupported},
      {"algorithm is a byte string", "d2 84 43 a10140 a0 f6 40", Error::kCborWrongType},
      {"key id in both maps", "d2 84 46 a2 0128 044161 a1044161 f6 40", Error::kDuplicateKey},
      {"empty key id in both maps", "d2 84 45 a2 0128 0440 a10440 f6 40", Error::kDuplicateKey},
      {"key id is text", "d2 84 43 a10128 a1046161 f6 40", Error::kCborWrongType},
      {"critical, protected", "d2 84 46 a2 0128 028104 a0 f6 40", Error::kCoseUnsupported},
      {"critical, unprotected", "d2 84 43 a10128 a1028104 f6 40", Error::kCoseUnsupported},
      {"payload is text", "d2 84 43 a10128 a0 60 40", Error::kCborWrongType},
      {"payload is undefined", "d2 84 43 a10128 a0 f7 40", Error::kCborWrongType},
      {"signature is null", "d2 84 43 a10128 a0 f6 f6", Error::kCborWrongType},
      {"signatures are a byte string", "d8 62 84 40 a0 f6 40", Error::kCborWrongType},
      {"trailing", "d2 84 43 a10128 a0 f6 40 00", Error::kTrailingBytes},
      {"indefinite array", "d2 9f 43 a10128 a0 f6 40 ff", Error::kCborNotCanonical},
  };
  for (const Refusal& row : rows) {
    Block block;
    const Status decoded = decode_block(testing::from_hex(row.bytes), block);
    EXPECT_EQ(decoded.ok() ? kValid : decoded.error(), row.error) << row.what;
  }
  EXPECT_EQ(outcome(testing::from_hex("d1 84 43 a10105 a0 f6 40"), key), Error::kSignatureInvalid) << "well-formed";
}

TEST(Block, RefusesClaimsThatCannotBeJudged) {
  const Refusal rows[] = {
      {"algorithm absent", "d2 84 40 a0 f6 40", Error::kCoseUnsupported},
      {"algorithm absent, empty map", "d2 84 41 a0 a0 f6 40", Error::kCoseUnsupported},
      {"algorithm not protected", "d2 84 40 a10128 f6 40", Error::kCoseUnsupported},
      {"MAC algorithm not protected", "d1 84 40 a10105 f6 40", Error::kCoseUnsupported},
      {"MAC algorithm of a signature", "d2 84 43 a10105 a0 f6 40", Error::kAlgorithmUnsupported},
      {"signature algorithm of a MAC", "d1 84 43 a10128 a0 f6 40", Error::kAlgorithmUnsupported},
      {"HMAC with SHA-384", "d1 84 43 a10106 a0 f6 40", Error::kAlgorithmUnsupported},
      {"HMAC with a short tag", "d1 84 43 a10104 a0 f6 40", Error::kAlgorithmUnsupported},
      {"ES384", "d2 84 44 a1013822 a0 f6 40", Error::kAlgorithmUnsupported},
      {"-9 + 65536", "d2 84 45 a10119fff7 a0 f6 40", Error::kAlgorithmUnsupported},
      {"direct is no algorithm of a body", "d1 84 43 a10125 a0 f6 40", Error::kAlgorithmUnsupported},
      {"signer: four elements", "d8 62 84 40 a0 f6 81 84 43a10128 a0 40 40", Error::kCoseUnsupported},
      {"signer: an integer", "d8 62 84 40 a0 f6 81 00", Error::kCborWrongType},
      {"signer: algorithm of the body", "d8 62 84 43 a10128 a0 f6 81 83 40 a0 40", Error::kCoseUnsupported},
      {"signer: algorithm not protected", "d8 62 84 40 a0 f6 81 83 40 a10128 40", Error::kCoseUnsupported},
      {"signer: critical", "d8 62 84 40 a0 f6 81 83 46 a20128028104 a0 40", Error::kCoseUnsupported},
      {"signer: MAC algorithm", "d8 62 84 40 a0 f6 81 83 43a10105 a0 40", Error::kAlgorithmUnsupported},
      {"recipient: four elements", "d8 61 85 43a10105 a0 f6 40 81 84 40 a10125 40 80", Error::kCoseUnsupported},
      {"recipient: direct with a wrapped key", "d8 61 85 43a10105 a0 f6 40 81 83 40 a10125 41 00",
       Error::kCoseUnsupported},
      {"recipient: direct beside another", "d8 61 85 43a10105 a0 f6 40 82 83 40 a10125 40 83 40 a10122 40",
       Error::kCoseUnsupported},
      {"recipient: key wrap protected", "d8 61 85 43a10105 a0 f6 40 81 83 43a10122 a0 40", Error::kCoseUnsupported},
      {"recipient: no algorithm", "d8 61 85 43a10105 a0 f6 40 81 83 40 a0 40", Error::kAlgorithmUnsupported},
      {"recipient: ECDH", "d8 61 85 43a10105 a0 f6 40 81 83 40 a101381c 40", Error::kAlgorithmUnsupported},
      {"recipient: wrapped key is null", "d8 61 85 43a10105 a0 f6 40 81 83 40 a10122 f6", Error::kCborWrongType},
  };
  for (const Refusal& row : rows) {
    const Octets bytes = testing::from_hex(row.bytes);
    Block block;
    ASSERT_TRUE(decode_block(bytes, block).ok()) << row.what;
    Claim claim;
    const Status taken = Claims(block, kLegacy).next(claim);
    EXPECT_EQ(taken.ok() ? kValid : taken.error(), row.error) << row.what;
  }
}

TEST(Block, AnEmptyProtectedMapIsAnEmptyString) {
  // RFC 9052 3: both are accepted; RFC 9052 4.4: the structure has the empty string.
  const Signer signer = ed25519_signer();
  Octets block = sign_of({&signer, 1});
  ASSERT_EQ(block[3], 0x40);
  block[3] = 0x41;
  block.insert(block.begin() + 4, 0xA0);
  EXPECT_EQ(outcome(block, signer.key), kValid);
}

TEST(Block, WrappedKeysOfNoSizeAreRefused) {
  const VerificationKey key = secret_key(KeyKind::kAesKw, 16, 1);
  for (const size_t size : {size_t{0}, size_t{8}, size_t{16}, size_t{23}, size_t{25}, size_t{72}, size_t{80}}) {
    Octets block = testing::from_hex("d8 61 85 43a10105 a0 f6 40 81 83 40 a10122 58");
    block.push_back(static_cast<uint8_t>(size));
    if (size < 24) {
      block.pop_back();
      block.back() = static_cast<uint8_t>(0x40 + size);
    }
    block.insert(block.end(), size, 0x77);
    EXPECT_EQ(outcome(block, key), Error::kSignatureInvalid) << size;
  }
}

TEST(Encoder, SaysWhenTheBufferIsTooSmall) {
  const Octets signature(64, 1), key(32, 2);
  const SignatureEntry entry{{algorithm::kEd25519, kKeyId}, signature};
  const MacRecipient recipient{key, kKeyId};
  std::array<uint8_t, 256> buffer;
  const std::function<Result<ByteView>(MutableBytes)> encoders[] = {
      [&](MutableBytes out) { return to_be_signed(Structure::kSign1, entry.headers, kPayload, out); },
      [&](MutableBytes out) { return encode_sign1(entry, out); },
      [&](MutableBytes out) {
        return encode_sign({&entry, 1}, out);
      },
      [&](MutableBytes out) { return encode_mac0(kPayload, key, kKeyId, out); },
      [&](MutableBytes out) {
        return encode_mac(kPayload, key, {&recipient, 1}, out);
      },
  };
  for (const auto& encode : encoders) {
    const size_t size = encode(buffer).value().size();
    for (size_t room = 0; room < size; ++room) {
      EXPECT_EQ(encode(MutableBytes(buffer).first(room)).error(), Error::kBufferTooSmall) << room;
    }
  }
}

}  // namespace
}  // namespace tailor::cose
