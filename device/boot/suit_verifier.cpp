// SPDX-License-Identifier: Apache-2.0
// See suit_verifier.hpp.
#include "device/boot/suit_verifier.hpp"

#include <algorithm>

#if TAILOR_BOOT_DEPENDENCIES
#include "core/processor/dependencies.hpp"
#endif
#include "device/boot/manifest_area.hpp"
#include "device/boot/stored_envelope.hpp"

namespace tailor::boot {
namespace {

/// A component that cannot be written at boot.
class ReadOnly : public processor::Component {
 public:
  Result<uint32_t> open(const processor::Expectation&) noexcept override { return Error::kStateConflict; }
  Status write(uint32_t, ByteView) noexcept override { return Error::kStateConflict; }
  Status finish(uint32_t) noexcept override { return Error::kStateConflict; }
  Result<uint32_t> size() noexcept override { return uint32_t{0}; }
  Result<size_t> read(uint32_t, MutableBytes) noexcept override { return size_t{0}; }

 protected:
  ~ReadOnly() = default;
};

/// The image in a slot; nothing at boot writes it. Remembers its SHA-256 digest, which names images in the journal, and
/// whether a condition compared a digest of any kind.
class ImageComponent final : public ReadOnly {
 public:
  ImageComponent(const FlashRegion& image, uint64_t slot) noexcept : image_(image), slot_(slot) {}

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

/// One that holds nothing by now.
class EmptyComponent final : public ReadOnly {};

#if TAILOR_BOOT_DEPENDENCIES
/// The envelope that is kept beside the root's.
class StoredDependency final : public ReadOnly {
 public:
  explicit StoredDependency(const FlashRegion& region) noexcept : area_(region) {
    if (const auto length = region.size() == 0 ? Result<uint32_t>(Error::kNotFound) : area_.length(); length.ok()) {
      length_ = *length;
    }
  }
  Result<uint32_t> size() noexcept override { return length_; }
  Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override {
    const size_t count = std::min<size_t>(out.size(), length_ - std::min(offset, length_));
    TAILOR_TRY(area_.read(offset, out.first(count)));
    return count;
  }

 private:
  ManifestArea area_;
  uint32_t length_ = 0;
};
#endif

class NoPayloads final : public processor::PayloadSource {
 public:
  Result<Piece> read(std::string_view, uint32_t) noexcept override { return Error::kPayloadUnavailable; }
};

class BootPlatform final : public processor::Platform {
 public:
  using Settings = SuitVerifier::Settings;
  /// @param second      null when the slot holds one component
  /// @param dependency  null when none is kept
  BootPlatform(const Settings& settings, ImageComponent& image, ImageComponent* second,
               processor::Component* dependency) noexcept
      : settings_(settings), image_(image), second_(second), dependency_(dependency) {}
  [[nodiscard]] const processor::Identity& identity() const noexcept override { return settings_.identity; }
  [[nodiscard]] processor::Component* find_component(ByteView id) noexcept override {
    if (equal(id, settings_.image_component)) return &image_;
    if constexpr (kCanPair) {
      if (second_ != nullptr && equal(id, settings_.second_component)) return second_;
    }
    if (equal(id, settings_.dependency_component)) return dependency_;
    return equal(id, settings_.staging_component) ? &empty_ : nullptr;
  }
  /// The boot decision compares with the journal's counters.
  [[nodiscard]] Result<uint64_t> sequence_number(ByteView) noexcept override { return uint64_t{0}; }
  [[nodiscard]] Status invoke(processor::Component&, ByteView) noexcept override { return kOk; }

