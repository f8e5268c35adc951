// SPDX-License-Identifier: Apache-2.0
// Bad input to a whole device: each class is refused with its reason, the servers hear it, and the running image and
// the next good update are as before.
#include "tests/device/operator_node.hpp"
#include "tests/device/world.hpp"

namespace tailor::sim {
namespace {

using update::UpdateState;

/// What the first server offers, and what becomes of it.
struct RefusalRow {
  const char* name;
  std::function<void(World&)> offer;
  Error expected;
};

void give(World& world, const UpdateSpec& spec, Bytes envelope) {
  world.first.has_image(World::image_of(spec));
  world.second.has_image(World::image_of(spec));
  world.first.offers(std::move(envelope));
}

UpdateSpec changed(const std::function<void(UpdateSpec&)>& change) {
  UpdateSpec spec;
  change(spec);
  return spec;
}

/// The envelope with one byte changed behind the first occurrence of `marker`.
Bytes altered(Bytes envelope, ByteView marker, size_t behind) {
  const auto found = std::search(envelope.begin(), envelope.end(), marker.begin(), marker.end());
  EXPECT_NE(found, envelope.end());
  found[static_cast<std::ptrdiff_t>(marker.size() + behind)] ^= 1;
  return envelope;
}

const std::vector<RefusalRow>& rows() {
  static const std::vector<RefusalRow> kRows = {
      {"unsigned", [](World& w) { give(w, {}, w.unsigned_envelope({})); }, Error::kAuthenticationMissing},
      {"signed by a stranger", [](World& w) { give(w, {}, w.signed_by(w.stranger, {})); }, Error::kSignatureInvalid},
      {"altered manifest", [](World& w) { give(w, {}, altered(w.envelope_of({}), as_bytes("/img/"), 3)); },
       Error::kManifestDigestMismatch},
      {"wrong vendor",
       [](World& w) {
         const auto spec = changed([](UpdateSpec& s) { s.vendor = "other.example"; });
         give(w, spec, w.envelope_of(spec));
       },
       Error::kVendorMismatch},
      {"wrong class",
       [](World& w) {
         const auto spec = changed([](UpdateSpec& s) { s.class_name = "valve"; });
         give(w, spec, w.envelope_of(spec));
       },
       Error::kClassMismatch},
      {"lower sequence number",
       [](World& w) {
         const auto spec = changed([](UpdateSpec& s) { s.sequence = 0; });
         give(w, spec, w.envelope_of(spec));
       },
       Error::kSequenceNumberTooLow},
      {"component that the signer has no right to",
       [](World& w) {
         const auto spec = changed([](UpdateSpec& s) { s.component = {1}; });
         give(w, spec, w.envelope_of(spec));
       },
       Error::kSignerNotPermitted},
      {"image that no server has", [](World& w) { w.first.offers(w.envelope_of({})); }, Error::kPayloadUnavailable},
      {"image larger than the slot",
       [](World& w) {
         const auto spec = changed([](UpdateSpec& s) { s.bytes = 50'000; });
         give(w, spec, w.envelope_of(spec));
       },
       Error::kImageTooLarge},
      {"altered image",
       [](World& w) {
         Bytes image = World::image_of({});
         const std::string path = to_base64url(crypto::sha256(image).value());
         image[5000] ^= 1;
         w.first.has_image_as(path, image);
         w.second.has_image_as(path, image);
         w.first.offers(w.envelope_of({}));
       },
       Error::kImageDigestMismatch},
      {"image that ends too soon",
       [](World& w) {
         Bytes image = World::image_of({});
         const std::string path = to_base64url(crypto::sha256(image).value());
         image.resize(image.size() - 1);
         w.first.has_image_as(path, image);
         w.second.has_image_as(path, image);
         w.first.offers(w.envelope_of({}));
       },
       Error::kImageSizeMismatch},
      {"image that does not end",
       [](World& w) {
         Bytes image = World::image_of({});
         const std::string path = to_base64url(crypto::sha256(image).value());
         image.resize(200'000);
         w.first.has_image_as(path, image);
         w.second.has_image_as(path, image);
         w.first.offers(w.envelope_of({}));
       },
       Error::kImageSizeMismatch},
      {"no envelope", [](World& w) { w.first.offers(Bytes(300, 0x00)); }, Error::kEnvelopeUntagged},
      {"envelope cut short",
       [](World& w) {
         Bytes envelope = w.envelope_of({});
         envelope.resize(envelope.size() - 1);
         give(w, {}, envelope);
       },
       Error::kTruncated},
      {"bytes behind the envelope",
       [](World& w) {
         Bytes envelope = w.envelope_of({});
         envelope.push_back(0);
         give(w, {}, envelope);
       },
       Error::kTrailingBytes},
      {"reference to a server that is not listed",
       [](World& w) {
         const auto spec = changed([](UpdateSpec& s) { s.uri = "coaps://elsewhere/img/x"; });
         give(w, spec, w.envelope_of(spec));
       },
       Error::kServerNotListed},
  };
  return kRows;
}

TEST(DeviceRefusal, EachClassLeavesTheRunningImageAndSaysWhy) {
  for (const RefusalRow& row : rows()) {
    SCOPED_TRACE(row.name);
    World world;
    world.device.settings.fetch_rounds = 2;
    world.device.boot();
    ASSERT_TRUE(world.until_registered());
    const auto installed = update::decode_registration(*world.first.registration)->components[0].digest;
    row.offer(world);
    const std::string expected = "refused(" + std::string(name_of(row.expected)) + ")";
    ASSERT_TRUE(world.until([&] { return world.first.heard(expected) && world.second.heard(expected); }, 1200))
        << ::testing::PrintToString(world.first.states());
    EXPECT_EQ(world.device.running(), "v1");
    EXPECT_EQ(world.device.boots, 1U);
    EXPECT_EQ(world.device.control().boot_data().phase, boot::Phase::kIdle);
    EXPECT_EQ(update::decode_registration(*world.first.registration)->components[0].digest, installed);
    // Nothing is lost: power fails, the same image starts, and the next good update goes through.
    world.device.boot();
    EXPECT_EQ(world.device.running(), "v1");
    const auto good = changed([](UpdateSpec& s) {
      s.name = "v4";
      s.sequence = 4;
    });
    world.publish(good);
    EXPECT_TRUE(world.until_runs("v4"));
  }
}

TEST(DeviceRefusal, BadEnvelopesCostNoErase) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  uint64_t slot_erases = 0;
  const auto erases = [&] {
    uint64_t sum = 0;
    for (uint32_t sector = 0; sector < 32; ++sector) sum += world.device.flash.erases(sector);  // all but the records
    return sum;
  };
  slot_erases = erases();
  for (uint64_t i = 0; i < 20; ++i) {
    UpdateSpec spec;
    spec.sequence = 100 + i;
    give(world, spec, world.signed_by(world.stranger, spec));
    ASSERT_TRUE(world.until([&] { return world.first.reports.size() > i; }, 600)) << i;
  }
  EXPECT_EQ(erases(), slot_erases);
}

TEST(DeviceRefusal, AFloodOfBadEnvelopesWritesNothing) {
  const struct {
    const char* name;
    std::function<Bytes(World&)> envelope;
  } classes[] = {
      {"bad signature", [](World& w) { return altered(w.envelope_of({}), as_bytes("/img/"), 3); }},
      {"unknown signer", [](World& w) { return w.signed_by(w.stranger, {}); }},
      {"unsigned", [](World& w) { return w.unsigned_envelope({}); }},
      {"wrong class", [](World& w) { return w.envelope_of(changed([](UpdateSpec& s) { s.class_name = "valve"; })); }},
      {"old sequence", [](World& w) { return w.envelope_of(changed([](UpdateSpec& s) { s.sequence = 0; })); }},
      {"malformed",
       [](World& w) {
         Bytes envelope = w.envelope_of({});
         envelope.resize(envelope.size() / 2);
         return envelope;
       }},
      {"no envelope", [](World&) { return Bytes(300, 0x00); }},
      {"too big", [](World&) { return Bytes(200'000, 0xd8); }},
  };
  for (const auto& row : classes) {
    SCOPED_TRACE(row.name);
    World world;
    world.device.boot();
    ASSERT_TRUE(world.until_registered());
    const Bytes envelope = row.envelope(world);
    Caller caller;
    const auto offer = [&] {
      caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPut, "/manifest",
                  update::kFormatEnvelope, envelope, world.link.now());
      return world.until([&] { return caller.done(); }, 3600) && caller.code != coap::Code::kChanged;
    };
    // The first one after a start may set numbers of reports apart: one record.
    testing::FakeFlash& flash = world.device.flash;
    const uint64_t operations_at_start = flash.operations();
    ASSERT_TRUE(offer());
    ASSERT_TRUE(world.until([&] { return !world.first.reports.empty() && !world.second.reports.empty(); }));
    EXPECT_LE(flash.operations() - operations_at_start, 6U);
    const testing::FakeFlash::Snapshot before = flash.snapshot();
    const uint64_t operations_before = flash.operations();
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(offer()) << i;
    EXPECT_EQ(flash.operations(), operations_before);
    EXPECT_EQ(flash.snapshot().bytes, before.bytes);
    EXPECT_EQ(world.device.running(), "v1");
  }
}

TEST(DeviceRefusal, PushAnswersWithTheReason) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  const auto spec = changed([](UpdateSpec& s) { s.class_name = "valve"; });
  Caller caller;
  caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPut, "/manifest", update::kFormatEnvelope,
              world.envelope_of(spec), world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }));
  EXPECT_EQ(caller.code, coap::Code::kConflict);
  EXPECT_EQ(as_text(caller.answer).substr(0, 13), "ClassMismatch");
  ASSERT_TRUE(world.until([&] { return world.first.heard("refused(ClassMismatch)"); }));
  // A payload that nobody asked for.
  caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPut, "/payload/abc", update::kFormatOctets,
              Bytes(100), world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }));
  EXPECT_EQ(caller.code, coap::Code::kConflict);
}

