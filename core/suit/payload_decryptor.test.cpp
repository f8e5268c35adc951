// SPDX-License-Identifier: Apache-2.0
// Payloads of the firmware-encryption draft decrypt in pieces of any size; what our encoder makes does too, for every
// algorithm and recipient; nothing else does.
#include "core/suit/payload_decryptor.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "core/suit/encoder/payload_encryptor.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::suit {
namespace {

using crypto::ContentAlgorithm;
using testing::Octets;

constexpr ContentAlgorithm kAlgorithms[] = {
    ContentAlgorithm::kA128Ctr,          ContentAlgorithm::kA192Ctr, ContentAlgorithm::kA256Ctr,
    ContentAlgorithm::kA128Gcm,          ContentAlgorithm::kA192Gcm, ContentAlgorithm::kA256Gcm,
    ContentAlgorithm::kChaCha20Poly1305,
};
constexpr auto kNameA = "6b 2d 41"_hex;
constexpr auto kNameB = "6b 2d 42"_hex;

ContentDecryptionKey key_of(DecryptionKeyKind kind, ByteView secret) {
  return ContentDecryptionKey::from_bytes(kind, secret).value();
}

struct Opened {
  Status status;
  Octets plaintext;
};

/// Decrypts a payload whose pieces end at `cuts`.
Opened decrypt(ByteView info, ByteView ciphertext, const DecryptionKeys& keys, std::vector<size_t> cuts = {}) {
  const auto decoded = decode_encryption_info(info);
  if (!decoded.ok()) return {decoded.error(), {}};
  PayloadDecryptor decryptor;
  if (const Status started = decryptor.start(*decoded, keys); !started.ok()) return {started, {}};
  Octets plaintext;
  cuts.push_back(ciphertext.size());
  size_t from = 0;
  for (const size_t to : cuts) {
    Octets out(to - from);
    const auto piece = decryptor.update(ciphertext.subspan(from, to - from), out);
    if (!piece.ok()) return {piece.error(), {}};
    plaintext.insert(plaintext.end(), piece->begin(), piece->end());
    from = to;
  }
  const Status finished = decryptor.finish();
  EXPECT_EQ(decryptor.plaintext_size(), plaintext.size());
  return {finished, plaintext};
}

/// Somebody who can be sent a payload.
struct Recipient {
  PayloadRecipient open;
  DecryptionKeyTable::Row secret;
};

struct People {
  People() {
    const auto p256 = crypto::generate_p256().value();
    const auto x25519 = crypto::generate_x25519();
    p256_point = crypto::public_key_of(p256).value().xy;
    for (const size_t size : {16U, 24U, 32U}) {
      secrets.push_back(Octets(size, static_cast<uint8_t>(size)));
    }
    for (const Octets& secret : secrets) {
      all.push_back({{DecryptionKeyKind::kAesKw, secret, kNameA}, {kNameA, key_of(DecryptionKeyKind::kAesKw, secret)}});
    }
    all.push_back({{DecryptionKeyKind::kP256, p256_point, kNameA},
                   {kNameA, key_of(DecryptionKeyKind::kP256, p256.secret_scalar())}});
    if (!x25519.ok()) {
      EXPECT_EQ(x25519.error(), Error::kAlgorithmUnsupported) << "a backend may be without";
      return;
    }
    x25519_point = crypto::public_key_of(*x25519).value().bytes;
    all.push_back({{DecryptionKeyKind::kX25519, x25519_point, kNameA},
                   {kNameA, key_of(DecryptionKeyKind::kX25519, x25519->secret_bytes())}});
  }
  std::array<uint8_t, 64> p256_point{};
  std::array<uint8_t, 32> x25519_point{};
  std::vector<Octets> secrets;
  std::vector<Recipient> all;
};

struct Sent {
  Octets info, ciphertext;
};

Sent encrypt(ContentAlgorithm algorithm, std::span<const PayloadRecipient> recipients, ByteView plaintext) {
  Sent sent{Octets(max_encryption_info_bytes(recipients.size())), Octets(plaintext.size() + 16)};
  const auto made = encrypt_payload(algorithm, recipients, plaintext, sent.ciphertext, sent.info);
  EXPECT_TRUE(made.ok());
  sent.info.resize(made->info.size());
  sent.ciphertext.resize(made->ciphertext.size());
  return sent;
}

Octets pattern(size_t size) {
  Octets out(size);
  for (size_t i = 0; i < size; ++i) out[i] = static_cast<uint8_t>(i * 7 + 3);
  return out;
}

TEST(PayloadVectors, OfficialPayloadsDecryptInPiecesOfAnySize) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  constexpr auto kScalar = "60fe6dd6d85d5740a5349b6f91267eeac5ba81b8cb53ee249e4b4eb102c476b3"_hex;
  const std::string firmware = "This is a real firmware image.";
  const DecryptionKeyTable::Row rows[] = {
      {{}, key_of(DecryptionKeyKind::kP256, kScalar)},
      {as_bytes("kid-2"), key_of(DecryptionKeyKind::kAesKw, as_bytes("bbbbbbbbbbbbbbbb"))},
      {as_bytes("kid-1"), key_of(DecryptionKeyKind::kAesKw, as_bytes("aaaaaaaaaaaaaaaa"))},
  };
  const DecryptionKeyTable keys(rows), none({}), wrong({rows + 1, 1});
  for (const char* name : {"aes-kw-aes-ctr", "aes-kw-aes-gcm", "es-ecdh-aes-ctr", "es-ecdh-aes-gcm"}) {
    SCOPED_TRACE(name);
    const auto file = *folder / "suit/fwenc-24";
    const Octets info = testing::read_octets(file / ("suit-encryption-info-" + std::string(name) + ".cbor"));
    const Octets ciphertext = testing::read_octets(file / ("encrypted-payload-" + std::string(name) + ".bin"));
    for (size_t a = 0; a <= ciphertext.size(); ++a) {
      for (size_t b = a; b <= ciphertext.size(); ++b) {
        const Opened opened = decrypt(info, ciphertext, keys, {a, b});
        ASSERT_TRUE(opened.status.ok()) << a << " " << b;
        ASSERT_TRUE(equal(opened.plaintext, as_bytes(firmware))) << a << " " << b;
      }
    }
    EXPECT_EQ(decrypt(info, ciphertext, none).status.error(), Error::kDecryptionKeyMissing);
    EXPECT_EQ(decrypt(info, ciphertext, wrong).status.error(), Error::kDecryptionKeyMissing);
    for (size_t length = 0; length < info.size(); ++length) {
      EXPECT_FALSE(decode_encryption_info(ByteView(info).first(length)).ok()) << length;
    }
    const bool is_aead = std::string(name).ends_with("gcm");
    for (size_t length = 0; is_aead && length < ciphertext.size(); ++length) {
      EXPECT_EQ(decrypt(info, ByteView(ciphertext).first(length), keys).status.error(), Error::kDecryptionFailed);
    }
    for (size_t at = 0; is_aead && at < ciphertext.size(); ++at) {
      Octets changed = ciphertext;
      changed[at] ^= 0x10;
      EXPECT_EQ(decrypt(info, changed, keys).status.error(), Error::kDecryptionFailed) << at;
    }
  }
}

