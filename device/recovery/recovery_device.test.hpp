// SPDX-License-Identifier: Apache-2.0
// A device without a valid image, its recovery server, and a client that asks as RFC 7252 has it, for tests and
// fuzzing:
//   device.damage(); device.recover(envelope); device.boots()
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "device/boot/decision.hpp"
#include "device/boot/suit_verifier.hpp"
#include "device/recovery/recovery_server.hpp"
#include "testing/fake_flash.hpp"
#include "testing/suit/author.hpp"
#include "testing/suit/declared_platform.hpp"

namespace tailor::recovery {

using testing::Author;
using testing::Octets;

inline processor::Identity test_identity() {
  processor::Identity identity;
  identity.vendor.bytes.fill(1);
  identity.device_class.bytes.fill(2);
  identity.device.bytes.fill(3);
  return identity;
}

inline Octets test_image(uint8_t seed, size_t size = 900) {
  Octets image(size);
  for (size_t i = 0; i < size; ++i) image[i] = static_cast<uint8_t>(i * seed + i / 7);
  return image;
}

/// An update of component 0 whose image is in the envelope. Its signer is the same in each process.
struct TestUpdate {
  Octets image = test_image(3);
  uint64_t sequence = 2;
  processor::Identity identity = test_identity();
  std::string uri = "#image";
  bool validates = true;

  [[nodiscard]] Octets envelope(const Author& signer) const {
    using suit::SequenceWriter;
    namespace command = suit::command;
    namespace key = suit::manifest_key;
    const crypto::Sha256Digest digest = crypto::sha256(image).value();
    Author author;
    author.like(signer).number(sequence);
    author.shared(testing::sequence([&](SequenceWriter& s) {
      s.override_parameters({.vendor = identity.vendor,
                             .device_class = identity.device_class,
                             .digest = digest,
                             .image_size = image.size()});
      s.command(command::kVendorIdentifier, 15).command(command::kClassIdentifier, 15);
    }));
    if (validates) {
      author.member(key::kValidate, testing::sequence([](SequenceWriter& s) { s.command(command::kImageMatch, 15); }));
    }
    author.member(key::kInstall, testing::sequence([&](SequenceWriter& s) {
                    s.override_parameters({.uri = uri}).command(command::kFetch, 2).command(command::kImageMatch, 15);
                  }));
    return author.payload("#image", image).envelope();
  }
};

class TestDevice {
 public:
  static constexpr uint32_t kSlotA = 22, kSlotB = 26;  ///< first sectors, of 256 bytes
  explicit TestDevice(const Author& author) : anchors_(author.anchors()) {
    boot::BootControl control(layout_);
    storage::RecordStore store(region(35, 16));
    ok_ = control.format().ok() && store.format().ok();
  }

  /// The device starts its recovery program.
  void power_on() {
    server_.reset();
    flash.power_on();
    control_ = std::make_unique<boot::BootControl>(layout_);
    store_ = std::make_unique<storage::RecordStore>(region(35, 16));
    if (!control_->open().ok() || !store_->mount().ok()) return;
    server_ = std::make_unique<RecoveryServer>(ReceptionSettings{test_identity(), anchors_, allowed_, component_, 64},
                                               static_cast<uint8_t>(Error::kNoValidImage), *control_, *store_);
  }
  [[nodiscard]] RecoveryServer& server() { return *server_; }
  [[nodiscard]] boot::BootControl& control() { return *control_; }
  [[nodiscard]] bool ok() const { return ok_ && server_ != nullptr; }

  /// What the boot program chooses.
  Result<boot::BootChoice> boots() {
    boot::SuitVerifier verifier({test_identity(), anchors_, allowed_, component_});
    boot::BootDecision decision(layout_, verifier);
    return decision.decide();
  }
  /// The image that was chosen runs and confirms itself.
  Status confirms() {
    boot::BootControl control(layout_);
    TAILOR_TRY(control.open());
    return control.confirm();
  }
  /// Flips a bit of each slot.
  void damage() {
    for (const uint32_t sector : {kSlotA, kSlotB}) flash.cells()[sector * 256 + 5] ^= 0x10;
  }
  [[nodiscard]] Octets slot(boot::Slot slot, size_t bytes) {
    const auto begin = flash.cells().begin() + (slot == boot::Slot::kA ? kSlotA : kSlotB) * 256;
    return {begin, begin + static_cast<std::ptrdiff_t>(bytes)};
  }

  testing::FakeFlash flash{{51 * 256, 256, 4, 0xff}};

 private:
  [[nodiscard]] FlashRegion region(uint32_t sector, uint32_t count) {
    return {flash.port(), sector * 256, count * 256};
  }

  const suit::TrustAnchors& anchors_;
  testing::AllowAll allowed_;
  Octets component_ = testing::component_id(0);
  boot::Layout layout_{region(0, 4),
                       {region(4, 9), region(13, 9)},
                       {region(kSlotA, 4), region(kSlotB, 4)},
                       region(30, 4),
                       region(34, 1)};
  std::unique_ptr<boot::BootControl> control_;
  std::unique_ptr<storage::RecordStore> store_;
  std::unique_ptr<RecoveryServer> server_;
  bool ok_ = false;
};

/// Encodes PUT /manifest.
inline Octets put_block(ByteView envelope, coap::Block block, uint16_t id) {
  Octets buffer(kMessageBytes + 64);
  coap::MessageWriter writer(buffer);
  const uint8_t token = 7;
  writer.header(coap::Type::kConfirmable, coap::Code::kPut, id, coap::Token({&token, 1}));
  writer.path("/manifest");
  writer.option_uint(coap::Option::kBlock1, block.value());
  const size_t at = std::min<size_t>(block.offset(), envelope.size());
  writer.payload(envelope.subspan(at, std::min<size_t>(block.size(), envelope.size() - at)));
  const auto written = writer.finish();
  return written.ok() ? Octets(written->begin(), written->end()) : Octets{};
}

/// Sends an envelope to the end, or to the first answer that is an error: the last answer.
inline coap::Message send_envelope(RecoveryServer& server, const Octets& envelope, uint16_t first_id, uint8_t szx = 2) {
  for (uint32_t number = 0;; ++number) {
    coap::Block block{number, false, szx};
    block.more = block.offset() + block.size() < envelope.size();
    const Octets request = put_block(envelope, block, static_cast<uint16_t>(first_id + number));
    const auto answer = coap::decode(server.answer(request));
    if (!answer.ok()) return {};
    if (!block.more || answer->code != coap::Code::kContinue) return *answer;
  }
}

}  // namespace tailor::recovery
