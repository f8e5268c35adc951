// SPDX-License-Identifier: Apache-2.0
#include "core/trust/trust_store.hpp"

#include "core/update/codec.test.hpp"

namespace tailor::trust {
namespace {

using testing::Bytes;
using testing::MapOfFields;

constexpr auto kFirmware = "6677"_hex;
constexpr auto kConfig = "6366"_hex;
constexpr auto kCertificate = "30820100"_hex;
constexpr auto kSerial = "01020304"_hex;

const Uuid kServer = Uuid::from_text("11111111-1111-4111-8111-111111111111").value();
const Uuid kOperator = Uuid::from_text("22222222-2222-4222-8222-222222222222").value();

crypto::P256PublicKey key_of(uint8_t fill) {
  crypto::P256PublicKey key;
  key.xy.fill(fill);
  return key;
}

update::ComponentId id_of(std::initializer_list<ByteView> parts) {
  update::ComponentId id;
  for (const ByteView part : parts) EXPECT_TRUE(id.push_back(part, Error::kInternal).ok());
  return id;
}

TrustStore example() {
  TrustStore store;
  store.version = 1;
  Signer signer;
  signer.key = key_of(0x11);
  EXPECT_TRUE(signer.rights.push_back(id_of({kFirmware}), Error::kInternal).ok());
  EXPECT_TRUE(store.signers.push_back(signer, Error::kInternal).ok());
  EXPECT_TRUE(store.servers.push_back(kServer, Error::kInternal).ok());
  EXPECT_TRUE(store.operators.push_back(kOperator, Error::kInternal).ok());
  EXPECT_TRUE(store.server_uris.push_back("coaps://[::1]:5684", Error::kInternal).ok());
  EXPECT_TRUE(store.authorities.push_back(kCertificate, Error::kInternal).ok());
  EXPECT_TRUE(store.revoked_serials.push_back(kSerial, Error::kInternal).ok());
  return store;
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
  ASSERT_EQ(read.signers.size(), 1U);
  EXPECT_EQ(read.signers[0].key, key_of(0x11));
  ASSERT_EQ(read.signers[0].rights.size(), 1U);
  EXPECT_TRUE(equal(read.signers[0].rights[0][0], kFirmware));
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

TEST(TrustStore, RightsAreByPrefix) {
  TrustStore store = example();
  Signer all;
  all.key = key_of(0x22);
  ASSERT_TRUE(all.rights.push_back({}, Error::kInternal).ok());
  ASSERT_TRUE(store.signers.push_back(all, Error::kInternal).ok());
  Signer none;
  none.key = key_of(0x33);
  ASSERT_TRUE(store.signers.push_back(none, Error::kInternal).ok());

  EXPECT_TRUE(check_right(store, key_of(0x11), id_of({kFirmware})).ok());
  EXPECT_TRUE(check_right(store, key_of(0x11), id_of({kFirmware, kConfig})).ok());
  EXPECT_EQ(check_right(store, key_of(0x11), id_of({kConfig})).error(), Error::kSignerNotPermitted);
  EXPECT_EQ(check_right(store, key_of(0x11), id_of({kConfig, kFirmware})).error(), Error::kSignerNotPermitted);
  EXPECT_EQ(check_right(store, key_of(0x11), id_of({ByteView{kFirmware}.first(1)})).error(), Error::kSignerNotPermitted)
      << "a prefix counts whole parts, not bytes";
  EXPECT_TRUE(check_right(store, key_of(0x22), id_of({kConfig})).ok());
  EXPECT_EQ(check_right(store, key_of(0x33), id_of({kFirmware})).error(), Error::kSignerNotPermitted);
  EXPECT_EQ(check_right(store, key_of(0x44), id_of({kFirmware})).error(), Error::kSignerUnknown);
}

TEST(TrustStore, RefusesEveryMalformedClass) {
  const Bytes valid = encoded(example());
  testing::expect_common_rules(valid, decode_trust_store);
  const MapOfFields fields(valid);
  const std::string key = "a4 01 02 20 01 21 5820" + std::string(64, '1') + "22 5820" + std::string(64, '1');
  std::vector<testing::MalformedRow> rows = {
      {"version 0", fields.with(1, "00").bytes(), Error::kValueOutOfRange},
      {"signer without rights", fields.with(2, "81 a1 00" + key).bytes(), Error::kMissingKey},
      {"signer without key", fields.with(2, "81 a1 01 80").bytes(), Error::kMissingKey},
      {"signer with unknown key", fields.with(2, "81 a3 00" + key + "01 80 02 00").bytes(), Error::kUnknownKey},
      {"signer's key with a key id",
       fields
           .with(2, "81 a2 00 a5 01 02 02 41 01 20 01 21 5820" + std::string(64, '1') + "22 5820" +
                        std::string(64, '1') + "01 80")
           .bytes(),
       Error::kUnknownKey},
      {"five prefixes", fields.with(2, "81 a2 00" + key + "01 85 80 80 80 80 80").bytes(), Error::kValueOutOfRange},
      {"server id of 15 bytes", fields.with(3, "81 4f" + std::string(30, '0')).bytes(), Error::kValueOutOfRange},
      {"http server", fields.with(5, "81 6a 687474703a2f2f612e62").bytes(), Error::kValueOutOfRange},
      {"server without host", fields.with(5, "81 68 636f6170733a2f2f").bytes(), Error::kValueOutOfRange},
      {"empty CA certificate", fields.with(6, "81 40").bytes(), Error::kValueOutOfRange},
      {"CA certificate of 1025 bytes", fields.with(6, "81 590401" + std::string(2050, '3')).bytes(),
       Error::kValueOutOfRange},
      {"empty serial", fields.with(7, "81 40").bytes(), Error::kValueOutOfRange},
      {"serial of 21 bytes", fields.with(7, "81 55" + std::string(42, '1')).bytes(), Error::kValueOutOfRange},
  };
  for (uint64_t k = 1; k <= 7; ++k) rows.push_back({"missing key", fields.without(k).bytes(), Error::kMissingKey});
  testing::expect_refused(rows, decode_trust_store);
}

TEST(TrustStore, ListsAtTheirLimitAndOnePast) {
  const MapOfFields fields(encoded(example()));
  const std::string uuid = "50" + std::string(32, '7');
  const std::string signer =
      "a2 00 a4 01 02 20 01 21 5820" + std::string(64, '1') + "22 5820" + std::string(64, '1') + "01 80";
  const struct {
    uint64_t key;
    std::string item;
    size_t limit;
  } rows[] = {{2, signer, limits::kTrustSigners},      {3, uuid, limits::kTrustServers},
              {4, uuid, limits::kTrustOperators},      {5, "6b 636f6170733a2f2f612e62", limits::kTrustServers},
              {6, "41 30", limits::kTrustAuthorities}, {7, "41 01", limits::kTrustRevocations}};
  for (const auto& row : rows) {
    for (const size_t count : {row.limit, row.limit + 1}) {
      Bytes list(16);
      cbor::Writer head(list);
      head.put_array(count);
      std::string items = testing::to_hex(head.finish().value());
      for (size_t i = 0; i < count; ++i) items += row.item;
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

TEST(SealedTrustStore, NothingIsSealedThatNoDeviceWouldTake) {
  const auto authority = crypto::generate_p256().value();
  Bytes buffer(8192);
  Bytes document = encoded(example());
  document.pop_back();
  EXPECT_FALSE(seal_trust_store(document, authority, buffer).ok());
}

}  // namespace
}  // namespace tailor::trust