TEST(DeviceRefusal, APushedPayloadThatStopsIsGivenUpInTime) {
  World world;
  world.device.settings.payload_timeout_ms = 30'000;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  Caller caller;
  caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPut, "/manifest", update::kFormatEnvelope,
              world.envelope_of({}), world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }));
  ASSERT_EQ(caller.code, coap::Code::kChanged);
  ASSERT_TRUE(world.until([&] { return world.first.heard("refused(Timeout)"); }, 300));
}

TEST(DeviceRefusal, ASecondUpdateWaitsForTheFirst) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  Caller caller;
  caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPut, "/manifest", update::kFormatEnvelope,
              world.envelope_of({}), world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }));
  const auto other = changed([](UpdateSpec& s) {
    s.name = "v3";
    s.sequence = 3;
  });
  caller.send(*world.second.endpoint_of(world.device.address()), coap::Code::kPut, "/manifest", update::kFormatEnvelope,
              world.envelope_of(other), world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }));
  EXPECT_EQ(caller.code, coap::Code::kServiceUnavailable);
  EXPECT_EQ(as_text(caller.answer).substr(0, 16), "UpdateInProgress");
  EXPECT_EQ(world.state(), UpdateState::kFetching);
}

}  // namespace
}  // namespace tailor::sim
