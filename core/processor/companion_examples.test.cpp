// SPDX-License-Identifier: Apache-2.0
// The published examples of trust domains, of TEEP and of firmware encryption, received and run end to end, each with
// the leniencies that it needs and without them; and encryption that no published example has.
#include "core/processor/processing.test.hpp"
#include "core/processor/receiver.hpp"
#include "core/suit/encoder/payload_encryptor.hpp"

namespace tailor::processor {
namespace {

using Log = std::vector<std::string>;

/// The byte string with a label in a COSE_Key, private ones too.
Octets part_of(const Octets& key, int64_t wanted) {
  cbor::Reader reader(key);
  for (size_t pairs = reader.take_map().value(); pairs > 0; --pairs) {
    const int64_t label = reader.take_int().value();
    const ByteView item = reader.take_item().value();
    if (label != wanted) continue;
    const ByteView bytes = cbor::Reader(item).take_bytes().value();
    return Octets(bytes.begin(), bytes.end());
  }
  return {};
}

Octets encoded_id(std::initializer_list<std::string_view> parts) {
  suit::ComponentId id;
  for (const std::string_view part : parts) EXPECT_TRUE(id.push_back(as_bytes(part), Error::kInternal).ok());
  std::array<uint8_t, 128> buffer;
  cbor::Writer writer(buffer);
  const ByteView encoded = suit::put_component_id(writer, id).finish().value();
  return Octets(encoded.begin(), encoded.end());
}

class CompanionVectors : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto folder = testing::vectors_folder();
    if (!folder) GTEST_SKIP() << "no vectors";
    folder_ = *folder / "suit";
    const Octets delegated = read("keys/libcsuit-delegated-p256.cbor");
    Octets xy = part_of(delegated, -2);
    const Octets y = part_of(delegated, -3);
    xy.insert(xy.end(), y.begin(), y.end());
    const Octets mac = part_of(read("keys/fwenc-hmac256.cbor"), -1);
    anchors_.emplace(
        std::vector<cose::VerificationKey>{cose::VerificationKey(testing::example_key()),
                                           cose::VerificationKey::from_bytes(cose::KeyKind::kP256, xy).value(),
                                           cose::VerificationKey::from_bytes(cose::KeyKind::kHmac256, mac).value()});
    const Octets wrapping = read("keys/fwenc-a128kw.cbor");  // its length is not in the shortest form
    const auto key = [](suit::DecryptionKeyKind kind, const Octets& secret) {
      return suit::ContentDecryptionKey::from_bytes(kind, secret).value();
    };
    rows_ = {{{}, key(suit::DecryptionKeyKind::kAesKw, Octets(wrapping.end() - 16, wrapping.end()))},
             {{}, key(suit::DecryptionKeyKind::kP256, part_of(read("keys/fwenc-esdh-recipient.cbor"), -4))}};
    platform_.who.vendor = Uuid::from_text("c0ddd5f1-5243-5660-87db-4f5b0aa26c2f").value();
    platform_.who.device_class = Uuid::from_text("db42f709-3d8c-55ba-a8c5-265fc5820f4e").value();
  }

