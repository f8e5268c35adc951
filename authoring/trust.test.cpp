// SPDX-License-Identifier: Apache-2.0
#include "authoring/trust.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "authoring/hss/hss_key.hpp"
#include "authoring/hss/key_file.hpp"
#include "authoring/signing/key_formats.hpp"
#include "authoring/trust_labels.hpp"
#include "core/base/limits.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "pki/issue.hpp"
#include "pki/key.hpp"

namespace tailor::authoring {
namespace {

constexpr const char* kServerId = "11111111-2222-4333-8444-555555555555";
constexpr const char* kOperatorId = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

/// A folder with the files that a description names.
class TrustTest : public testing::Test {
 protected:
  void SetUp() override {
    const pki::Validity validity{.not_before = from_unix_seconds(1'700'000'000),
                                 .not_after = from_unix_seconds(2'000'000'000)};
    const pki::Identity authority{
        .tenant = "default", .role = pki::Role::kCa, .id = Uuid::from_text(kServerId).value()};
    const pki::Issuer issuer = pki::make_root(pki::PrivateKey::generate().value(), authority, "Test", validity).value();
    const pki::Identity server{
        .tenant = "default", .role = pki::Role::kUpdateServer, .id = Uuid::from_text(kServerId).value()};
    const auto server_certificate =
        pki::issue(issuer, server, pki::PrivateKey::generate()->public_key(), validity, {"localhost"}).value();
    write("ca.pem", issuer.certificate.to_pem());
    write("server.pem", server_certificate.to_pem());
    write("author.pub", pki::public_key_to_pem(signer_.public_key()).value());
  }
  void write(const char* name, const std::string& text) {
    ASSERT_TRUE(write_file(folder_ / name, as_bytes(text)).ok());
  }
  Outcome<TrustDescription> read(const std::string& text) {
    write("trust.toml", text);
    return read_trust_description(folder_ / "trust.toml");
  }

  TemporaryFolder folder_;
  pki::PrivateKey signer_ = pki::PrivateKey::generate().value();
  crypto::P256PrivateKey authority_ = crypto::generate_p256().value();
};

constexpr const char* kComplete = R"(
version = 3
revoked = ["0a", "00ff", "FF01"]

[[signers]]
key = "author.pub"
components = ["app", "app/config"]

[[servers]]
certificate = "server.pem"
uris = ["coaps://a.example.com", "coaps://b.example.com:7684"]

[[operators]]
id = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"

[[authorities]]
certificate = "ca.pem"
)";

TEST_F(TrustTest, FromTomlToSealedDocumentAndBack) {
  const auto description = read(kComplete);
  ASSERT_TRUE(description.ok()) << description.error().context;
  const Bytes document = encode_trust_store(description.value()).value();
  const Bytes sealed = seal_trust_store(document, authority_).value();
  const auto opened = open_trust_store(sealed, crypto::public_key_of(authority_).value());
  ASSERT_TRUE(opened.ok()) << opened.error().context;
  EXPECT_EQ(opened->version, 3U);
  ASSERT_EQ(opened->signers.size(), 1U);
  EXPECT_EQ(opened->signers[0].key, signer_.public_key());
  EXPECT_EQ(opened->signers[0].rights.size(), 2U);
  EXPECT_EQ(component_to_text(opened->signers[0].rights[1].prefix), "app/config");
  EXPECT_EQ(opened->servers, std::vector<Uuid>{Uuid::from_text(kServerId).value()});
  EXPECT_EQ(opened->operators, std::vector<Uuid>{Uuid::from_text(kOperatorId).value()});
  EXPECT_EQ(opened->server_uris, (std::vector<std::string>{"coaps://a.example.com", "coaps://b.example.com:7684"}));
  EXPECT_EQ(opened->authorities.size(), 1U);
  // serial numbers become what stands in a certificate's DER: a zero byte before a high bit, none elsewhere
  EXPECT_EQ(opened->revoked_serials, (std::vector<Bytes>{{0x0a}, {0x00, 0xff}, {0x00, 0xff, 0x01}}));
}

TEST_F(TrustTest, AnotherAuthoritysKeyDoesNotOpenIt) {
  const Bytes document = encode_trust_store(read(kComplete).value()).value();
  Bytes sealed = seal_trust_store(document, authority_).value();
  const auto stranger = crypto::public_key_of(crypto::generate_p256().value()).value();
  EXPECT_EQ(open_trust_store(sealed, stranger).error().code, Error::kSignatureInvalid);
  sealed[sealed.size() / 2] ^= 1;
  EXPECT_FALSE(open_trust_store(sealed, crypto::public_key_of(authority_).value()).ok());
  EXPECT_FALSE(seal_trust_store(Bytes{0xa0}, authority_).ok());
}

TEST_F(TrustTest, AnAuthorityMayHaveAKeyOfHssLms) {
  const Bytes document = encode_trust_store(read(kComplete).value()).value();
  const auto path = folder_ / "authority.hss";
  const cose::VerificationKey anchor = create_hss_key(path, parse_levels("H5/W8/192").value()).value();
  const auto key = open_signing_key(path);
  ASSERT_TRUE(key.ok()) << key.error().context;
  const auto sealed = seal_trust_store(document, **key);
  ASSERT_TRUE(sealed.ok()) << sealed.error().context;
  EXPECT_EQ(open_trust_store(*sealed, anchor)->version, 3U);
  EXPECT_FALSE(open_trust_store(*sealed, crypto::public_key_of(authority_).value()).ok());
  // Nothing that devices refuse uses a signature up.
  EXPECT_FALSE(seal_trust_store(Bytes{0xa0}, **key).ok());
  EXPECT_EQ(hss_key_status(path, read_file(path).value())->left, 31U);

  const auto p256 = signing_key_of(authority_);
  EXPECT_TRUE(open_trust_store(seal_trust_store(document, **p256).value(), (*p256)->verification_key()).ok());
  const auto ed25519 = signing_key_of(crypto::generate_ed25519().value());
  EXPECT_EQ(seal_trust_store(document, **ed25519).error().code, Error::kAlgorithmUnsupported);
}

TEST_F(TrustTest, EverySignerMayWriteEverythingOnlyWhenItSaysSo) {
  const auto all = read("version = 1\n[[signers]]\nkey = \"author.pub\"\ncomponents = [\"*\"]\n");
  ASSERT_TRUE(all.ok()) << all.error().context;
  ASSERT_EQ(all->signers[0].rights.size(), 1U);
  EXPECT_TRUE(all->signers[0].rights[0].prefix.empty());
}

constexpr const char* kRights = R"(
version = 4

[[signers]]
key = "author.pub"
components = ["app"]
installed-only = true

[[signers]]
key = "owner.pub"
role = "operator"
[[signers.rights]]
components = ["app", "data"]
commands = ["image-match", "vendor-identifier", "image-match", "-300"]
[[signers.rights]]
components = ["*"]
commands = []
parameters = ["uri"]

[[policies]]
components = ["app"]
signatures = ["author", "2 of operator, author"]
)";

TEST_F(TrustTest, RolesRightsAndPoliciesAreReadAndReadBack) {
  write("owner.pub", pki::public_key_to_pem(pki::PrivateKey::generate()->public_key()).value());
  const auto description = read(kRights);
  ASSERT_TRUE(description.ok()) << description.error().context;
  const auto decoded = decode_trust_store(encode_trust_store(description.value()).value());
  for (const TrustDescription& store : {*description, *decoded}) {
    ASSERT_EQ(store.signers.size(), 2U);
    EXPECT_EQ(store.signers[0].role, trust::Role::kAuthor);
    ASSERT_EQ(store.signers[0].rights.size(), 1U);
    EXPECT_EQ(store.signers[0].rights[0].commands, commands_of_installed_images());
    EXPECT_EQ(store.signers[0].rights[0].parameters, std::nullopt);
    EXPECT_EQ(store.signers[1].role, trust::Role::kOperator);
    ASSERT_EQ(store.signers[1].rights.size(), 3U);
    EXPECT_EQ(component_to_text(store.signers[1].rights[1].prefix), "data");
    EXPECT_EQ(store.signers[1].rights[1].commands, (std::vector<int64_t>{-300, 1, 3}));
    EXPECT_TRUE(store.signers[1].rights[2].prefix.empty());
    EXPECT_EQ(store.signers[1].rights[2].commands, std::vector<int64_t>{});
    EXPECT_EQ(store.signers[1].rights[2].parameters, std::vector<int64_t>{21});
    ASSERT_EQ(store.policies.size(), 1U);
    EXPECT_EQ(component_to_text(store.policies[0].prefix), "app");
    EXPECT_EQ(
        store.policies[0].clauses,
        (std::vector<TrustClause>{{1, {trust::Role::kAuthor}}, {2, {trust::Role::kAuthor, trust::Role::kOperator}}}));
  }
}

TEST_F(TrustTest, SignersMayHaveKeysOfAnyKind) {
  const crypto::Ed25519PublicKey edwards = crypto::public_key_of(crypto::generate_ed25519().value()).value();
  write("edwards.pub", public_key_to_pem(edwards).value());
  Bytes secret = {0xa2, 0x01, 0x04, 0x20, 0x58, 0x20};  // {kty: symmetric, k: 32 bytes}
  secret.resize(secret.size() + 32, 7);
  ASSERT_TRUE(write_file(folder_ / "secret.cose", secret).ok());
  const auto description = read(
      "version = 1\n[[signers]]\nkey = \"edwards.pub\"\ncomponents = [\"*\"]\n"
      "[[signers]]\nkey = \"secret.cose\"\ncomponents = [\"*\"]\n");
  ASSERT_TRUE(description.ok()) << description.error().context;
  const auto decoded = decode_trust_store(encode_trust_store(description.value()).value());
  ASSERT_EQ(decoded->signers.size(), 2U);
  EXPECT_EQ(decoded->signers[0].key.kind(), cose::KeyKind::kEd25519);
  EXPECT_TRUE(equal(decoded->signers[0].key.bytes(), edwards.bytes));
  EXPECT_EQ(decoded->signers[1].key.kind(), cose::KeyKind::kHmac256);
}

TEST_F(TrustTest, WhoMayOnlyKeepWhatRunsMayUseNoCommandThatChangesContent) {
  const std::vector<int64_t> commands = commands_of_installed_images();
  EXPECT_TRUE(std::is_sorted(commands.begin(), commands.end()));
  EXPECT_LE(commands.size(), limits::kTrustLabels);
  for (const char* writes : {"fetch", "write", "copy", "swap", "unlink"}) {
    const int64_t label = label_from_text(trust::Action::Kind::kCommand, writes).value();
    EXPECT_EQ(std::count(commands.begin(), commands.end(), label), 0) << writes;
  }
  for (const char* reads : {"invoke", "image-match", "vendor-identifier", "override-parameters"}) {
    const int64_t label = label_from_text(trust::Action::Kind::kCommand, reads).value();
    EXPECT_EQ(std::count(commands.begin(), commands.end(), label), 1) << reads;
  }
}

TEST_F(TrustTest, AKeyOrAPolicyThatStandsTwiceIsRefused) {
  const std::string author = "[[signers]]\nkey = \"author.pub\"\ncomponents = [\"app\"]\n";
  EXPECT_EQ(encode_trust_store(read("version = 1\n" + author + author).value()).error().code, Error::kDuplicateKey);
  const std::string policy = "[[policies]]\ncomponents = [\"app\"]\nsignatures = [\"author\"]\n";
  EXPECT_EQ(encode_trust_store(read("version = 1\n" + policy + policy).value()).error().code, Error::kDuplicateKey);
}

TEST(TrustLabels, WordsAndNumbersReadBack) {
  for (const trust::Action::Kind kind : {trust::Action::Kind::kCommand, trust::Action::Kind::kParameter}) {
    for (int64_t label = -300; label < 60; ++label) {
      EXPECT_EQ(label_from_text(kind, label_to_text(kind, label)).value(), label);
      EXPECT_EQ(label_from_text(kind, std::to_string(label)).value(), label);
    }
    for (const char* text : {"", "Fetch", "1 ", "1x", "99999999999999999999"}) {
      EXPECT_FALSE(label_from_text(kind, text).ok()) << text;
    }
  }
  EXPECT_EQ(label_to_text(trust::Action::Kind::kCommand, 21), "fetch");
  EXPECT_EQ(label_to_text(trust::Action::Kind::kParameter, 21), "uri");
}

TEST_F(TrustTest, DescriptionIsReadStrictly) {
  const struct {
    const char* text;
    Error error;
    const char* says;
  } rows[] = {
      {"", Error::kConfigMalformed, "version"},
      {"version = 0\n", Error::kConfigMalformed, "version"},
      {"version = 1\nverison = 2\n", Error::kConfigMalformed, "unknown key verison"},
      {"version = 1\n[[signers]]\nkey = \"author.pub\"\n", Error::kConfigMalformed, "components"},
      {"version = 1\n[[signers]]\nkey = \"author.pub\"\ncomponents = [\"\"]\n", Error::kConfigMalformed,
       "no component"},
      {"version = 1\n[[signers]]\ncomponents = [\"*\"]\n", Error::kConfigMalformed, "key is missing"},
      {"version = 1\n[[signers]]\nkey = \"none.pub\"\ncomponents = [\"*\"]\n", Error::kFileFailed, "none.pub"},
      {"version = 1\n[[signers]]\nkey = \"author.pub\"\ncomponents = [\"*\"]\nrole = \"trust-provisioning\"\n",
       Error::kConfigMalformed, "role"},
      {"version = 1\n[[signers]]\nkey = \"author.pub\"\ncomponents = [\"*\"]\ncommands = [\"fetsch\"]\n",
       Error::kConfigMalformed, "'fetsch' is no command"},
      {"version = 1\n[[signers]]\nkey = \"author.pub\"\ncomponents = [\"*\"]\nparameters = [\"fetch\"]\n",
       Error::kConfigMalformed, "'fetch' is no parameter"},
      {"version = 1\n[[signers]]\nkey = \"author.pub\"\ncomponents = [\"*\"]\ncommands = []\ninstalled-only = true\n",
       Error::kConfigMalformed, "not both"},
      {"version = 1\n[[signers]]\nkey = \"author.pub\"\n[[signers.rights]]\n", Error::kConfigMalformed, "components"},
      {"version = 1\n[[signers]]\nkey = \"author.pub\"\n[[signers.rights]]\ncomponents = [\"*\"]\nright = 1\n",
       Error::kConfigMalformed, "unknown key"},
      {"version = 1\n[[policies]]\ncomponents = [\"*\"]\n", Error::kConfigMalformed, "signatures"},
      {"version = 1\n[[policies]]\nsignatures = [\"author\"]\n", Error::kConfigMalformed, "components"},
      {"version = 1\n[[policies]]\ncomponents = [\"*\"]\nsignatures = [\"0 of author\"]\n", Error::kConfigMalformed,
       "no demand"},
      {"version = 1\n[[policies]]\ncomponents = [\"*\"]\nsignatures = [\"2 author\"]\n", Error::kConfigMalformed,
       "no demand"},
      {"version = 1\n[[policies]]\ncomponents = [\"*\"]\nsignatures = [\"author,\"]\n", Error::kConfigMalformed,
       "no demand"},
      {"version = 1\n[[servers]]\n", Error::kConfigMalformed, "either id or certificate"},
      {"version = 1\n[[servers]]\nid = \"x\"\n", Error::kConfigMalformed, "UUID"},
      {"version = 1\n[[operators]]\ncertificate = \"server.pem\"\n", Error::kRoleNotPermitted, "server.pem"},
      {"version = 1\n[[authorities]]\ncertificate = \"server.pem\"\n", Error::kCertificateProfile, "server.pem"},
      {"version = 1\nrevoked = [\"xyz\"]\n", Error::kConfigMalformed, "serial"},
  };
  for (const auto& row : rows) {
    const auto description = read(row.text);
    ASSERT_FALSE(description.ok()) << row.text;
    EXPECT_EQ(description.error().code, row.error) << row.text << description.error().context;
    EXPECT_NE(description.error().context.find(row.says), std::string::npos) << description.error().context;
  }
  EXPECT_EQ(read_trust_description(folder_ / "absent.toml").error().code, Error::kFileFailed);
}

TEST_F(TrustTest, RefusesMoreThanDevicesKeep) {
  TrustDescription description;
  description.version = 1;
  description.operators.resize(limits::kTrustOperators);
  for (size_t i = 0; i < description.operators.size(); ++i)
    description.operators[i].bytes[0] = static_cast<uint8_t>(i + 1);
  EXPECT_TRUE(encode_trust_store(description).ok());
  description.operators.push_back(Uuid::from_text(kOperatorId).value());
  const auto refused = encode_trust_store(description);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Error::kValueOutOfRange);
  EXPECT_NE(refused.error().context.find("operators"), std::string::npos);
}

}  // namespace
}  // namespace tailor::authoring
