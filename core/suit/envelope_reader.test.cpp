// SPDX-License-Identifier: Apache-2.0
#include "core/suit/envelope_reader.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/suit/encoder/envelope_encoder.hpp"
#include "testing/suit/known_keys.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::suit {
namespace {

using testing::Octets;

/// Demands begin, write, end in order, and takes at most `appetite` octets a call.
class RecordingSink final : public MemberSink {
 public:
  Status begin(std::string_view uri, uint64_t size) noexcept override {
    EXPECT_FALSE(open_);
    open_ = true;
    log += "[" + std::string(uri) + " " + std::to_string(size) + "]";
    return kOk;
  }
  Result<size_t> write(ByteView bytes) noexcept override {
    EXPECT_TRUE(open_);
    EXPECT_FALSE(bytes.empty());
    const size_t taken = std::min(bytes.size(), appetite);
    content.insert(content.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(taken));
    return taken;
  }
  Status end() noexcept override {
    EXPECT_TRUE(open_);
    open_ = false;
    log += ".";
    return kOk;
  }

  std::string log;
  Octets content;
  size_t appetite = SIZE_MAX;

 private:
  bool open_ = false;
};

/// An envelope in the making, and what becomes of it.
class EnvelopeReading : public ::testing::Test {
 protected:
  EnvelopeReading() {
    (void)id_.push_back(kPart_, Error::kInternal).ok();
    sequence_ = SequenceWriter(sequence_buffer_).command(command::kImageMatch, 15).finish().value();
  }

  Octets signed_envelope(std::span<const ManifestMember> members, std::span<const IntegratedPayload> payloads) {
    const ComponentId components[] = {id_};
    const ByteView manifest = encode_manifest({3, components, {}, {}, members}, manifest_buffer_).value();
    std::array<uint8_t, 256> block_buffer;
    const ByteView block[] = {sign_manifest(manifest, key_, {}, block_buffer).value()};
    const EnvelopeParts parts{manifest, block, members, payloads};
    Octets out(envelope_bytes(parts));
    EXPECT_TRUE(encode_envelope(parts, out).ok());
    return out;
  }

  /// Feeds it in chunks; kNone: it was read to its end.
  Error read(ByteView bytes, size_t chunk, RecordingSink& sink, size_t buffer_bytes = 1024) {
    std::vector<uint8_t> buffer(buffer_bytes);
    EnvelopeReader reader(buffer, anchors_, leniency_);
    while (!bytes.empty()) {
      ByteView input = bytes.first(std::min(chunk, bytes.size()));
      const size_t offered = input.size();
      const auto progress = reader.feed(input, sink);
      bytes = bytes.subspan(offered - input.size());
      if (!progress.ok()) {
        ByteView none;
        EXPECT_EQ(reader.feed(none, sink).error(), progress.error()) << "the first error is final";
        EXPECT_EQ(reader.finish().error(), progress.error());
        return progress.error();
      }
      if (*progress == Progress::kDone) break;
    }
    const Status end = reader.finish();
    if (!end.ok()) return end.error();
    if (!bytes.empty()) return Error::kTrailingBytes;
    sequences_.clear();
    for (const int64_t key : {manifest_key::kPayloadFetch, manifest_key::kInstall, manifest_key::kValidate}) {
      const auto sequence = reader.manifest()->sequence(key);
      sequences_ += sequence.ok() ? std::to_string(sequence->size()) + "," : "missing,";
    }
    return kNone;
  }

  Error read_refused(ByteView bytes) {
    RecordingSink sink;
    const Error error = read(bytes, bytes.size(), sink);
    EXPECT_EQ(sink.log, "") << "something was handed out";
    return error;
  }