  Octets read(const std::string& name) const { return testing::read_octets(folder_ / name); }
  testing::DeclaredComponent& add(std::initializer_list<std::string_view> id, const char* name) {
    return platform_.add(encoded_id(id), name);
  }
  Error receive(const Octets& envelope, const suit::Leniency& leniency, size_t chunk = 29) {
    std::array<uint8_t, 2048> buffer, dependency_buffer;
    const suit::DecryptionKeyTable keys(rows_);
    Dependencies dependencies(dependency_buffer, *anchors_);
    Seams seams{platform_, payloads_, all_, nullptr, &dependencies};
    seams.keys = decrypts_ ? &keys : nullptr;
    UpdateReceiver receiver(buffer, *anchors_, seams, leniency);
    ByteView rest(envelope);
    for (int turn = 0; turn < 10000; ++turn) {
      ByteView input = rest.first(std::min(chunk, rest.size()));
      const size_t offered = input.size();
      const auto progress = receiver.feed(input);
      if (!progress.ok()) return progress.error();
      rest = rest.subspan(offered - input.size());
      if (*progress == Progress::kDone && rest.empty()) return receiver.staged().ok() ? kNone : Error::kInternal;
      if (*progress == Progress::kNeedInput && rest.empty()) return receiver.finish().error();
    }
    return Error::kTimeout;
  }
  Error run(const Octets& bytes, Procedure procedure, const suit::Leniency& leniency) {
    const auto envelope = suit::Envelope::from_bytes(bytes, leniency);
    if (!envelope.ok()) return envelope.error();
    const auto authentic = suit::authenticate(*envelope, *anchors_, leniency);
    if (!authentic.ok()) return authentic.error();
    std::array<uint8_t, 2048> dependency_buffer;
    Dependencies dependencies(dependency_buffer, *anchors_);
    const suit::DecryptionKeyTable keys(rows_);
    Seams seams{platform_, payloads_, all_, nullptr, &dependencies, nullptr, leniency, &keys};
    Processor processor(seams);
    const auto applicable = processor.check(*authentic);
    if (!applicable.ok()) return applicable.error();
    if (const Status started = processor.start(*applicable, procedure); !started.ok()) return started.error();
    const auto progress = processor.step();
    return progress.ok() ? kNone : progress.error();
  }
  static Octets text(std::string_view characters) { return Octets(characters.begin(), characters.end()); }

  std::filesystem::path folder_;
  testing::DeclaredPlatform platform_;
  testing::DeclaredPayloads payloads_;
  testing::AllowAll all_;
  std::optional<testing::KnownKeys> anchors_;
  std::vector<suit::DecryptionKeyTable::Row> rows_;
  bool decrypts_ = true;
};

constexpr suit::Leniency kBeyond{.index_beyond_components = true};
constexpr suit::Leniency kUntagged{.untagged_envelope = true};

TEST_F(CompanionVectors, TrustDomains) {
  auto& hello = add({"00"}, "hello");
  auto& world = add({"10"}, "world");
  auto& dependent = add({"dependent.suit"}, "dependent");
  payloads_.payloads["http://example.com/dependent.suit"] = read("trust-domains-11/example0_dependent.suit");

  EXPECT_EQ(receive(read("trust-domains-11/example0_dependent.suit"), {}), kNone);
  EXPECT_EQ(hello.content, text("hello world"));
  EXPECT_EQ(run(read("trust-domains-11/example0_dependent.suit"), Procedure::kInvoke, {}), kNone);
  EXPECT_EQ(platform_.log.back(), "arguments cat 00");

  hello.content.clear();
  const Octets process = read("trust-domains-11/example1_process.suit");
  EXPECT_EQ(receive(process, {}), Error::kComponentIndexInvalid);
  EXPECT_EQ(receive(process, kBeyond), kNone);
  EXPECT_EQ(dependent.content, payloads_.payloads["http://example.com/dependent.suit"]);
  EXPECT_EQ(hello.content, text("hello world"));
  EXPECT_EQ(world.content, text(" in multiple trust domains"));
  EXPECT_EQ(run(process, Procedure::kInvoke, kBeyond), kNone);
  EXPECT_EQ(platform_.log.back(), "arguments cat 00 10");

  world.content.clear();
  dependent.content.clear();
  const Octets integrated = read("trust-domains-11/example2_integrated.suit");
  EXPECT_EQ(receive(integrated, kBeyond), Error::kDependencyNotChecked);
  EXPECT_TRUE(world.content.empty());
  EXPECT_EQ(receive(integrated, {.missing_dependency_integrity = true}), Error::kComponentIndexInvalid);
  for (const size_t chunk : {size_t{1}, size_t{100}, integrated.size()}) {
    EXPECT_EQ(receive(integrated, {.missing_dependency_integrity = true, .index_beyond_components = true}, chunk),
              kNone);
  }
  EXPECT_EQ(world.content, text(" in multiple trust domains"));
  for (const char* name : {"example0_dependent", "example1_process", "example2_integrated"}) {
    const Octets whole = read(std::string("trust-domains-11/") + name + ".suit");
    for (size_t length = 0; length < whole.size(); ++length) {
      EXPECT_NE(receive(Octets(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length)), kBeyond), kNone);
      for (const char* id : {"00", "10", "dependent.suit"}) add({id}, "again");
    }
  }
}

