// SPDX-License-Identifier: Apache-2.0
// Authentication wrappers of every kind: who counts as a signer, what is passed over, what is refused.
#include "core/suit/authentication.hpp"

#include <gtest/gtest.h>

#include "core/cbor/writer.hpp"
#include "core/cose/encoder/block_encoder.hpp"
#include "testing/suit/author.hpp"

namespace tailor::suit {
namespace {

using testing::Octets;
namespace algorithm = cose::algorithm;

constexpr Error kValid = Error{};

cose::VerificationKey secret_key(cose::KeyKind kind, size_t size, uint8_t fill) {
  return cose::VerificationKey::from_bytes(kind, Octets(size, fill)).value();
}

struct Author {
  explicit Author(int64_t with = algorithm::kEsp256) : algorithm(with) {
    if (with == algorithm::kEd25519 || with == algorithm::kEdDsa) {
      const auto point = crypto::public_key_of(ed25519).value();
      key = cose::VerificationKey::from_bytes(cose::KeyKind::kEd25519, point.bytes).value();
    } else {
      key = crypto::public_key_of(p256).value();
    }
    const auto own = cose::thumbprint(key).value();
    id.assign(own.begin(), own.end());
  }

  Octets sign(ByteView digest, cose::Structure structure, ByteView key_id) const {
    std::array<uint8_t, 256> buffer;
    const ByteView message = cose::to_be_signed(structure, {algorithm, key_id}, digest, buffer).value();
    if (key.kind() == cose::KeyKind::kEd25519) {
      const auto signature = crypto::sign_ed25519(ed25519, message).value();
      return {signature.begin(), signature.end()};
    }
    const auto signature = crypto::sign_p256(p256, crypto::sha256(message).value()).value();
    return {signature.begin(), signature.end()};
  }

  int64_t algorithm;
  crypto::P256PrivateKey p256 = crypto::generate_p256().value();
  crypto::Ed25519PrivateKey ed25519 = crypto::generate_ed25519().value();
  cose::VerificationKey key;
  Octets id;
};

/// An envelope whose authentication blocks are put together by hand.
class Wrapper : public ::testing::Test {
 protected:
  Wrapper() {
    testing::Author author;
    author.components(1).number(7).shared(testing::sequence([](SequenceWriter&) {}));
    author.member(manifest_key::kValidate, testing::sequence([](SequenceWriter&) {}));
    const Octets bytes = author.envelope();
    const Envelope envelope = Envelope::from_bytes(bytes).value();
    item_.assign(envelope.manifest_item().begin(), envelope.manifest_item().end());
    cbor::Reader reader(envelope.authentication());
    EXPECT_EQ(reader.take_array().value(), 2U);
    const ByteView digest = reader.take_bytes().value();
    digest_.assign(digest.begin(), digest.end());
  }

  Octets sign1(const Author& author, ByteView key_id = {}, ByteView digest = {}) const {
    const Octets signature = author.sign(digest.empty() ? ByteView(digest_) : digest, cose::Structure::kSign1, key_id);
    std::array<uint8_t, 256> buffer;
    const ByteView block = cose::encode_sign1({{author.algorithm, key_id}, signature}, buffer).value();
    return {block.begin(), block.end()};
  }

  Octets sign(std::initializer_list<const Author*> authors) const {
    std::vector<Octets> signatures;
    std::vector<cose::SignatureEntry> entries;
    for (const Author* author : authors)
      signatures.push_back(author->sign(digest_, cose::Structure::kSign, author->id));
    for (const Author* author : authors) {
      entries.push_back({{author->algorithm, author->id}, signatures[entries.size()]});
    }
    std::array<uint8_t, 1024> buffer;
    const ByteView block = cose::encode_sign(entries, buffer).value();
    return {block.begin(), block.end()};
  }

  /// What comes of an envelope with these blocks; the keys of its signers are in signers_.
  Error outcome(const std::vector<Octets>& blocks, std::vector<cose::VerificationKey> keys,
                const Leniency& leniency = kStrict) {
    std::array<uint8_t, 4096> buffer;
    cbor::Writer writer(buffer);
    writer.put_tag(107).put_map(2).put_unsigned(2);
    const size_t wrapper = writer.open();
    writer.put_array(1 + blocks.size()).put_bytes(digest_);
    for (const Octets& block : blocks) writer.put_bytes(block);
    writer.close_bytes(wrapper).put_unsigned(3).put_encoded(item_);
    const ByteView bytes = writer.finish().value();
    const testing::KnownKeys anchors(std::move(keys));
    const Envelope envelope = Envelope::from_bytes(bytes).value();
    const auto authentic = authenticate(envelope, anchors, leniency);
    signers_.clear();
    if (!authentic.ok()) return authentic.error();
    for (const cose::VerificationKey* signer : authentic->signers()) signers_.push_back(*signer);
    return kValid;
  }