// Those of cose-wg/Examples that wrap a content key. They carry their ciphertext; as a payload it stands elsewhere.
TEST(PayloadVectors, WrappedKeysOfTheWorkingGroupOpen) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  for (const char* name : {"128-04", "128-05", "192-04", "192-05", "256-04", "256-05"}) {
    SCOPED_TRACE(name);
    const std::string document =
        testing::read_text(*folder / "protocols/cose/aes-wrap-examples" / ("aes-wrap-" + std::string(name) + ".json"));
    const Octets message = testing::from_hex(testing::json_texts(document, "cbor").at(0));
    const Octets secret = testing::from_base64url(testing::json_texts(document, "k").at(0));
    const std::string id = testing::json_texts(document, "kid").at(0);
    const DecryptionKeyTable::Row row[] = {{as_bytes(id), key_of(DecryptionKeyKind::kAesKw, secret)}};
    EncryptionInfo info = decode_encryption_info(message).value();
    ASSERT_FALSE(info.detached);
    const ByteView ciphertext = std::exchange(info.ciphertext, {});
    PayloadDecryptor decryptor;
    EXPECT_EQ(decryptor.start(info, DecryptionKeyTable(row)).error(), Error::kCoseUnsupported);
    info.detached = true;
    ASSERT_TRUE(decryptor.start(info, DecryptionKeyTable(row)).ok());
    Octets plain(ciphertext.size());
    const auto opened = decryptor.update(ciphertext, plain);
    ASSERT_TRUE(opened.ok() && decryptor.finish().ok());
    EXPECT_TRUE(equal(*opened, as_bytes(testing::json_texts(document, "plaintext").at(0))));
    Octets other = secret;
    other[0] ^= 1;
    const DecryptionKeyTable::Row wrong[] = {{as_bytes(id), key_of(DecryptionKeyKind::kAesKw, other)}};
    EXPECT_EQ(decryptor.start(info, DecryptionKeyTable(wrong)).error(), Error::kDecryptionFailed);
  }
}