  Leniency leniency_;
  static constexpr Error kNone = Error{};
  static constexpr auto kPart_ = "00"_hex;
  static constexpr auto kEmptyMap_ = "a0"_hex;
  crypto::P256PrivateKey key_ = crypto::generate_p256().value();
  testing::KnownKeys anchors_{{crypto::public_key_of(key_).value()}};
  ComponentId id_;
  std::array<uint8_t, 64> sequence_buffer_;
  std::array<uint8_t, 512> manifest_buffer_;
  ByteView sequence_;
  std::string sequences_;
};

TEST_F(EnvelopeReading, AnyChunkSizeGivesTheSame) {
  const Octets image(300, 0x5A);
  const ManifestMember members[] = {{manifest_key::kValidate, sequence_},
                                    {manifest_key::kPayloadFetch, sequence_, true},
                                    {manifest_key::kInstall, sequence_, true},
                                    {manifest_key::kText, kEmptyMap_, true}};
  const IntegratedPayload payloads[] = {{"#a", image}, {"#b", {}}, {"#config", ByteView(image).first(1)}};
  const Octets envelope = signed_envelope(members, payloads);
  for (const size_t chunk : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{64}, envelope.size()}) {
    for (const size_t appetite : {size_t{1}, size_t{50}, SIZE_MAX}) {
      RecordingSink sink;
      sink.appetite = appetite;
      ASSERT_EQ(read(envelope, chunk, sink), kNone) << chunk;
      EXPECT_EQ(sink.log, "[#a 300].[#b 0].[#config 1].");
      EXPECT_EQ(sink.content, Octets(301, 0x5A));
      EXPECT_EQ(sequences_, "3,3,3,");
    }
  }
}

TEST_F(EnvelopeReading, EveryPrefixIsRefused) {
  const ManifestMember members[] = {{manifest_key::kInstall, sequence_, true}};
  const IntegratedPayload payloads[] = {{"#a", sequence_}};
  const Octets envelope = signed_envelope(members, payloads);
  for (size_t length = 0; length < envelope.size(); ++length) {
    RecordingSink sink;
    EXPECT_EQ(read(ByteView(envelope).first(length), 5, sink), Error::kTruncated) << length;
    EXPECT_FALSE(Envelope::from_bytes(ByteView(envelope).first(length)).ok()) << length;
  }
}

TEST_F(EnvelopeReading, WhatFollowsIsLeftToTheCaller) {
  Octets envelope = signed_envelope({}, {});
  envelope.push_back(0xFF);
  std::array<uint8_t, 512> buffer;
  EnvelopeReader reader(buffer, anchors_, {});
  RecordingSink sink;
  ByteView input(envelope);
  EXPECT_EQ(reader.feed(input, sink).value(), Progress::kDone);
  EXPECT_EQ(input.size(), 1U);
  EXPECT_EQ(Envelope::from_bytes(envelope).error(), Error::kTrailingBytes);
}

TEST_F(EnvelopeReading, NoAlteredOctetIsBelieved) {
  const ManifestMember members[] = {{manifest_key::kValidate, sequence_}, {manifest_key::kInstall, sequence_, true}};
  const Octets envelope = signed_envelope(members, {});
  for (size_t i = 0; i < envelope.size(); ++i) {
    for (const unsigned mask : {0x01U, 0x04U, 0x10U, 0x80U, 0xFFU}) {
      Octets altered = envelope;
      altered[i] = static_cast<uint8_t>(altered[i] ^ mask);
      RecordingSink sink;
      EXPECT_NE(read(altered, 16, sink), kNone) << "octet " << i;
      EXPECT_EQ(sink.log, "");
      const auto whole = Envelope::from_bytes(altered);
      EXPECT_FALSE(whole.ok() && authenticate(*whole, anchors_, {}).ok()) << "octet " << i;
    }
  }
}

