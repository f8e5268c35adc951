// SPDX-License-Identifier: Apache-2.0
// Parts come out of envelopes and go in, and what was signed stays signed.
#include "authoring/envelope_edit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "authoring/difference.hpp"
#include "authoring/explain.hpp"
#include "authoring/lint.hpp"
#include "authoring/manifest.hpp"
#include "authoring/summary.hpp"
#include "authoring/testing.hpp"

namespace tailor::authoring {
namespace {

struct Keys {
  crypto::P256PrivateKey secret = crypto::generate_p256().value();
  cose::VerificationKey open = crypto::public_key_of(secret).value();
};

ManifestDescription update(bool integrated = false) {
  ManifestDescription description;
  description.vendor.bytes[0] = 1;
  description.device_class.bytes[0] = 2;
  description.sequence_number = 7;
  description.components = {describe_image({bytes_of(as_bytes("app"))}, Bytes(100, 0x42), "", integrated).value()};
  description.invoke = true;
  TextDescription text;
  text.version = "1.2";
  description.text = text;
  description.sever = {suit::manifest_key::kText, suit::manifest_key::kInstall};
  return description;
}

Outcome<Verified> verify(ByteView envelope, const Keys& keys) {
  return verify_envelope(envelope, {&keys.open, 1}, suit::kStrict);
}

TEST(EnvelopeEdit, SeveredMembersComeOutAndTheSignatureHolds) {
  const Keys keys;
  const Bytes whole = sign_envelope(create_envelope(update()).value(), keys.secret, KeyId::kOmit).value();
  const Severed text = sever(whole, {suit::manifest_key::kText}).value();
  EXPECT_EQ(text.members, std::vector<std::string>{"text"});
  EXPECT_LT(text.envelope.size(), whole.size());
  EXPECT_TRUE(verify(text.envelope, keys).ok());
  const Severed all = sever(whole, {}).value();
  EXPECT_EQ(all.members, (std::vector<std::string>{"install", "text"}));
  EXPECT_TRUE(verify(all.envelope, keys).ok());
  EXPECT_TRUE(sever(all.envelope, {}).value().members.empty()) << "again changes nothing";
  EXPECT_EQ(sever(whole, {suit::manifest_key::kPayloadFetch}).error().code, Error::kNotFound);
}

TEST(EnvelopeEdit, WhatStandsInASignedManifestStays) {
  const Keys keys;
  ManifestDescription description = update();
  description.sever = {};
  const Bytes unsigned_envelope = create_envelope(description).value();
  const Bytes signed_envelope = sign_envelope(unsigned_envelope, keys.secret, KeyId::kOmit).value();
  EXPECT_EQ(sever(signed_envelope, {suit::manifest_key::kInstall}).error().code, Error::kStateConflict);
  EXPECT_EQ(make_severable(unsigned_envelope, {suit::manifest_key::kText, suit::manifest_key::kInstall}).value(),
            create_envelope(update()).value())
      << "the same as severed from the start";
  const Severed without = sever(unsigned_envelope, {suit::manifest_key::kText}).value();
  const Bytes sealed = sign_envelope(without.envelope, keys.secret, KeyId::kOmit).value();
  EXPECT_TRUE(verify(sealed, keys).ok());
}

TEST(EnvelopeEdit, PayloadsGoInAndOut) {
  const Keys keys;
  const Bytes whole = sign_envelope(create_envelope(update(true)).value(), keys.secret, KeyId::kOmit).value();
  EXPECT_EQ(extract(whole, "#app").value(), Bytes(100, 0x42));
  const Bytes without = remove_payload(whole, "#app").value();
  EXPECT_TRUE(verify(without, keys).ok());
  EXPECT_EQ(add_payload(without, "#app", Bytes(100, 0x42)).value(), whole);
  EXPECT_EQ(add_payload(without, "#app", Bytes(100, 0x43)).error().code, Error::kImageDigestMismatch);
  EXPECT_EQ(add_payload(without, "#other", Bytes(1)).error().code, Error::kNotFound);
  EXPECT_EQ(add_payload(without, "app", Bytes(1)).error().code, Error::kValueOutOfRange);
  EXPECT_EQ(add_payload(whole, "#app", Bytes(1)).error().code, Error::kAlreadyExists);
  EXPECT_EQ(remove_payload(without, "#app").error().code, Error::kNotFound);
  EXPECT_EQ(extract(whole, "install").value().size(), 13U);
  EXPECT_EQ(extract(whole, "manifest").value()[0] & 0xE0, 0xA0);
  EXPECT_EQ(extract(whole, "coswid").error().code, Error::kNotFound);
  EXPECT_EQ(extract(as_bytes("x"), "manifest").error().code, Error::kTruncated);
}

TEST(EnvelopeEdit, TwoStepsMakeTheSameSignature) {
  const Bytes envelope = create_envelope(update()).value();
  const auto key = hmac_key_of(Bytes(32, 7)).value();
  const Bytes at_once = sign_envelope(envelope, *key, KeyId::kOmit).value();
  const Bytes message = to_be_signed(envelope, key->cose_algorithm()).value();
  const Bytes later = attach_signature(envelope, key->cose_algorithm(), key->sign(message).value(), {}).value();
  EXPECT_EQ(at_once, later);
  EXPECT_EQ(blocks_of(walk_envelope(later)).at(0).kind, "COSE_Mac0");
  EXPECT_TRUE(verify_envelope(later, {&key->verification_key(), 1}, suit::kStrict).ok());
  Bytes altered = envelope;
  altered[altered.size() - 1] ^= 0;
  altered[60] ^= 1;
  EXPECT_FALSE(to_be_signed(altered, -9).ok()) << "the digest does not hold";
}

TEST(EnvelopeEdit, KeysOfEveryKindSignBesideEachOther) {
  const Keys p256;
  Bytes envelope = sign_envelope(create_envelope(update()).value(), p256.secret, KeyId::kThumbprint).value();
  const auto ed25519 = signing_key_of(crypto::generate_ed25519().value()).value();
  envelope = sign_envelope(envelope, *ed25519, KeyId::kThumbprint).value();
  EXPECT_TRUE(verify(envelope, p256).ok());
  EXPECT_TRUE(verify_envelope(envelope, {&ed25519->verification_key(), 1}, suit::kStrict).ok());
  const std::vector<cose::VerificationKey> both = {ed25519->verification_key(), p256.open};
  EXPECT_EQ(verify_envelope(envelope, both, suit::kStrict)->key_indices, (std::vector<size_t>{1, 0}));
}

TEST(Difference, NamesWhatChanged) {
  ManifestDescription next = update();
  next.sequence_number = 8;
  next.components[0].uri = "/other";
  next.reference_uri = "https://example.com/m";
  next.invoke = false;
  const Bytes before = create_envelope(update()).value(), after = create_envelope(next).value();
  const auto changes = differences(walk_envelope(before), walk_envelope(after));
  const auto find = [&](const std::string& path) {
    for (const Difference& change : changes) {
      if (change.path == path) return change.before + " -> " + change.after;
    }
    return std::string("none");
  };
  EXPECT_EQ(find("manifest.manifest-sequence-number"), "7 -> 8");
  EXPECT_EQ(find("manifest.reference-uri"), " -> \"https://example.com/m\"");
  EXPECT_EQ(find("manifest.invoke[0].invoke"), "2 -> ");
  EXPECT_NE(find("install[0].override-parameters.uri"), "none");
  EXPECT_EQ(find("manifest.common.components"), "none");
  EXPECT_TRUE(differences(walk_envelope(before), walk_envelope(before)).empty());
}

std::string explained(ByteView envelope) {
  std::string out;
  for (const Paragraph& paragraph : explain(walk_envelope(envelope))) {
    out += paragraph.heading + "\n";
    for (const std::string& line : paragraph.lines) out += "  " + line + "\n";
  }
  return out;
}

TEST(Explain, SaysWhatHappens) {
  ManifestDescription description = update();
  description.conditions.minimum_battery = 50;
  description.conditions.use_before = 1798761600;
  const std::string text = explained(create_envelope(description).value());
  for (const char* line :
       {"A manifest with sequence number 7 for app.", "app is called version 1.2.", "Nobody: every device refuses it.",
        "It checks that the vendor of app is 01000000-0000-0000-0000-000000000000.", "It checks that the class of app",
        "It checks that the battery has 50 mWh.", "It checks that it is before 2027-01-01T00:00:00Z.",
        "To install (update), it\n  checks that it is before", "  fetches /img/", "into app, 100 bytes",
        "checks that app holds the image sha256 ", "To start (each start), it\n  starts app\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

TEST(Explain, BranchesAreNumbered) {
  ManifestDescription description = update();
  ComponentDescription component = description.components[0];
  description.components[0].slots = {{.slot = 0, .digest = component.digest, .size_bytes = 1, .uri = "/a"},
                                     {.slot = 1, .digest = component.digest, .size_bytes = 2, .uri = "/b"}};
  const std::string text = explained(create_envelope(description).value());
  EXPECT_NE(
      text.find(
          "  takes the first of these that goes through:\n   1.\n    checks that app is written to slot 0\n   2.\n"
          "    checks that app is written to slot 1\n"),
      std::string::npos)
      << text;
}

TEST(ExplainVectors, EveryOfficialFileIsExplained) {
  if (!suit_vector("manifest-37/example0-signed.suit")) GTEST_SKIP() << "vectors are not here";
  const struct {
    const char* file;
    const char* says;
  } rows[] = {
      {"manifest-37/example4-signed.suit", "copies 0x02 to 0x00"},
      {"fwenc-24/suit-manifest-aes-kw.suit", "A128GCM, for a holder of key 'kid-1' (A128KW)"},
      {"trust-domains-11/example1_process.suit", "does the same part of the manifest dependent.suit"},
      {"teep-21/suit_personalization.cbor", "(A128CTR"},
      {"old-drafts/suit_manifest_expID.cbor", "What is wrong with it"},
  };
  for (const auto& row : rows) {
    const std::string text = explained(suit_vector(row.file).value());
    EXPECT_NE(text.find(row.says), std::string::npos) << row.file << "\n" << text;
  }
}

/// AES-CTR for one recipient with AES-KW.
Bytes counter_mode() {
  const Bytes recipient = cbor_array({cbor_bytes({}), cbor_map({{cbor_int(1), cbor_int(-3)}}), cbor_bytes(Bytes(24))});
  return cbor_tagged(
      96, cbor_array({cbor_bytes({}), cbor_map({{cbor_int(1), cbor_int(-65534)}, {cbor_int(5), cbor_bytes(Bytes(16))}}),
                      cbor_null(), cbor_array({recipient})}));
}

std::vector<std::string> rules(ByteView envelope) {
  std::vector<std::string> out;
  for (const Remark& remark : lint(walk_envelope(envelope))) out.push_back(remark.rule);
  return out;
}

TEST(Lint, EachRuleFires) {
  const auto made = [](auto change) {
    ManifestModel manifest;
    manifest.components = {{{0}}};
    Parameters parameters;
    parameters.vendor({}).device_class({}).image_digest(crypto::Sha256Digest{}).image_size(1);
    manifest.shared.override_parameters(parameters).command(1, 15).command(2, 15);
    Sequence install;
    install.override_parameters(Parameters().uri("/u")).command(21, 2).command(3, 15);
    manifest.add(suit::manifest_key::kInstall, install);
    manifest.add(suit::manifest_key::kValidate, Sequence().command(3, 15));
    IntegratedPayloads payloads;
    change(manifest, payloads);
    return encode_envelope(manifest, payloads).value();
  };
  const auto plain = made([](auto&, auto&) {});
  EXPECT_EQ(rules(plain), std::vector<std::string>{"unsigned"});
  const Keys keys;
  EXPECT_TRUE(rules(sign_envelope(plain, keys.secret, KeyId::kOmit).value()).empty());
  EXPECT_EQ(rules(sign_envelope(plain, *hmac_key_of(Bytes(32, 1)).value(), KeyId::kOmit).value()),
            std::vector<std::string>{"shared-secret"});
  EXPECT_EQ(rules(attach_signature(plain, -7, Bytes(64), {}).value()), std::vector<std::string>{"weak-signature"});

  using Model = ManifestModel&;
  using Payloads = IntegratedPayloads&;
  const auto install = [](Model manifest, const Sequence& sequence) {
    manifest.members.erase(suit::manifest_key::kInstall);
    manifest.add(suit::manifest_key::kInstall, sequence);
  };
  const struct {
    const char* rule;
    Bytes envelope;
  } rows[] = {
      {"invalid", made([](Model m, Payloads) { m.add(20, Sequence().command(99, 0)); })},
      {"no-vendor-check", made([](Model m, Payloads) { m.shared = Sequence(); })},
      {"no-class-check", made([](Model m, Payloads) { m.shared = Sequence(); })},
      {"late-identity-check", made([](Model m, Payloads) {
         m.shared = Sequence();
         m.add(7, Sequence().override_parameters(Parameters().vendor({})).command(1, 15));
       })},
      {"unbounded-fetch", made([](Model m, Payloads) { m.shared = Sequence(); })},
      {"digest-without-size", made([](Model m, Payloads) {
         m.shared = Sequence().override_parameters(Parameters().image_digest(crypto::Sha256Digest{}));
       })},
      {"fetch-without-check", made([&](Model m, Payloads) {
         m.members.erase(7);
         install(m, Sequence().override_parameters(Parameters().uri("/u")).command(21, 2));
       })},
      {"no-validate", made([](Model m, Payloads) { m.members.erase(7); })},
      {"not-validated", made([](Model m, Payloads) { m.members[7].content = Sequence().command(1, 15).encode(); })},
      {"weak-digest", made([](Model m, Payloads) {
         m.shared.override_parameters(Parameters().image_digest({crypto::HashAlgorithm::kSha512, Bytes(64)}));
       })},
      {"condition-without-parameter", made([](Model m, Payloads) { m.shared.command(24, 15); })},
      {"deadline-at-start",
       made([](Model m, Payloads) { m.shared.override_parameters(Parameters().use_before(1)).command(4, 15); })},
      {"fetch-at-start", made([](Model m, Payloads) {
         m.add(8, Sequence().override_parameters(Parameters().uri("/u")).command(21, 2));
       })},
      {"missing-payload", made([](Model m, Payloads) { m.shared.override_parameters(Parameters().uri("#x")); })},
      {"unused-payload", made([](Model, Payloads p) { p["#y"] = {1}; })},
      {"text-in-manifest", made([](Model m, Payloads) {
         m.members[23] = {.content = encode_texts({{"en", {.manifest = {{1, "d"}}, .components = {}}}}),
                          .severed = false};
       })},
      {"severed-away", sever(made([](Model m, Payloads) {
                               m.members[23] = {
                                   .content = encode_texts({{"en", {.manifest = {{1, "d"}}, .components = {}}}}),
                                   .severed = true};
                             }),
                             {})
                           .value()
                           .envelope},
      {"large-manifest", made([](Model m, Payloads) { m.reference_uri.assign(3000, 'x'); })},
      {"long-uri",
       made([](Model m, Payloads) { m.shared.override_parameters(Parameters().uri(std::string(300, 'x'))); })},
      {"no-manifest-component", made([](Model m, Payloads) {
         m.dependencies = {{0, {}}};
       })},
      {"encrypted-fetch",
       made([](Model m, Payloads) { m.shared.override_parameters(Parameters().encryption_info(counter_mode())); })},
      {"unauthenticated-encryption", made([&](Model m, Payloads) {
         m.shared = Sequence();
         install(m, Sequence()
                        .override_parameters(Parameters().content(Bytes(1)).encryption_info(counter_mode()))
                        .command(18, 2));
       })},
  };
  std::set<std::string> fired = {"unsigned", "shared-secret", "weak-signature"};
  for (const auto& row : rows) {
    const auto found = rules(row.envelope);
    EXPECT_NE(std::find(found.begin(), found.end(), row.rule), found.end()) << row.rule;
    fired.insert(row.rule);
  }
  for (const LintRule& rule : lint_rules()) EXPECT_TRUE(fired.contains(rule.id)) << rule.id << " has no test";
}

TEST(Lint, WhatTheToolMakesIsCleanButForTheSignature) {
  EXPECT_EQ(rules(create_envelope(update(true)).value()), std::vector<std::string>{"unsigned"});
}

}  // namespace
}  // namespace tailor::authoring
