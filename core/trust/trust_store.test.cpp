// SPDX-License-Identifier: Apache-2.0
#include "core/trust/trust_store.hpp"

#include "core/update/codec.test.hpp"

namespace tailor::trust {
namespace {

using testing::Bytes;
using testing::MapOfFields;

constexpr auto kCertificate = "30820100"_hex;
constexpr auto kSerial = "01020304"_hex;

const Uuid kServer = Uuid::from_text("11111111-1111-4111-8111-111111111111").value();
const Uuid kOperator = Uuid::from_text("22222222-2222-4222-8222-222222222222").value();

constexpr auto kAppPrefix = "81 42 6677"_hex;   // ["fw"]
constexpr auto kEverything = "80"_hex;          // []
constexpr auto kNoWriting = "83 03 0c 14"_hex;  // image match, set component index, override parameters
constexpr auto kUriAlone = "81 15"_hex;         // parameter uri

Key key_of(uint8_t fill) {
  crypto::P256PublicKey key;
  key.xy.fill(fill);
  return key;
}

TrustStore example() {
  TrustStore store;
  store.version = 1;
  Signer author;
  author.key = key_of(0x11);
  EXPECT_TRUE(author.rights.push_back({kAppPrefix, {}, {}}, Error::kInternal).ok());
  EXPECT_TRUE(store.signers.push_back(author, Error::kInternal).ok());
  Signer owner;
  owner.key = key_of(0x22);
  owner.role = Role::kOperator;
  EXPECT_TRUE(owner.rights.push_back({kEverything, kNoWriting, kUriAlone}, Error::kInternal).ok());
  EXPECT_TRUE(store.signers.push_back(owner, Error::kInternal).ok());
  EXPECT_TRUE(store.servers.push_back(kServer, Error::kInternal).ok());
  EXPECT_TRUE(store.operators.push_back(kOperator, Error::kInternal).ok());
  EXPECT_TRUE(store.server_uris.push_back("coaps://[::1]:5684", Error::kInternal).ok());
  EXPECT_TRUE(store.authorities.push_back(kCertificate, Error::kInternal).ok());
  EXPECT_TRUE(store.revoked_serials.push_back(kSerial, Error::kInternal).ok());
  Policy policy;
  policy.prefix = kAppPrefix;
  EXPECT_TRUE(policy.clauses.push_back({1, bit_of(Role::kAuthor)}, Error::kInternal).ok());
  EXPECT_TRUE(policy.clauses.push_back({2, 0b1110}, Error::kInternal).ok());
  EXPECT_TRUE(store.policies.push_back(policy, Error::kInternal).ok());
  return store;
}

Bytes cbor_number(uint64_t value) {
  Bytes bytes(9);
  cbor::Writer writer(bytes);
  writer.put_unsigned(value);
  return testing::to_vector(writer.finish().value());
}

Bytes encoded(const TrustStore& store) {
  Bytes buffer(8192);
  return testing::to_vector(encode(store, buffer).value());
}

Bytes sealed(const TrustStore& store, const crypto::P256PrivateKey& key) {
  Bytes buffer(8192);
  return testing::to_vector(seal_trust_store(encoded(store), key, buffer).value());
}

TEST(TrustStore, WorkedExampleOfTheDocs) {
  EXPECT_EQ(testing::to_hex(encoded(example())), testing::to_hex(testing::worked_example("trust-store.md")));
}

TEST(TrustStore, RoundTrip) {
  const Bytes bytes = encoded(example());
  const TrustStore read = decode_trust_store(bytes).value();
  EXPECT_EQ(read.version, 1U);
  ASSERT_EQ(read.signers.size(), 2U);
  EXPECT_EQ(read.signers[0].key, key_of(0x11));
  EXPECT_EQ(read.signers[0].role, Role::kAuthor);
  ASSERT_EQ(read.signers[0].rights.size(), 1U);
  EXPECT_TRUE(equal(read.signers[0].rights[0].prefix, kAppPrefix));
  EXPECT_TRUE(read.signers[0].rights[0].commands.empty());
  EXPECT_EQ(read.signers[1].role, Role::kOperator);
  ASSERT_EQ(read.signers[1].rights.size(), 1U);
  EXPECT_TRUE(equal(read.signers[1].rights[0].commands, kNoWriting));
  EXPECT_TRUE(equal(read.signers[1].rights[0].parameters, kUriAlone));
  ASSERT_EQ(read.policies.size(), 1U);
  EXPECT_TRUE(equal(read.policies[0].prefix, kAppPrefix));
  ASSERT_EQ(read.policies[0].clauses.size(), 2U);
  EXPECT_EQ(read.policies[0].clauses[1].threshold, 2);
  EXPECT_EQ(read.policies[0].clauses[1].roles, 0b1110);
  EXPECT_TRUE(read.lists_server(kServer));
  EXPECT_FALSE(read.lists_server(kOperator));
  EXPECT_TRUE(read.lists_operator(kOperator));
  EXPECT_FALSE(read.lists_operator(kServer));
  ASSERT_EQ(read.server_uris.size(), 1U);
  EXPECT_EQ(read.server_uris[0], "coaps://[::1]:5684");
  ASSERT_EQ(read.authorities.size(), 1U);
  EXPECT_TRUE(equal(read.authorities[0], kCertificate));
  EXPECT_TRUE(read.revokes(kSerial));
  EXPECT_FALSE(read.revokes(ByteView{kSerial}.first(3)));
  EXPECT_EQ(encoded(read), bytes);
}

TEST(TrustStore, SignersMayHaveKeysOfAnyKind) {
  const struct {
    cose::KeyKind kind;
    size_t bytes;
  } rows[] = {{cose::KeyKind::kP256, 64},   {cose::KeyKind::kEd25519, 32}, {cose::KeyKind::kHssLms, 60},
              {cose::KeyKind::kHssLms, 52}, {cose::KeyKind::kHmac256, 16}, {cose::KeyKind::kHmac256, 64}};
  TrustStore store = example();
  store.signers.clear();
  for (const auto& row : rows) {
    Signer signer;
    signer.key = cose::VerificationKey::from_bytes(row.kind, Bytes(row.bytes, static_cast<uint8_t>(row.bytes))).value();
    ASSERT_TRUE(store.signers.push_back(signer, Error::kInternal).ok());
  }
  const Bytes bytes = encoded(store);
  const TrustStore read = decode_trust_store(bytes).value();
  ASSERT_EQ(read.signers.size(), std::size(rows));
  for (size_t i = 0; i < std::size(rows); ++i) EXPECT_EQ(read.signers[i].key, store.signers[i].key) << i;
  EXPECT_EQ(encoded(read), bytes);
}

TEST(TrustStore, AKeyThatWrapsKeysSignsNothing) {
  TrustStore store = example();
  store.signers[0].key = cose::VerificationKey::from_bytes(cose::KeyKind::kAesKw, Bytes(16, 1)).value();
  Bytes buffer(8192);
  EXPECT_EQ(encode(store, buffer).error(), Error::kValueOutOfRange);
}

TEST(TrustStore, AnotherFormatIsRefusedAsSuchWhateverElseItHas) {
  const MapOfFields fields(encoded(example()));
  for (const char* format : {"00", "01", "03", "1bffffffffffffffff"}) {
    EXPECT_EQ(decode_trust_store(fields.with(0, format).bytes()).error(), Error::kUnsupportedVersion) << format;
    // What a later format adds, or an earlier one had, is not looked at.
    EXPECT_EQ(decode_trust_store(fields.with(0, format).with(2, "f6").with(9, "80").bytes()).error(),
              Error::kUnsupportedVersion)
        << format;
  }
}

TEST(TrustStore, RefusesEveryMalformedClass) {
  const Bytes valid = encoded(example());
  testing::expect_common_rules(valid, decode_trust_store);
  const MapOfFields fields(valid);
  const std::string point = std::string(64, '1') + "22 5820" + std::string(64, '1');
  const std::string key = "a4 01 02 20 01 21 5820" + point;
  const auto signer = [&](const std::string& role, const std::string& rights) {
    return fields.with(2, "81 a3 00" + key + "01" + role + "02" + rights).bytes();
  };
  const auto right = [&](const std::string& map) { return signer("01", "81" + map); };
  const auto policy = [&](const std::string& clauses) { return fields.with(8, "81 a2 00 80 01" + clauses).bytes(); };
  std::string labels = "98 21";
  for (int label = 0; label < 33; ++label) labels += testing::to_hex(cbor_number(static_cast<uint64_t>(label)));
  std::vector<testing::MalformedRow> rows = {
      {"version 0", fields.with(1, "00").bytes(), Error::kValueOutOfRange},
      {"signer without rights", fields.with(2, "81 a2 00" + key + "01 01").bytes(), Error::kMissingKey},
      {"signer without role", fields.with(2, "81 a2 00" + key + "02 80").bytes(), Error::kMissingKey},
      {"signer without key", fields.with(2, "81 a2 01 01 02 80").bytes(), Error::kMissingKey},
      {"signer of format 1", fields.with(2, "81 a2 00" + key + "01 81 81 42 6677").bytes(), Error::kCborWrongType},
      {"signer with unknown key", fields.with(2, "81 a4 00" + key + "01 01 02 80 03 00").bytes(), Error::kUnknownKey},
      {"signer's key with a key id",
       fields.with(2, "81 a3 00 a5 01 02 02 41 01 20 01 21 5820" + point + "01 01 02 80").bytes(), Error::kUnknownKey},
      {"signer's key with an algorithm",
       fields.with(2, "81 a3 00 a5 01 02 03 28 20 01 21 5820" + point + "01 01 02 80").bytes(), Error::kUnknownKey},
      {"signer's key of an unknown type", fields.with(2, "81 a3 00 a2 01 03 20 41 00 01 01 02 80").bytes(),
       Error::kCoseUnsupported},
      {"HMAC key of 15 bytes", fields.with(2, "81 a3 00 a2 01 04 20 4f" + std::string(30, '7') + "01 01 02 80").bytes(),
       Error::kValueOutOfRange},
      {"role 0", signer("00", "80"), Error::kValueOutOfRange},
      {"role of the trust provisioning authority", signer("04", "80"), Error::kValueOutOfRange},
      {"role 256", signer("19 0100", "80"), Error::kValueOutOfRange},
      {"role as text", signer("66 617574686f72", "80"), Error::kCborWrongType},
      {"one key twice", fields.with(2, "82 a3 00" + key + "01 01 02 80 a3 00" + key + "01 02 02 80").bytes(),
       Error::kDuplicateKey},
      {"five rights", signer("01", "85 a1 00 80 a1 00 80 a1 00 80 a1 00 80 a1 00 80"), Error::kValueOutOfRange},
      {"right without prefix", right("a1 01 80"), Error::kMissingKey},
      {"right with unknown key", right("a2 00 80 03 80"), Error::kUnknownKey},
      {"right with negative key", right("a2 00 80 20 80"), Error::kUnknownKey},
      {"prefix is no array", right("a1 00 40"), Error::kCborWrongType},
      {"prefix of texts", right("a1 00 81 61 61"), Error::kCborWrongType},
      {"prefix of five parts", right("a1 00 85 40 40 40 40 40"), Error::kValueOutOfRange},
      {"prefix of 65 bytes", right("a1 00 81 58 3e" + std::string(124, '1')), Error::kValueOutOfRange},
      {"commands are no array", right("a2 00 80 01 15"), Error::kCborWrongType},
      {"command as text", right("a2 00 80 01 81 61 61"), Error::kCborWrongType},
      {"commands out of order", right("a2 00 80 01 82 03 01"), Error::kValueOutOfRange},
      {"a command twice", right("a2 00 80 01 82 03 03"), Error::kValueOutOfRange},
      {"33 parameters", right("a2 00 80 02" + labels), Error::kValueOutOfRange},
      {"parameters out of order", right("a2 00 80 02 82 03 20"), Error::kValueOutOfRange},
      {"policy without clauses", fields.with(8, "81 a1 00 80").bytes(), Error::kMissingKey},
      {"policy without prefix", fields.with(8, "81 a1 01 81 82 01 81 01").bytes(), Error::kMissingKey},
      {"policy with unknown key", fields.with(8, "81 a3 00 80 01 81 82 01 81 01 02 00").bytes(), Error::kUnknownKey},
      {"policy with no clause", policy("80"), Error::kValueOutOfRange},
      {"policy of four clauses", policy("84 82 01 81 01 82 01 81 01 82 01 81 01 82 01 81 01"), Error::kValueOutOfRange},
      {"clause of three items", policy("81 83 01 81 01 00"), Error::kValueOutOfRange},
      {"nobody has to sign", policy("81 82 00 81 01"), Error::kValueOutOfRange},
      {"more have to sign than an envelope carries", policy("81 82 04 81 01"), Error::kValueOutOfRange},
      {"clause without role", policy("81 82 01 80"), Error::kValueOutOfRange},
      {"clause of the trust provisioning authority", policy("81 82 01 81 04"), Error::kValueOutOfRange},
      {"roles out of order", policy("81 82 01 82 02 01"), Error::kValueOutOfRange},
      {"a role twice", policy("81 82 01 82 01 01"), Error::kValueOutOfRange},
      {"two policies for one prefix",
       fields.with(8, "82 a2 00 80 01 81 82 01 81 01 a2 00 80 01 81 82 01 81 02").bytes(), Error::kDuplicateKey},
      {"server id of 15 bytes", fields.with(3, "81 4f" + std::string(30, '0')).bytes(), Error::kValueOutOfRange},
      {"http server", fields.with(5, "81 6a 687474703a2f2f612e62").bytes(), Error::kValueOutOfRange},
      {"server without host", fields.with(5, "81 68 636f6170733a2f2f").bytes(), Error::kValueOutOfRange},
      {"empty CA certificate", fields.with(6, "81 40").bytes(), Error::kValueOutOfRange},
      {"CA certificate of 1025 bytes", fields.with(6, "81 590401" + std::string(2050, '3')).bytes(),
       Error::kValueOutOfRange},
      {"empty serial", fields.with(7, "81 40").bytes(), Error::kValueOutOfRange},
      {"serial of 21 bytes", fields.with(7, "81 55" + std::string(42, '1')).bytes(), Error::kValueOutOfRange},
  };
  for (uint64_t k = 1; k <= 8; ++k) rows.push_back({"missing key", fields.without(k).bytes(), Error::kMissingKey});
  testing::expect_refused(rows, decode_trust_store);
}

TEST(TrustStore, ListsAtTheirLimitAndOnePast) {
  const MapOfFields fields(encoded(example()));
  const std::string uuid = "50" + std::string(32, '7');
  // Signers and policies differ in one byte, "??".
  const std::string signer =
      "a3 00 a4 01 02 20 01 21 5820" + std::string(62, '1') + "?? 22 5820" + std::string(64, '1') + "01 01 02 80";
  const struct {
    uint64_t key;
    std::string item;
    size_t limit;
  } rows[] = {{2, signer, limits::kTrustSigners},
              {3, uuid, limits::kTrustServers},
              {4, uuid, limits::kTrustOperators},
              {5, "6b 636f6170733a2f2f612e62", limits::kTrustServers},
              {6, "41 30", limits::kTrustAuthorities},
              {7, "41 01", limits::kTrustRevocations},
              {8, "a2 00 81 41 ?? 01 81 82 01 81 01", limits::kTrustPolicies}};
  for (const auto& row : rows) {
    for (const size_t count : {row.limit, row.limit + 1}) {
      Bytes list(16);
      cbor::Writer head(list);
      head.put_array(count);
      std::string items = testing::to_hex(head.finish().value());
      for (size_t i = 0; i < count; ++i) {
        std::string item = row.item;
        const std::array<uint8_t, 1> number{static_cast<uint8_t>(i)};
        if (const size_t mark = item.find("??"); mark != std::string::npos)
          item.replace(mark, 2, testing::to_hex(number));
        items += item;
      }
      EXPECT_EQ(decode_trust_store(fields.with(row.key, items).bytes()).ok(), count == row.limit)
          << "key " << row.key << ", " << count << " entries";
    }
  }
}

TEST(SealedTrustStore, OpensUnderItsAnchorAlone) {
  const auto authority = crypto::generate_p256().value();
  const auto other = crypto::generate_p256().value();
  const auto anchor = crypto::public_key_of(authority).value();
  const Bytes bytes = sealed(example(), authority);
  EXPECT_EQ(open_trust_store(bytes, anchor, 0).value().version, 1U);
  EXPECT_EQ(open_trust_store(bytes, crypto::public_key_of(other).value(), 0).error(), Error::kSignatureInvalid);
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(open_trust_store(ByteView{bytes}.first(length), anchor, 0).ok()) << length;
  }
}

TEST(SealedTrustStore, NoBitMayChange) {
  const auto authority = crypto::generate_p256().value();
  const auto anchor = crypto::public_key_of(authority).value();
  const Bytes bytes = sealed(example(), authority);
  size_t in_header = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] = static_cast<uint8_t>(changed[i] ^ 1U);
    // The key id stands in the unprotected header and only names the key: every other bit is covered.
    if (open_trust_store(changed, anchor, 0).ok()) ++in_header;
  }
  EXPECT_LE(in_header, 32U + 4U);
}