TEST_F(EnvelopeReading, WhoSignedMatters) {
  const Octets good = signed_envelope({}, {});
  const testing::KnownKeys nobody({});
  const testing::KnownKeys other({crypto::public_key_of(crypto::generate_p256().value()).value()});
  const Envelope envelope = Envelope::from_bytes(good).value();
  EXPECT_EQ(authenticate(envelope, nobody, {}).error(), Error::kSignerUnknown);
  EXPECT_EQ(authenticate(envelope, other, {}).error(), Error::kSignatureInvalid);
  EXPECT_TRUE(authenticate(envelope, anchors_, {}).ok());
}

TEST_F(EnvelopeReading, OneGoodBlockIsEnoughWhereverItStands) {
  const Octets good = signed_envelope({}, {});
  const ByteView manifest = Envelope::from_bytes(good)->manifest();
  std::array<uint8_t, 256> block_buffer;
  const ByteView foreign = sign_manifest(manifest, crypto::generate_p256().value(), {}, block_buffer).value();
  constexpr auto kMac0 = "d1 84 43 a10105 a0 f6 40"_hex;
  for (const ByteView passed_over : {foreign, ByteView(kMac0)}) {
    std::array<uint8_t, 256> own_buffer;
    const ByteView own = sign_manifest(manifest, key_, {}, own_buffer).value();
    const ByteView blocks[] = {passed_over, own};
    Octets out(1024);
    out.resize(encode_envelope({manifest, blocks, {}, {}}, out).value().size());
    const auto authentic = authenticate(Envelope::from_bytes(out).value(), anchors_, {});
    ASSERT_TRUE(authentic.ok());
    EXPECT_EQ(authentic->signers().size(), 1U);
    Octets alone(1024);
    alone.resize(encode_envelope({manifest, {blocks, 1}, {}, {}}, alone).value().size());
    EXPECT_FALSE(authenticate(Envelope::from_bytes(alone).value(), anchors_, {}).ok());
  }
  constexpr auto kBroken = "d2 84 43 a10128 a0 f6"_hex;
  std::array<uint8_t, 256> own_buffer;
  const ByteView blocks[] = {sign_manifest(manifest, key_, {}, own_buffer).value(), kBroken};
  Octets out(1024);
  out.resize(encode_envelope({manifest, blocks, {}, {}}, out).value().size());
  EXPECT_EQ(authenticate(Envelope::from_bytes(out).value(), anchors_, {}).error(), Error::kTruncated)
      << "a broken block is not passed over";
}

// Builds envelopes by hand; `manifest_item` etc. are hexadecimal.
TEST_F(EnvelopeReading, StructureIsRefusedAlike) {
  struct Row {
    const char* what;
    const char* bytes;
    Error error;
  };
  const Row kRows[] = {
      {"untagged", "a2 02 41 80 03 41 a0", Error::kEnvelopeUntagged},
      {"another tag", "d8 6c a2 02 41 80 03 41 a0", Error::kEnvelopeUntagged},
      {"tag 1070", "d9 042e a0", Error::kEnvelopeUntagged},
      {"tag in three octets", "d9 006b a2 02 41 80 03 41 a0", Error::kCborNotCanonical},
      {"an array", "d8 6b 82 02 03", Error::kCborWrongType},
      {"indefinite map", "d8 6b bf 02 41 80 03 41 a0 ff", Error::kCborNotCanonical},
      {"empty", "d8 6b a0", Error::kMissingKey},
      {"no manifest", "d8 6b a2 02 41 80 14 41 80", Error::kMissingKey},
      {"manifest first", "d8 6b a2 03 41 a0 14 41 80", Error::kMissingKey},
      {"delegation", "d8 6b a3 01 41 80 02 41 80 03 41 a0", Error::kUnknownKey},
      {"wrapper twice", "d8 6b a3 02 41 80 02 41 80 03 41 a0", Error::kDuplicateKey},
      {"payload first", "d8 6b a2 61 61 41 80 61 62 41 a0", Error::kMissingKey},
      {"negative key", "d8 6b a2 20 41 80 21 41 a0", Error::kCborWrongType},
      {"wrapper not a byte string", "d8 6b a2 02 80 03 41 a0", Error::kCborWrongType},
      {"empty wrapper", "d8 6b a2 02 41 80 03 41 a0", Error::kMissingKey},
      {"wrapper with trailing octet",
       "d8 6b a2 02 58 28 81 58 24 82 2f 58 20 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 00 "
       "03 41 a0",
       Error::kAuthenticationMissing},
      {"digest of another algorithm", "d8 6b a2 02 46 81 44 82 2d 41 00 03 41 a0", Error::kAlgorithmUnsupported},
  };
  for (const Row& row : kRows) {
    const Octets bytes = testing::from_hex(row.bytes);
    const Error streamed = read_refused(bytes);
    EXPECT_EQ(streamed, row.error) << row.what << ": " << name_of(streamed);
    const auto whole = Envelope::from_bytes(bytes);
    if (!whole.ok()) continue;
    EXPECT_EQ(authenticate(*whole, anchors_, {}).error(), row.error) << row.what;
  }
}