TEST(Payload, EveryAlgorithmForEveryRecipientDecrypts) {
  const People people;
  for (const ContentAlgorithm algorithm : kAlgorithms) {
    for (const Recipient& recipient : people.all) {
      SCOPED_TRACE(std::to_string(static_cast<int>(algorithm)) + " " +
                   std::to_string(static_cast<int>(recipient.open.kind)));
      const DecryptionKeyTable keys({&recipient.secret, 1});
      for (const size_t size : {0U, 1U, 15U, 16U, 17U, 31U, 33U, 1000U}) {
        const Octets plaintext = pattern(size);
        const Sent sent = encrypt(algorithm, {&recipient.open, 1}, plaintext);
        EXPECT_EQ(sent.ciphertext.size(), size + crypto::content_sizes(algorithm).tag);
        const Opened whole = decrypt(sent.info, sent.ciphertext, keys);
        ASSERT_TRUE(whole.status.ok()) << size;
        ASSERT_EQ(whole.plaintext, plaintext) << size;
        const Opened pieces = decrypt(sent.info, sent.ciphertext, keys, {size / 3, size / 3, size / 2});
        ASSERT_TRUE(pieces.status.ok()) << size;
        ASSERT_EQ(pieces.plaintext, plaintext) << size;
      }
    }
  }
}

TEST(Payload, PiecesOfEverySizeGiveTheSame) {
  const People people;
  const DecryptionKeyTable keys({&people.all[0].secret, 1});
  const Octets plaintext = pattern(75);
  for (const ContentAlgorithm algorithm : {ContentAlgorithm::kA128Ctr, ContentAlgorithm::kChaCha20Poly1305}) {
    const Sent sent = encrypt(algorithm, {&people.all[0].open, 1}, plaintext);
    for (size_t piece = 1; piece <= sent.ciphertext.size(); ++piece) {
      std::vector<size_t> cuts;
      for (size_t at = piece; at < sent.ciphertext.size(); at += piece) cuts.push_back(at);
      const Opened opened = decrypt(sent.info, sent.ciphertext, keys, cuts);
      ASSERT_TRUE(opened.status.ok()) << piece;
      ASSERT_EQ(opened.plaintext, plaintext) << piece;
    }
  }
}

TEST(Payload, MayBeDecryptedWhereItIs) {
  const People people;
  const DecryptionKeyTable keys({&people.all[0].secret, 1});
  const Octets plaintext = pattern(100);
  for (const ContentAlgorithm algorithm : {ContentAlgorithm::kA128Ctr, ContentAlgorithm::kA128Gcm}) {
    const Sent sent = encrypt(algorithm, {&people.all[0].open, 1}, plaintext);
    for (const size_t piece : {1U, 7U, 15U, 16U, 17U, 40U, 116U}) {
      PayloadDecryptor decryptor;
      ASSERT_TRUE(decryptor.start(decode_encryption_info(sent.info).value(), keys).ok());
      Octets buffer = sent.ciphertext, out;
      for (size_t at = 0; at < buffer.size(); at += piece) {
        const MutableBytes here = MutableBytes(buffer).subspan(at, std::min(piece, buffer.size() - at));
        const auto given = decryptor.update(here, here);
        ASSERT_TRUE(given.ok());
        out.insert(out.end(), given->begin(), given->end());
      }
      EXPECT_TRUE(decryptor.finish().ok()) << piece;
      EXPECT_EQ(out, plaintext) << piece;
    }
  }
}

