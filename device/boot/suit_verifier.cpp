// SPDX-License-Identifier: Apache-2.0
// See suit_verifier.hpp.
#include "device/boot/suit_verifier.hpp"

#include <algorithm>

#include "device/boot/manifest_area.hpp"
#include "device/boot/stored_envelope.hpp"

namespace tailor::boot {
namespace {

/// The image in a slot; nothing at boot writes it. Remembers its SHA-256 digest, which names images in the journal, and
/// whether a condition compared a digest of any kind.
class ImageComponent final : public processor::Component {
 public:
  ImageComponent(const FlashRegion& image, uint64_t slot) noexcept : image_(image), slot_(slot) {}

  Result<uint32_t> open(const processor::Expectation&) noexcept override { return Error::kStateConflict; }
  Status write(uint32_t, ByteView) noexcept override { return Error::kStateConflict; }
  Status finish(uint32_t) noexcept override { return Error::kStateConflict; }
  Result<uint32_t> size() noexcept override { return image_.size(); }
  Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override {
    const size_t count = std::min<size_t>(out.size(), image_.size() - std::min(offset, image_.size()));
    TAILOR_TRY(image_.read(offset, out.first(count)));
    return count;
  }
  Result<ByteView> digest(crypto::HashAlgorithm algorithm, MutableBytes digest) noexcept override {
    compared_ = true;
    if (algorithm != crypto::HashAlgorithm::kSha256) return Component::digest(algorithm, digest);
    TAILOR_TRY_ASSIGN(const crypto::Sha256Digest named, name());
    return copy_into(digest, named);
  }
  [[nodiscard]] bool compared() const noexcept { return compared_; }
  [[nodiscard]] Result<crypto::Sha256Digest> name() noexcept {
    if (!named_) TAILOR_TRY(Component::digest(crypto::HashAlgorithm::kSha256, name_));
    named_ = true;
    return name_;
  }
  uint64_t slot() noexcept override { return slot_; }

 private:
  FlashRegion image_;
  uint64_t slot_;
  crypto::Sha256Digest name_{};
  bool named_ = false;
  bool compared_ = false;
};

class NoPayloads final : public processor::PayloadSource {
 public:
  Result<Piece> read(std::string_view, uint32_t) noexcept override { return Error::kPayloadUnavailable; }
};

class BootPlatform final : public processor::Platform {
 public:
  BootPlatform(const processor::Identity& identity, ByteView id, ImageComponent& image) noexcept
      : identity_(identity), id_(id), image_(image) {}

  [[nodiscard]] const processor::Identity& identity() const noexcept override { return identity_; }
  [[nodiscard]] processor::Component* find_component(ByteView id) noexcept override {
    return equal(id, id_) ? &image_ : nullptr;
  }
  /// The boot decision compares with the journal's counters.
  [[nodiscard]] Result<uint64_t> sequence_number(ByteView) noexcept override { return uint64_t{0}; }
  [[nodiscard]] Status invoke(processor::Component&, ByteView) noexcept override { return kOk; }

 private:
  const processor::Identity& identity_;
  ByteView id_;
  ImageComponent& image_;
};

Result<VerifiedImage> run(const SuitVerifier::Settings& settings, ByteView bytes, const FlashRegion& image) noexcept {
  TAILOR_TRY_ASSIGN(const suit::Envelope envelope, suit::Envelope::from_bytes(bytes));
  TAILOR_TRY_ASSIGN(const suit::AuthenticManifest manifest,
                    suit::authenticate(envelope, settings.anchors, settings.leniency));
  // To check what is installed, not to install: a signer that is being replaced may keep the one right without the
  // other. What the manifest does beyond is asked for as it runs.
  TAILOR_TRY(settings.authorization.permits(manifest.signers(), settings.image_component,
                                            {processor::Action::Kind::kCommand, suit::command::kImageMatch}));

  const bool second =
      settings.layout != nullptr && !settings.layout->moves() && image.base() == settings.layout->slots[1].base();
  ImageComponent component(image, second ? 1 : 0);
  NoPayloads payloads;
  BootPlatform platform(settings.identity, settings.image_component, component);
  processor::Processor processor({platform, payloads, settings.authorization}, processor::kBootCommands);
  TAILOR_TRY_ASSIGN(const processor::ApplicableManifest applicable, processor.check(manifest));
  const bool invokes = manifest.manifest().member(suit::manifest_key::kInvoke).place != suit::Member::Place::kAbsent;
  TAILOR_TRY(processor.start(applicable, invokes ? processor::Procedure::kInvoke : processor::Procedure::kValidate));
  TAILOR_TRY_ASSIGN(const Progress progress, processor.step());
  if (progress != Progress::kDone) return Error::kMemberMissing;
  TAILOR_TRY(processor.staged());
  // A manifest that never compares the image's digest says nothing about the image.
  if (!component.compared()) return Error::kSequenceMissing;
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest name, component.name());
  TAILOR_TRY_ASSIGN(const ComponentKey key, component_key(settings.image_component));
  return VerifiedImage{key, manifest.manifest().sequence_number, image.size(), name};
}

}  // namespace

Verification SuitVerifier::verify(const FlashRegion& manifest, const FlashRegion& image) noexcept {
  const auto bytes = ManifestArea(manifest).load(envelope_);
  if (!bytes.ok()) return Verification::failed(bytes.error());
  const auto verified = run(settings_, *bytes, image);
  if (!verified.ok()) return Verification::failed(verified.error());
  Verification verification;
  verification.verdict = Verdict::pass();
  verification.image = *verified;
  return verification;
}

}  // namespace tailor::boot