TEST_F(CompanionVectors, Teep) {
  const std::string uuid = [] {
    constexpr auto kUuid = "8d82573a926d4754935332dc29997f74"_hex;
    return std::string(kUuid.begin(), kUuid.end());
  }();
  auto& application = add({"TEEP-Device", "SecureFS", uuid, "ta"}, "ta");
  auto& config = add({"TEEP-Device", "SecureFS", "config.json"}, "config");
  auto& manifest = add({"TEEP-Device", "SecureFS", uuid, "suit"}, "suit");
  platform_.counts_references = true;
  const std::string base = "https://example.org/8d82573a-926d-4754-9353-32dc29997f74";
  payloads_.payloads[base + ".ta"] = read("teep-21/8d82573a-926d-4754-9353-32dc29997f74.ta");
  Octets tagged = {0xD8, 0x6B};
  const Octets uri = read("teep-21/suit_uri.cbor");
  tagged.insert(tagged.end(), uri.begin(), uri.end());
  payloads_.payloads[base + ".suit"] = tagged;

  for (const char* name : {"teep-21/suit_integrated.cbor", "teep-21/suit_uri.cbor"}) {
    application.content.clear();
    platform_.forget_references();
    EXPECT_EQ(receive(read(name), {}), Error::kEnvelopeUntagged) << name;
    EXPECT_EQ(receive(read(name), kUntagged), kNone) << name;
    EXPECT_EQ(application.content, text("Hello, Secure World!")) << name;
    EXPECT_EQ(run(read(name), Procedure::kUninstall, kUntagged), kNone) << name;
    EXPECT_TRUE(application.content.empty()) << name;
  }
  platform_.forget_references();
  const Octets personalization = read("teep-21/suit_personalization.cbor");
  suit::Leniency leniency{.untagged_envelope = true, .index_beyond_components = true};
  EXPECT_EQ(receive(personalization, leniency), Error::kDependencyNotChecked);
  leniency.missing_dependency_integrity = true;
  decrypts_ = false;
  EXPECT_EQ(receive(personalization, leniency), Error::kParameterUnsupported) << "no keys";
  decrypts_ = true;
  EXPECT_EQ(receive(personalization, leniency), kNone);
  EXPECT_EQ(manifest.content, tagged);
  EXPECT_EQ(application.content, text("Hello, Secure World!"));
  EXPECT_EQ(config.content, text(R"({"name":"FOO Bar","secret":"0123456789abfcdef0123456789abcd"})"));
  EXPECT_EQ(run(personalization, Procedure::kUninstall, leniency), kNone);
  EXPECT_TRUE(config.content.empty());
}