  Octets item_, digest_;
  std::vector<cose::VerificationKey> signers_;
};

using Keys = std::vector<cose::VerificationKey>;

TEST_F(Wrapper, EverySignatureThatHoldsCountsOnce) {
  const Author author, operator_(algorithm::kEd25519), stranger;
  EXPECT_EQ(outcome({sign1(author), sign1(operator_)}, {author.key, operator_.key}), kValid);
  EXPECT_EQ(signers_, (Keys{author.key, operator_.key}));
  EXPECT_EQ(outcome({sign1(author), sign1(author, author.id), sign1(operator_)}, {operator_.key, author.key}), kValid);
  EXPECT_EQ(signers_, (Keys{author.key, operator_.key})) << "one key is one signer";
  EXPECT_EQ(outcome({sign1(stranger), sign1(operator_)}, {author.key, operator_.key}), kValid);
  EXPECT_EQ(signers_, Keys{operator_.key});
  EXPECT_EQ(outcome({sign1(stranger)}, {operator_.key}), Error::kSignerUnknown) << "no key of the kind";
  EXPECT_EQ(outcome({sign1(stranger)}, {author.key}), Error::kSignatureInvalid);
  EXPECT_EQ(outcome({sign1(author)}, {}), Error::kSignerUnknown);
}

TEST_F(Wrapper, OneBlockMayHaveSeveralSigners) {
  const Author author, operator_(algorithm::kEd25519), stranger;
  EXPECT_EQ(outcome({sign({&author, &operator_})}, {author.key, operator_.key}), kValid);
  EXPECT_EQ(signers_, (Keys{author.key, operator_.key}));
  EXPECT_EQ(outcome({sign({&stranger, &operator_})}, {author.key, operator_.key}), kValid);
  EXPECT_EQ(signers_, Keys{operator_.key});
  EXPECT_EQ(outcome({sign({&stranger})}, {author.key, operator_.key}), Error::kSignerUnknown);
  EXPECT_EQ(outcome({sign({&author, &author}), sign1(operator_)}, {author.key, operator_.key}), kValid);
  EXPECT_EQ(signers_, (Keys{author.key, operator_.key}));
}

TEST_F(Wrapper, ReadsAsManySignersAsTheLimitSays) {
  const Author a, b, c, d, e, f, g;
  const Keys keys = {a.key, b.key, c.key, d.key, e.key, f.key, g.key};
  EXPECT_EQ(outcome({sign({&a, &b, &c, &d}), sign({&e, &f})}, keys), kValid);
  EXPECT_EQ(signers_.size(), Signers::kCapacity);
  EXPECT_EQ(outcome({sign({&a, &b, &c, &d}), sign({&e, &f, &g})}, keys), Error::kValueOutOfRange);
  const Octets block = sign1(a);
  EXPECT_EQ(outcome({block, block, block}, keys), kValid);
  EXPECT_EQ(outcome({block, block, block, block}, keys), Error::kValueOutOfRange);
}

TEST_F(Wrapper, MacsAreClaimsOfTheSecretsHolders) {
  const auto mac_key = secret_key(cose::KeyKind::kHmac256, 32, 1);
  const auto other = secret_key(cose::KeyKind::kHmac256, 32, 2);
  const auto wrapping = secret_key(cose::KeyKind::kAesKw, 16, 3);
  const Author author;
  std::array<uint8_t, 256> buffer;
  constexpr auto kName = "6b31"_hex;
  const auto octets = [](ByteView view) { return Octets(view.begin(), view.end()); };
  for (const ByteView key_id : {ByteView{}, ByteView(kName)}) {
    const Octets mac0 = octets(cose::encode_mac0(digest_, mac_key.bytes(), key_id, buffer).value());
    EXPECT_EQ(outcome({mac0}, {other, mac_key}), kValid);
    EXPECT_EQ(signers_, Keys{mac_key});
    EXPECT_EQ(outcome({mac0}, {other}), Error::kSignatureInvalid);
    EXPECT_EQ(outcome({mac0}, {author.key, wrapping}), Error::kSignerUnknown);
    EXPECT_EQ(outcome({mac0, sign1(author)}, {other, author.key}), kValid) << "a name of a secret accuses nobody";
    EXPECT_EQ(signers_, Keys{author.key});
    const cose::MacRecipient direct{{}, key_id};
    const Octets mac = octets(cose::encode_mac(digest_, mac_key.bytes(), {&direct, 1}, buffer).value());
    EXPECT_EQ(outcome({mac}, {other, mac_key}), kValid);
    EXPECT_EQ(outcome({mac}, {other}), Error::kSignatureInvalid);
    const cose::MacRecipient wrapped{wrapping.bytes(), key_id};
    const Octets wrapped_mac = octets(cose::encode_mac(digest_, mac_key.bytes(), {&wrapped, 1}, buffer).value());
    EXPECT_EQ(outcome({wrapped_mac}, {mac_key, wrapping}), kValid);
    EXPECT_EQ(signers_, Keys{wrapping}) << "who may wrap is the signer";
    EXPECT_EQ(outcome({wrapped_mac}, {mac_key}), Error::kSignerUnknown);
  }
}

TEST_F(Wrapper, AForgeryUnderTheNameOfATrustedKeyIsRefused) {
  const Author author, operator_(algorithm::kEd25519), stranger;
  Octets forged = sign1(author, author.id);
  forged.back() ^= 1;
  const Octets good = sign1(operator_);
  for (const auto& blocks : {std::vector<Octets>{forged, good}, {good, forged}}) {
    EXPECT_EQ(outcome(blocks, {author.key, operator_.key}), Error::kSignatureInvalid);
    EXPECT_EQ(outcome(blocks, {operator_.key}), kValid) << "to whom the name means nothing";
  }
  const Octets claims_to_be_author = sign1(stranger, author.id);
  EXPECT_EQ(outcome({claims_to_be_author, good}, {author.key, operator_.key}), Error::kSignatureInvalid);
  Octets unnamed = sign1(author);
  unnamed.back() ^= 1;
  EXPECT_EQ(outcome({unnamed, good}, {author.key, operator_.key}), kValid) << "it may be anybody's";
  EXPECT_EQ(signers_, Keys{operator_.key});
}

TEST_F(Wrapper, BlocksOfAChangeOfAlgorithmArePassedOver) {
  const Author author, old(algorithm::kEs256), next(algorithm::kEd25519);
  const Octets unknown[] = {
      testing::from_hex("d2 84 44 a1013830 a0 f6 41 00"),           // ML-DSA-65
      testing::from_hex("d2 84 47 a1 01 64 66757475 a0 f6 41 00"),  // by text
      testing::from_hex("d1 84 43 a10106 a0 f6 41 00"),             // HMAC with SHA-384
      testing::from_hex("d8 60 84 40 a0 f6 80"),                    // COSE_Encrypt
      testing::from_hex("d9 03e6 80"),                              // no structure of COSE
      testing::from_hex("d2 84 46 a20128028104 a0 f6 41 00"),       // critical parameters
      testing::from_hex("d2 84 43 a10128 a0 41 00 41 00"),          // payload inside
      sign1(old),
      sign1(old, old.id),
  };
  for (const Octets& block : unknown) {
    EXPECT_EQ(outcome({block, sign1(author)}, {author.key, old.key}), kValid) << unsigned{block[0]};
    EXPECT_EQ(signers_, Keys{author.key});
    const Error alone = outcome({block}, {author.key, old.key});
    EXPECT_TRUE(alone == Error::kAlgorithmUnsupported || alone == Error::kCoseUnsupported);
  }
  EXPECT_EQ(outcome({sign1(old), sign1(author)}, {author.key, old.key}, {.legacy_algorithms = true}), kValid);
  EXPECT_EQ(signers_, (Keys{old.key, author.key}));
  EXPECT_EQ(outcome({sign1(author), sign1(next)}, {author.key}), kValid) << "a device that only knows the old key";
  EXPECT_EQ(outcome({sign1(author), sign1(next)}, {next.key}), kValid) << "a device that only knows the new key";
}

TEST_F(Wrapper, ABrokenBlockIsNotPassedOver) {
  const Author author;
  const std::pair<const char*, Error> rows[] = {
      {"", Error::kTruncated},
      {"d2 84 43 a10128 a0 f6", Error::kTruncated},
      {"d2 84 43 a10128 a0 f6 41 00 00", Error::kTrailingBytes},
      {"d2 84 43 a10128 a10128 f6 41 00", Error::kDuplicateKey},
      {"d8 62 84 40 a0 f6 81 83 43a10128 a0 f6", Error::kCborWrongType},
      {"d2 84 44 a1011828 a0 f6 41 00", Error::kAlgorithmUnsupported},
      {"d2 84 44 a1011801 a0 f6 41 00", Error::kCborNotCanonical},
  };
  for (const auto& [hex, error] : rows) {
    const Octets block = testing::from_hex(hex);
    if (error != Error::kAlgorithmUnsupported) {
      EXPECT_EQ(outcome({sign1(author), block}, {author.key}), error) << hex;
    }
    EXPECT_EQ(outcome({block, sign1(author)}, {author.key}), error == Error::kAlgorithmUnsupported ? kValid : error)
        << hex;
  }
}

TEST_F(Wrapper, SaysWhyTheFirstBlockDidNotHold) {
  const Author author, stranger, next(algorithm::kEd25519);
  Octets unsupported = testing::from_hex("d2 84 44 a1013822 a0 f6 41 00");
  EXPECT_EQ(outcome({unsupported, sign1(stranger)}, {author.key}), Error::kAlgorithmUnsupported);
  EXPECT_EQ(outcome({sign1(stranger), unsupported}, {author.key}), Error::kSignatureInvalid);
  EXPECT_EQ(outcome({sign1(next), sign1(stranger)}, {author.key}), Error::kSignerUnknown);
  EXPECT_EQ(outcome({}, {author.key}), Error::kAuthenticationMissing);
  Octets other_digest = digest_;
  other_digest.back() ^= 1;
  EXPECT_EQ(outcome({sign1(author, {}, other_digest)}, {author.key}), Error::kSignatureInvalid);
}

}  // namespace
}  // namespace tailor::suit
