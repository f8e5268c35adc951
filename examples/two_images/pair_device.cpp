// SPDX-License-Identifier: Apache-2.0
// See pair_device.hpp.
#include "examples/two_images/pair_device.hpp"

#include "trial/declared_device.hpp"

namespace two_images {
namespace {

/// The application as the manifest processor sees it: two components, kept in one slot.
class Application final : public processor::Platform, public processor::PayloadSource {
 public:
  Application(boot::BootControl& control, const processor::Identity& who, uint32_t block_bytes)
      : control_(control), who_(who), pair_(control, kSecureBytes), block_bytes_(block_bytes) {}
  void keep(MutableBytes buffer) { buffer_ = buffer; }
  [[nodiscard]] const boot::SlotPair& pair() const { return pair_; }

  const processor::Identity& identity() const noexcept override { return who_; }
  processor::Component* find_component(ByteView id) noexcept override {
    if (equal(id, kSecureId)) return &pair_.first();
    return equal(id, kNormalId) ? &pair_.second() : nullptr;
  }
  /// Both have one counter: that of the first.
  Result<uint64_t> sequence_number(ByteView) noexcept override {
    TAILOR_TRY_ASSIGN(const boot::ComponentKey key, boot::component_key(kSecureId));
    return control_.counter(key);
  }
  Status accept(const processor::ApplicableManifest& applicable) noexcept override {
    const suit::AuthenticManifest& authentic = applicable.authentic();
    TAILOR_TRY_ASSIGN(const boot::ComponentKey key, boot::component_key(kSecureId));
    TAILOR_TRY_ASSIGN(const boot::StoredEnvelope envelope, boot::StoredEnvelope::from_reader(buffer_, authentic));
    pair_.expect(envelope, key, authentic.manifest().sequence_number, 0, block_bytes_);
    return kOk;
  }
  Status invoke(processor::Component&, ByteView) noexcept override { return Error::kInvokeFailed; }
  Result<Piece> read(std::string_view, uint32_t) noexcept override { return Error::kPayloadUnavailable; }

 private:
  boot::BootControl& control_;
  const processor::Identity& who_;
  boot::SlotPair pair_;
  const uint32_t block_bytes_;
  MutableBytes buffer_;
};

}  // namespace

boot::Layout layout_of(const tailor_flash_t& flash) {
  const auto region = [&flash](uint32_t sector, uint32_t count) {
    return FlashRegion(flash, sector * 256, count * 256);
  };
  return {.journal = region(0, 4),
          .manifests = {region(4, 9), region(13, 9)},
          .slots = {region(22, 12), region(34, 12)},
          .progress = region(46, 8),
          .scratch = region(54, 1)};
}

Status PairDevice::take(boot::BootControl& control, ByteView envelope, uint32_t block_bytes) {
  std::vector<uint8_t> buffer(limits::kManifestBytes);
  const trial::AllowAll allow;
  Application application(control, identity_, block_bytes);
  application.keep(buffer);
  processor::UpdateReceiver receiver(buffer, anchors_, {application, application, allow});
  Progress progress = Progress::kNeedInput;
  while (!envelope.empty()) {
    ByteView block = envelope.first(std::min<size_t>(envelope.size(), block_bytes));
    envelope = envelope.subspan(block.size());
    TAILOR_TRY_ASSIGN(progress, receiver.feed(block));
  }
  TAILOR_TRY(receiver.finish());
  if (progress != Progress::kDone || !application.pair().is_staged()) return Error::kSequenceMissing;
  return kOk;
}

Status PairDevice::provision(ByteView envelope) {
  boot::BootControl control(layout_);
  TAILOR_TRY(control.format());
  TAILOR_TRY(take(control, envelope, 64));
  return control.adopt();
}

Result<Running> PairDevice::boots() {
  const trial::AllowAll allow;
  boot::SuitVerifier::Settings settings{identity_, anchors_, allow, kSecureId};
  settings.second_component = kNormalId;
  settings.second_at = kSecureBytes;
  boot::SuitVerifier verifier(settings);
  boot::BootDecision decision(layout_, verifier);
  TAILOR_TRY_ASSIGN(const boot::BootChoice choice, decision.decide());
  if (!choice.verdict.passes()) return Error::kNoValidImage;
  Running running;
  running.pair.resize(choice.image.image_bytes);
  running.sequence = choice.image.sequence;
  running.on_trial = choice.on_trial;
  TAILOR_TRY(layout_.slot(choice.slot, false).read(0, running.pair));
  return running;
}

Status PairDevice::receives(ByteView envelope, uint32_t block_bytes) {
  boot::BootControl control(layout_);
  TAILOR_TRY(control.open());
  if (control.boot_data().phase != boot::Phase::kInstall) TAILOR_TRY(take(control, envelope, block_bytes));
  return control.boot_data().phase == boot::Phase::kInstall ? Status(kOk) : control.install();
}

Status PairDevice::confirms() {
  boot::BootControl control(layout_);
  TAILOR_TRY(control.open());
  return control.confirm();
}

}  // namespace two_images