TEST_F(CompanionVectors, FirmwareEncryption) {
  const Octets image = text("This is a real firmware image.");
  const Octets gcm = read("fwenc-24/encrypted-payload-aes-kw-aes-gcm.bin");
  payloads_.payloads["coaps://example.com/encrypted-firmware"] = gcm;
  struct Row {
    const char* name;
    suit::Leniency leniency;
    std::initializer_list<std::string_view> target;
  };
  add({"encrypted-firmware"}, "encrypted");
  platform_.add(testing::component_id(1), "encrypted slot");
  add({"dependency-manifest.suit"}, "dependency");
  for (const Row& row : {
           Row{"aes-kw-content", {}, {"plaintext-firmware"}},
           Row{"aes-kw", {}, {"plaintext-firmware"}},
           Row{"es-ecdh-content", {}, {"decrypted-firmware"}},
           Row{"es-ecdh-dependency", kBeyond, {"decrypted-firmware"}},
       }) {
    const Octets envelope = read(std::string("fwenc-24/suit-manifest-") + row.name + ".suit");
    for (const size_t piece : {size_t{1}, size_t{7}, size_t{64}}) {
      payloads_.piece = piece;
      auto& target = add(row.target, "target");
      EXPECT_EQ(receive(envelope, row.leniency), kNone) << row.name;
      EXPECT_EQ(target.content, image) << row.name;
    }
    decrypts_ = false;
    auto& target = add(row.target, "target");
    EXPECT_EQ(receive(envelope, row.leniency), Error::kParameterUnsupported) << row.name;
    EXPECT_TRUE(target.content.empty());
    decrypts_ = true;
  }
  auto& slot = platform_.add(testing::component_id(0), "slot");
  EXPECT_EQ(receive(read("fwenc-24/suit-manifest-aes-kw-slot.suit"), {}), kNone);
  EXPECT_EQ(slot.content, image);
  // A ciphertext with any bit changed leaves nothing that is finished.
  for (size_t i = 0; i < gcm.size(); ++i) {
    payloads_.payloads["coaps://example.com/encrypted-firmware"][i] ^= 1;
    platform_.add(testing::component_id(0), "slot");
    platform_.log.clear();
    EXPECT_EQ(receive(read("fwenc-24/suit-manifest-aes-kw-slot.suit"), {}), Error::kDecryptionFailed) << i;
    EXPECT_EQ(platform_.log.back(), "open slot");
    payloads_.payloads["coaps://example.com/encrypted-firmware"] = gcm;
  }
}

// --- what no published example has ---

class Encryption : public Processing {
 protected:
  Encryption() {
    rows_ = {{{}, suit::ContentDecryptionKey::from_bytes(suit::DecryptionKeyKind::kAesKw, secret_).value()}};
  }
  void encrypt(crypto::ContentAlgorithm algorithm) {
    ciphertext_.resize(image_.size() + 16);
    info_.resize(suit::max_encryption_info_bytes(1));
    const suit::PayloadRecipient recipients[] = {{suit::DecryptionKeyKind::kAesKw, secret_}};
    const auto sent = suit::encrypt_payload(algorithm, recipients, image_, ciphertext_, info_).value();
    ciphertext_.resize(sent.ciphertext.size());
    info_.resize(sent.info.size());
  }
  Error update(const std::function<void(SequenceWriter&)>& write) {
    author_ = std::move(testing::Author().components(2).member(manifest_key::kInstall, sequence(write)));
    envelope_ = author_.envelope();
    authentic_.emplace(suit::authenticate(suit::Envelope::from_bytes(envelope_).value(), author_.anchors(), {}));
    const suit::DecryptionKeyTable keys(rows_);
    Seams seams{platform_, payloads_, *authorization_};
    seams.keys = &keys;
    Processor processor(seams);
    const auto applicable = processor.check(**authentic_);
    if (!applicable.ok()) return applicable.error();
    EXPECT_TRUE(processor.start(*applicable, Procedure::kUpdate).ok());
    const auto progress = processor.step();
    return progress.ok() ? kNone : progress.error();
  }

  Octets secret_ = Octets(32, 0x5A);
  std::vector<suit::DecryptionKeyTable::Row> rows_;
  Octets ciphertext_, info_;
};