TEST(SealedTrustStore, VersionNeverGoesBack) {
  const auto authority = crypto::generate_p256().value();
  const auto anchor = crypto::public_key_of(authority).value();
  TrustStore store = example();
  store.version = 5;
  const Bytes bytes = sealed(store, authority);
  EXPECT_TRUE(open_trust_store(bytes, anchor, 4).ok());
  EXPECT_TRUE(open_trust_store(bytes, anchor, 5).ok());
  EXPECT_EQ(open_trust_store(bytes, anchor, 6).error(), Error::kTrustStoreTooOld);
}

TEST(SealedTrustStore, TheAnchorIsNoSigner) {
  const auto authority = crypto::generate_p256().value();
  TrustStore store = example();
  Signer itself;
  itself.key = crypto::public_key_of(authority).value();
  ASSERT_TRUE(store.signers.push_back(itself, Error::kInternal).ok());
  EXPECT_EQ(open_trust_store(sealed(store, authority), itself.key.p256(), 0).error(), Error::kDuplicateKey);
}

TEST(SealedTrustStore, NothingIsSealedThatNoDeviceWouldTake) {
  const auto authority = crypto::generate_p256().value();
  Bytes buffer(8192);
  Bytes document = encoded(example());
  document.pop_back();
  EXPECT_FALSE(seal_trust_store(document, authority, buffer).ok());
}

}  // namespace
}  // namespace tailor::trust