TEST(Payload, EachOfSeveralRecipientsDecryptsAndNobodyElse) {
  const People people, strangers;
  std::vector<PayloadRecipient> recipients;
  for (const Recipient& recipient : people.all) recipients.push_back(recipient.open);
  const Octets plaintext = pattern(40);
  for (const bool named : {true, false}) {
    for (PayloadRecipient& recipient : recipients) recipient.key_id = named ? ByteView(kNameA) : ByteView();
    const Sent sent = encrypt(ContentAlgorithm::kA256Gcm, recipients, plaintext);
    for (size_t i = 0; i < people.all.size(); ++i) {
      const Opened opened = decrypt(sent.info, sent.ciphertext, DecryptionKeyTable({&people.all[i].secret, 1}));
      ASSERT_TRUE(opened.status.ok()) << i;
      EXPECT_EQ(opened.plaintext, plaintext) << i;
    }
    DecryptionKeyTable::Row elsewhere = people.all[3].secret;
    elsewhere.key_id = kNameB;
    const Status other = decrypt(sent.info, sent.ciphertext, DecryptionKeyTable({&elsewhere, 1})).status;
    EXPECT_EQ(other.ok() ? Error{} : other.error(), named ? Error::kDecryptionKeyMissing : Error{}) << "another's name";
    for (size_t i = 3; i < people.all.size(); ++i) {
      EXPECT_EQ(decrypt(sent.info, sent.ciphertext, DecryptionKeyTable({&strangers.all[i].secret, 1})).status.error(),
                Error::kDecryptionFailed)
          << "the name, but not the key";
    }
  }
}

TEST(Payload, RecipientsThatAreNotUnderstoodArePassedOver) {
  const People people;
  const DecryptionKeyTable keys({&people.all[0].secret, 1});
  const Octets plaintext = pattern(5);
  const Sent sent = encrypt(ContentAlgorithm::kA128Gcm, {&people.all[0].open, 1}, plaintext);
  constexpr ptrdiff_t kBeforeRecipients = 3 + 4 + 3 + 12 + 1;  // array, protected, IV's head, IV, null
  const auto array = sent.info.begin() + kBeforeRecipients;
  ASSERT_EQ(*array, 0x81);
  const std::pair<const char*, Error> rows[] = {
      {"83 40 a10125 40", Error{}},               // direct
      {"83 43 a1013a a0 40", Error::kTruncated},  // malformed
      {"84 40 a10122 40 80", Error{}},            // recipients of a recipient
      {"83 43 a10122 a0 40", Error{}},            // key wrap with a protected header
      {"83 40 a101381c 40", Error{}},             // ECDH with an unprotected algorithm
      {"83 44 a101381c a0 40", Error{}},          // no ephemeral key
      {"83 44 a101381c a120 a301022001215820", Error::kTruncated},
      {"83 40 a10122 f6", Error{}},                // no wrapped key
      {"83 40 a10164 41314b57 40", Error{}},       // algorithm by text
      {"83 40 a20122028104 40", Error{}},          // critical parameters
      {"83 40 a10122 60", Error::kCborWrongType},  // wrapped key is text
      {"83 44 a101381c a120a101 02 40", Error::kCoseUnsupported},
  };
  for (const auto& [hex, expected] : rows) {
    Octets info(sent.info.begin(), array);
    info.push_back(0x82);
    const Octets other = testing::from_hex(hex);
    info.insert(info.end(), other.begin(), other.end());
    info.insert(info.end(), array + 1, sent.info.end());
    const Opened opened = decrypt(info, sent.ciphertext, keys);
    if (expected == Error{} || expected == Error::kCoseUnsupported) {
      EXPECT_TRUE(opened.status.ok()) << hex;
      EXPECT_EQ(opened.plaintext, plaintext) << hex;
    } else {
      EXPECT_FALSE(opened.status.ok()) << hex;
    }
  }
}

TEST(Payload, TheSaltIsPartOfTheKeyDerivation) {
  const People people;
  const Octets salt = pattern(32);
  for (size_t i = 3; i < people.all.size(); ++i) {
    PayloadRecipient recipient = people.all[i].open;
    recipient.salt = salt;
    const DecryptionKeyTable keys({&people.all[i].secret, 1});
    const Sent sent = encrypt(ContentAlgorithm::kA128Ctr, {&recipient, 1}, pattern(9));
    EXPECT_EQ(decrypt(sent.info, sent.ciphertext, keys).plaintext, pattern(9));
    Octets changed = sent.info;
    const auto at = std::search(changed.begin(), changed.end(), salt.begin(), salt.end());
    ASSERT_NE(at, changed.end());
    *at ^= 1;
    EXPECT_EQ(decrypt(changed, sent.ciphertext, keys).status.error(), Error::kDecryptionFailed);
  }
}