TEST_F(Encryption, StreamsOfEverySizeAndKind) {
  for (const auto algorithm : {crypto::ContentAlgorithm::kA128Gcm, crypto::ContentAlgorithm::kA256Gcm,
                               crypto::ContentAlgorithm::kChaCha20Poly1305, crypto::ContentAlgorithm::kA256Ctr}) {
    for (const size_t size : {0U, 1U, 15U, 16U, 17U, 111U, 112U, 127U, 128U, 129U, 5000U}) {
      image_.assign(size, static_cast<uint8_t>(size));
      encrypt(algorithm);
      payloads_.payloads["p"] = ciphertext_;
      for (const uint32_t kept : {uint32_t{0}, static_cast<uint32_t>(size / 2)}) {
        device_[0]->kept = kept;
        device_[0]->content = image_;
        EXPECT_EQ(update([&](SequenceWriter& s) {
                    s.set_component_index(1).override_parameters({.uri = "p"}).command(command::kFetch, 2);
                    s.set_component_index(0).override_parameters({.digest = digest_of(image_),
                                                                  .image_size = image_.size(),
                                                                  .source_component = 1,
                                                                  .encryption_info = info_});
                    s.command(command::kCopy, 2).command(command::kImageMatch, 15);
                  }),
                  kNone)
            << size;
        EXPECT_EQ(device_[0]->content, image_);
      }
      device_[0]->kept = 0;
    }
  }
}

TEST_F(Encryption, RulesOfSizeDigestAndKey) {
  encrypt(crypto::ContentAlgorithm::kA256Gcm);
  const auto write = [&](suit::Parameters parameters) {
    parameters.content = ciphertext_;
    parameters.encryption_info = info_;
    device_[0] = &platform_.add(testing::component_id(0), "0");
    platform_.log.clear();
    return update([&](SequenceWriter& s) {
      s.set_component_index(0).override_parameters(parameters).command(command::kWrite, 2);
    });
  };
  EXPECT_EQ(write({}), kNone);
  EXPECT_EQ(device_[0]->content, image_);
  EXPECT_EQ(write({.image_size = image_.size()}), kNone) << "of the plaintext";
  EXPECT_EQ(write({.image_size = ciphertext_.size()}), Error::kImageSizeMismatch);
  EXPECT_EQ(write({.image_size = image_.size() - 1}), Error::kImageSizeMismatch);
  info_[10] ^= 1;
  EXPECT_NE(write({}), kNone);
  info_[10] ^= 1;
  rows_.clear();
  EXPECT_EQ(write({}), Error::kDecryptionKeyMissing);
  EXPECT_TRUE(platform_.log.empty()) << "nothing was erased for it";
}

TEST_F(Encryption, ACipherThatProvesNothingNeedsADigestBesideIt) {
  encrypt(crypto::ContentAlgorithm::kA256Ctr);
  payloads_.payloads["p"] = ciphertext_;
  struct Row {
    bool of_plaintext;
    bool of_ciphertext;
    Error error;
  };
  for (const Row& row :
       {Row{false, false, Error::kParameterMissing}, Row{true, false, kNone}, Row{false, true, kNone}}) {
    EXPECT_EQ(update([&](SequenceWriter& s) {
                s.set_component_index(1).override_parameters({.uri = "p"}).command(command::kFetch, 2);
                if (row.of_ciphertext)
                  s.override_parameters({.digest = digest_of(ciphertext_)}).command(command::kImageMatch, 2);
                s.set_component_index(0).override_parameters({.source_component = 1, .encryption_info = info_});
                if (row.of_plaintext) s.override_parameters({.digest = digest_of(image_)});
                s.command(command::kCopy, 2);
              }),
              row.error);
  }
}

TEST_F(Encryption, AFetchDoesNotDecrypt) {
  encrypt(crypto::ContentAlgorithm::kA256Gcm);
  EXPECT_EQ(update([&](SequenceWriter& s) {
              s.set_component_index(0)
                  .override_parameters({.uri = "p", .encryption_info = info_})
                  .command(command::kFetch, 2);
            }),
            Error::kCommandNotAllowed);
}

}  // namespace
}  // namespace tailor::processor