TEST_F(EnvelopeReading, UntaggedOnlyWithItsSwitch) {
  const ManifestMember members[] = {{manifest_key::kInstall, sequence_}};
  const Octets tagged = signed_envelope(members, {});
  const ByteView untagged = ByteView(tagged).subspan(2);
  EXPECT_EQ(read_refused(untagged), Error::kEnvelopeUntagged);
  EXPECT_EQ(Envelope::from_bytes(untagged).error(), Error::kEnvelopeUntagged);
  leniency_.untagged_envelope = true;
  for (const ByteView envelope : {untagged, ByteView(tagged)}) {
    RecordingSink sink;
    EXPECT_EQ(read(envelope, 7, sink), kNone);
    const auto whole = Envelope::from_bytes(envelope, leniency_);
    ASSERT_TRUE(whole.ok());
    EXPECT_TRUE(authenticate(*whole, anchors_, leniency_).ok());
  }
  EXPECT_EQ(read_refused(untagged.subspan(1)), Error::kEnvelopeUntagged);
}

TEST_F(EnvelopeReading, MembersBehindAnAuthenticManifest) {
  const Octets other = testing::from_hex("82 03 0e");
  const ManifestMember severed[] = {{manifest_key::kInstall, sequence_, true}};
  const ManifestMember in_place[] = {{manifest_key::kInstall, sequence_}};
  const ManifestMember altered[] = {{manifest_key::kInstall, other, true}};
  const ManifestMember text[] = {{manifest_key::kText, kEmptyMap_, true}};
  const ManifestMember text_in_place[] = {{manifest_key::kText, kEmptyMap_}};
  const ManifestMember described[] = {{manifest_key::kCoswid, kEmptyMap_, true},
                                      {manifest_key::kText, kEmptyMap_, true}};
  const ManifestMember altered_text[] = {{manifest_key::kCoswid, kEmptyMap_, true}, {manifest_key::kText, other, true}};
  const ManifestMember altered_coswid[] = {{manifest_key::kCoswid, other, true},
                                           {manifest_key::kText, kEmptyMap_, true}};
  struct Row {
    const char* what;
    std::span<const ManifestMember> in_manifest;
    std::span<const ManifestMember> in_envelope;
    Error error;
  };
  const ComponentId components[] = {id_};
  for (const Row& row : {
           Row{"severed and here", severed, severed, kNone},
           Row{"severed and gone", severed, {}, kNone},
           Row{"in place and here too", in_place, severed, Error::kDuplicateKey},
           Row{"altered", severed, altered, Error::kSeveredDigestMismatch},
           Row{"unknown to the manifest", {}, severed, Error::kSeveredDigestMismatch},
           Row{"text unknown to the manifest", {}, text, Error::kSeveredDigestMismatch},
           Row{"text and CoSWID severed and here", described, described, kNone},
           Row{"text and CoSWID severed and gone", described, {}, kNone},
           Row{"altered text", described, altered_text, Error::kSeveredDigestMismatch},
           Row{"altered CoSWID", described, altered_coswid, Error::kSeveredDigestMismatch},
           Row{"text in place and here too", text_in_place, text, Error::kDuplicateKey},
       }) {
    const ByteView manifest = encode_manifest({3, components, {}, {}, row.in_manifest}, manifest_buffer_).value();
    std::array<uint8_t, 256> block_buffer;
    const ByteView block[] = {sign_manifest(manifest, key_, {}, block_buffer).value()};
    Octets out(1024);
    out.resize(encode_envelope({manifest, block, row.in_envelope, {}}, out).value().size());
    EXPECT_EQ(read_refused(out), row.error) << row.what;
    const auto whole = authenticate(Envelope::from_bytes(out).value(), anchors_, {});
    EXPECT_EQ(whole.ok() ? kNone : whole.error(), row.error) << row.what;
  }
  RecordingSink sink;
  ASSERT_EQ(read(signed_envelope(severed, {}), 9, sink), kNone);
  EXPECT_EQ(sequences_, "0,3,0,");
}