TEST(Payload, AnyChangedBitOfAnAeadsInfoIsRefusedOrWithoutEffect) {
  const People people;
  const Octets plaintext = pattern(20);
  for (size_t i = 0; i < people.all.size(); ++i) {
    const DecryptionKeyTable keys({&people.all[i].secret, 1});
    const Sent sent = encrypt(ContentAlgorithm::kA128Gcm, {&people.all[i].open, 1}, plaintext);
    for (size_t bit = 0; bit < sent.info.size() * 8; ++bit) {
      Octets changed = sent.info;
      changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
      const Opened opened = decrypt(changed, sent.ciphertext, keys);
      EXPECT_TRUE(!opened.status.ok() || opened.plaintext == plaintext) << bit;
    }
  }
}

TEST(Payload, CallsOutOfOrderAreRefused) {
  const People people;
  const DecryptionKeyTable keys({&people.all[0].secret, 1});
  const Sent sent = encrypt(ContentAlgorithm::kA128Gcm, {&people.all[0].open, 1}, pattern(20));
  const EncryptionInfo info = decode_encryption_info(sent.info).value();
  std::array<uint8_t, 64> out{};
  PayloadDecryptor decryptor;
  EXPECT_EQ(decryptor.update(sent.ciphertext, out).error(), Error::kStateConflict);
  EXPECT_EQ(decryptor.finish().error(), Error::kStateConflict);
  ASSERT_TRUE(decryptor.start(info, keys).ok());
  EXPECT_EQ(decryptor.update(sent.ciphertext, MutableBytes(out).first(19)).error(), Error::kBufferTooSmall);
  ASSERT_TRUE(decryptor.update(sent.ciphertext, MutableBytes(out).first(20)).ok());
  EXPECT_TRUE(decryptor.finish().ok());
  EXPECT_EQ(decryptor.finish().error(), Error::kStateConflict);
  EXPECT_FALSE(decryptor.update(sent.ciphertext, out).ok());
  ASSERT_TRUE(decryptor.start(info, keys).ok()) << "again, from the beginning";
  ASSERT_TRUE(decryptor.update(sent.ciphertext, out).ok());
  EXPECT_TRUE(decryptor.finish().ok());
  EncryptionInfo inside = info;
  inside.detached = false;
  EXPECT_EQ(decryptor.start(inside, keys).error(), Error::kCoseUnsupported);
}

TEST(Payload, EncryptingRefusesWhatNobodyCouldOpen) {
  const People people;
  std::array<uint8_t, 64> ciphertext{};
  Octets info(max_encryption_info_bytes(kMaxRecipients));
  const Octets plaintext = pattern(16);
  const auto made = [&](std::span<const PayloadRecipient> recipients, ContentAlgorithm algorithm) {
    const auto result = encrypt_payload(algorithm, recipients, plaintext, ciphertext, info);
    return result.ok() ? Error{} : result.error();
  };
  const auto with = [&](DecryptionKeyKind kind, size_t size) {
    const Octets key(size, 1);
    const PayloadRecipient recipient{kind, key};
    return made({&recipient, 1}, ContentAlgorithm::kA128Gcm);
  };
  EXPECT_EQ(made({}, ContentAlgorithm::kA128Gcm), Error::kValueOutOfRange);
  EXPECT_EQ(made({&people.all[0].open, 1}, static_cast<ContentAlgorithm>(4)), Error::kAlgorithmUnsupported);
  for (const size_t size : {0U, 15U, 17U, 33U, 64U}) {
    EXPECT_EQ(with(DecryptionKeyKind::kAesKw, size), Error::kValueOutOfRange) << size;
  }
  for (const size_t size : {32U, 63U, 65U}) EXPECT_EQ(with(DecryptionKeyKind::kP256, size), Error::kValueOutOfRange);
  EXPECT_EQ(with(DecryptionKeyKind::kP256, 64), Error::kValueOutOfRange) << "not on the curve";
  EXPECT_EQ(with(DecryptionKeyKind::kX25519, 31), Error::kValueOutOfRange);
  PayloadRecipient salted = people.all[0].open;
  salted.salt = kNameA;
  EXPECT_EQ(made({&salted, 1}, ContentAlgorithm::kA128Gcm), Error::kValueOutOfRange) << "key wrap derives nothing";
  const std::vector<PayloadRecipient> many(kMaxRecipients + 1, people.all[0].open);
  EXPECT_EQ(made(std::span(many).first(kMaxRecipients), ContentAlgorithm::kA128Gcm), Error{});
  EXPECT_EQ(made(many, ContentAlgorithm::kA128Gcm), Error::kValueOutOfRange);
  info.resize(40);
  EXPECT_EQ(made({&people.all[0].open, 1}, ContentAlgorithm::kA128Gcm), Error::kBufferTooSmall);
}

}  // namespace
}  // namespace tailor::suit
