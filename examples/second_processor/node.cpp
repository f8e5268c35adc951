// SPDX-License-Identifier: Apache-2.0
// See node.hpp.
#include "examples/second_processor/node.hpp"

namespace second_processor {

processor::Identity identity_of_board() {
  processor::Identity identity;
  identity.vendor.bytes.fill(1);
  identity.device_class.bytes.fill(2);
  identity.device.bytes.fill(3);
  return identity;
}

Node::Node(const suit::TrustAnchors& anchors, ByteView image, ByteView other)
    : anchors_(anchors),
      image_(image),
      other_(other),
      layout_{.journal = region(0, 4),
              .manifests = {region(4, 9), region(13, 9)},
              .slots = {region(22, 4), region(26, 4)},
              .progress = region(30, 4),
              .scratch = region(34, 1)} {}

boot::SuitVerifier Node::verifier() const {
  boot::SuitVerifier::Settings settings{identity_of_board(), anchors_, allowed_, image_};
  settings.staging_component = other_;
  return boot::SuitVerifier(settings);
}

Status Node::format() {
  TAILOR_TRY(boot::BootControl(layout_).format());
  return storage::RecordStore(region(35, 16)).format();
}

Status Node::provision(ByteView envelope, processor::Component* other) {
  Reception reception(*this, other);
  TAILOR_TRY(reception.open());
  TAILOR_TRY(reception.take(envelope));
  TAILOR_TRY(reception.end());
  return reception.control().adopt();
}

Result<Running> Node::boots() {
  boot::SuitVerifier verifier = this->verifier();
  boot::BootDecision decision(layout_, verifier, {.trial_attempts = 200});
  TAILOR_TRY_ASSIGN(const boot::BootChoice choice, decision.decide());
  if (!choice.verdict.passes()) return Error::kNoValidImage;
  return Running{choice.image.sequence, choice.on_trial};
}

Status Node::holds_back() {
  boot::SuitVerifier verifier = this->verifier();
  TAILOR_TRY(boot::BootDecision(layout_, verifier).end_trial(Error::kTrialNotConfirmed));
  boot::BootControl control(layout_);
  TAILOR_TRY(control.open());
  return control.boot_data().phase == boot::Phase::kInstall ? control.abandon() : Status(kOk);
}

Reception::Reception(Node& node, processor::Component* other)
    : node_(node),
      other_(other),
      who_(identity_of_board()),
      control_(node.layout_),
      store_(node.region(35, 16)),
      slot_(control_, store_),
      receiver_(buffer_, node.anchors_, {*this, *this, node.allowed_}) {}

Status Reception::open() {
  TAILOR_TRY(control_.open());
  return store_.mount();
}

Status Reception::take(ByteView bytes) {
  while (!bytes.empty()) {
    TAILOR_TRY_ASSIGN(progress_, receiver_.feed(bytes));
    if (progress_ == Progress::kWait) return Error::kPayloadUnavailable;
  }
  return kOk;
}

Status Reception::end() {
  TAILOR_TRY(receiver_.finish());
  return progress_ == Progress::kDone && slot_.is_staged() ? Status(kOk) : Status(Error::kSequenceMissing);
}

processor::Component* Reception::find_component(ByteView id) noexcept {
  if (equal(id, node_.image_)) return &slot_;
  return equal(id, node_.other_) ? other_ : nullptr;
}

Result<uint64_t> Reception::sequence_number(ByteView) noexcept {
  TAILOR_TRY_ASSIGN(const boot::ComponentKey key, boot::component_key(node_.image_));
  return control_.counter(key);
}

Status Reception::accept(const processor::ApplicableManifest& applicable) noexcept {
  const suit::AuthenticManifest& authentic = applicable.authentic();
  TAILOR_TRY_ASSIGN(const boot::StoredEnvelope envelope, boot::StoredEnvelope::from_reader(buffer_, authentic));
  TAILOR_TRY_ASSIGN(const boot::ComponentKey key, boot::component_key(node_.image_));
  slot_.expect(envelope, key, authentic.manifest().sequence_number, 64);
  return kOk;
}

}  // namespace second_processor