 private:
  const Settings& settings_;
  ImageComponent& image_;
  ImageComponent* second_;
  processor::Component* dependency_;
  EmptyComponent empty_;
};

/// What is kept of an update: the root's envelope, and what is known of the dependency's.
struct Stored {
  ByteView root;
  processor::Component* dependency = nullptr;
  processor::Dependencies* workspace = nullptr;
};

/// What the slot holds.
struct Held {
  ImageComponent& image;
  ImageComponent* second = nullptr;
};

Result<VerifiedImage> run(const SuitVerifier::Settings& settings, const Stored& stored, const FlashRegion& image,
                          const Held& held) noexcept {
  TAILOR_TRY_ASSIGN(const suit::Envelope envelope, suit::Envelope::from_bytes(stored.root));
  TAILOR_TRY_ASSIGN(const suit::AuthenticManifest manifest,
                    suit::authenticate(envelope, settings.anchors, settings.leniency));
  // To check what is installed, not to install: a signer that is being replaced may keep the one right without the
  // other. What the manifest does beyond is asked for as it runs; so is the right to this, of those who signed the
  // dependency, when it is the dependency that looks at the image.
  if (manifest.manifest().dependencies.empty()) {
    TAILOR_TRY(settings.authorization.permits(manifest.signers(), settings.image_component,
                                              {processor::Action::Kind::kCommand, suit::command::kImageMatch}));
  }

  ImageComponent& component = held.image;
  NoPayloads payloads;
  BootPlatform platform(settings, component, held.second, stored.dependency);
  processor::Seams seams{platform, payloads, settings.authorization};
  seams.dependencies = stored.workspace;
  seams.leniency = settings.leniency;
#if TAILOR_BOOT_DEPENDENCIES
  processor::Processor processor(seams, processor::kBootDependencyCommands);
#else
  processor::Processor processor(seams, processor::kBootCommands);
#endif
  TAILOR_TRY_ASSIGN(const processor::ApplicableManifest applicable, processor.check(manifest));
  const bool invokes = manifest.manifest().member(suit::manifest_key::kInvoke).place != suit::Member::Place::kAbsent;
  TAILOR_TRY(processor.start(applicable, invokes ? processor::Procedure::kInvoke : processor::Procedure::kValidate));
  TAILOR_TRY_ASSIGN(const Progress progress, processor.step());
  if (progress != Progress::kDone) return Error::kMemberMissing;
  TAILOR_TRY(processor.staged());
  // A manifest that never compares the image's digest says nothing about the image.
  if (!component.compared()) return Error::kSequenceMissing;
  if constexpr (kCanPair) {
    if (held.second != nullptr && !held.second->compared()) return Error::kSequenceMissing;
  }
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest name, component.name());
  TAILOR_TRY_ASSIGN(const ComponentKey key, component_key(settings.image_component));
  return VerifiedImage{key, manifest.manifest().sequence_number, image.size(), name};
}

Result<VerifiedImage> run(const SuitVerifier::Settings& settings, const Stored& stored,
                          const FlashRegion& image) noexcept {
  const bool in_b =
      settings.layout != nullptr && !settings.layout->moves() && image.base() == settings.layout->slots[1].base();
  const uint64_t slot = in_b ? 1 : 0;
  if (!settings.second_component.empty()) {
    if constexpr (kCanPair) {
      if (image.size() <= settings.second_at) return Error::kImageSizeMismatch;
      ImageComponent first(image.part(0, settings.second_at), slot);
      ImageComponent second(image.part(settings.second_at, image.size() - settings.second_at), slot);
      if (stored.dependency == nullptr) {
        TAILOR_TRY_ASSIGN(VerifiedImage verified, run(settings, stored, image, {first, &second}));
        TAILOR_TRY_ASSIGN(verified.digest, ImageComponent(image, slot).name());
        return verified;
      }
    }
    return Error::kComponentUnknown;
  }
  ImageComponent component(image, slot);
  return run(settings, stored, image, {component});
}

}  // namespace

Verification SuitVerifier::verify(const FlashRegion& manifest, const FlashRegion& image) noexcept {
  const auto bytes = ManifestArea(manifest).load(envelope_);
  if (!bytes.ok()) return Verification::failed(bytes.error());
  Stored stored{*bytes};
#if TAILOR_BOOT_DEPENDENCIES
  StoredDependency dependency(dependency_region(manifest));
  processor::Dependencies workspace(dependency_, settings_.anchors);
  if (!settings_.dependency_component.empty()) {
    stored.dependency = &dependency;
    stored.workspace = &workspace;
  }
#endif
  const auto verified = run(settings_, stored, image);
  if (!verified.ok()) return Verification::failed(verified.error());
  Verification verification;
  verification.verdict = Verdict::pass();
  verification.image = *verified;
  return verification;
}

}  // namespace tailor::boot