TEST_F(EnvelopeReading, PayloadKeysAreUniqueAndInOrder) {
  const Octets good = signed_envelope({}, {});
  struct Row {
    const char* tail;
    Error error;
  };
  for (const Row& row : {
           Row{"62 23 61 41 00 62 23 62 41 00", kNone},
           Row{"62 23 62 41 00 62 23 61 41 00", Error::kCborNotCanonical},
           Row{"62 23 61 41 00 62 23 61 41 00", Error::kDuplicateKey},
           Row{"62 23 61 41 00 61 23 41 00", Error::kCborNotCanonical},
           Row{"62 23 61 41 00 17 41 00", Error::kCborNotCanonical},
           Row{"18 63 41 00 62 23 61 41 00", Error::kUnknownKey},
           Row{"1b 8000000000000014 41 00 62 23 61 41 00", Error::kUnknownKey},
           Row{"62 23 61 61 00 62 23 62 41 00", Error::kCborWrongType},
           Row{"f6 41 00 62 23 61 41 00", Error::kCborWrongType},
       }) {
    Octets bytes = good;
    bytes[2] = 0xA4;
    const Octets tail = testing::from_hex(row.tail);
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    RecordingSink sink;
    EXPECT_EQ(read(bytes, 3, sink), row.error) << row.tail;
    EXPECT_EQ(Envelope::from_bytes(bytes).ok(), row.error == kNone) << row.tail;
  }
}

TEST_F(EnvelopeReading, TheBufferIsTheLimit) {
  const ManifestMember members[] = {{manifest_key::kInstall, sequence_, true}};
  const IntegratedPayload payloads[] = {{"#name", sequence_}};
  const Octets envelope = signed_envelope(members, payloads);
  size_t enough = 0;
  for (size_t size = 0; enough == 0; ++size) {
    RecordingSink sink;
    const Error error = read(envelope, 64, sink, size);
    if (error == kNone) {
      enough = size;
    } else {
      ASSERT_EQ(error, Error::kManifestTooLarge) << size;
      ASSERT_EQ(sink.log, "");
    }
  }
  EXPECT_LE(enough, envelope.size());
}

TEST_F(EnvelopeReading, LengthsAreNotBelieved) {
  for (const char* bytes : {"d8 6b bb ffffffffffffffff 02 41 80", "d8 6b a2 02 5b ffffffffffffffff 00",
                            "d8 6b a2 02 41 80 03 5b 7fffffffffffffff 00"}) {
    const Octets octets = testing::from_hex(bytes);
    const Error error = read_refused(octets);
    EXPECT_TRUE(error == Error::kTruncated || error == Error::kManifestTooLarge) << name_of(error);
  }
}

}  // namespace
}  // namespace tailor::suit
