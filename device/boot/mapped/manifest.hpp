// SPDX-License-Identifier: Apache-2.0
// A manifest as a boot program takes it: authenticated, looked through and run where it lies in flash. It has the
// commands of the processor's boot table (processor::kBootCommands) for one component, and the same rules; what passes
// here passes there. docs/boot-program.md says what it leaves out.
#pragma once

#include "core/crypto/hash.hpp"
#include "device/boot/mapped/trust.hpp"

namespace tailor::boot::mapped {

/// The image that a manifest is run for.
struct Image {
  ByteView bytes;
  ByteView component;  ///< encoded identifier
  uint32_t slot = 0;   ///< as condition component-slot counts
};

/// Use: authenticate(), then run().
class Manifest {
 public:
  Manifest(const Trust& trust, const Image& image) noexcept : trust_(trust), image_(image) {}

  /// Checks digest and signatures of a stored envelope: tag, authentication wrapper, manifest and nothing else.
  ///
  /// The rules are those of suit::authenticate(): one signature under a trusted key is enough, and one that names a
  /// trusted key by its thumbprint and does not hold is a forgery.
  /// @returns kSignatureInvalid, kSignerUnknown, kManifestDigestMismatch, kAuthenticationMissing, kCoseUnsupported,
  ///          kAlgorithmUnsupported; and what Reader gives
  [[nodiscard]] Status authenticate(ByteView envelope) noexcept;

  /// Looks through all sequences that a boot program runs, then runs them: shared sequence and validate, and load and
  /// invoke when the manifest invokes. Then asks whether those who signed may do all of that.
  ///
  /// @pre     authenticate() gave kOk
  /// @returns kOk only when an image digest was compared and held; otherwise why not, as the processor says it;
  ///          kTooManyDependencies, kComponentUnknown: another shape than one component
  [[nodiscard]] Status run() noexcept;

  [[nodiscard]] uint64_t sequence_number() const noexcept { return sequence_number_; }
  /// Of the image. @pre run() gave kOk
  [[nodiscard]] const crypto::Sha256Digest& digest() const noexcept { return digest_; }

 private:
  enum Parameter : uint8_t { kVendor, kClass, kDevice, kDigest, kSize, kSlot, kParameters };

  [[nodiscard]] Status check_block(ByteView block, ByteView payload) noexcept;
  void read_manifest(Reader& reader) noexcept;
  void read_common(Reader& reader) noexcept;
  void section(Reader& reader, unsigned section) noexcept;
  bool sequence(Reader& reader, unsigned depth, bool soft) noexcept;
  bool branches(Reader& reader, unsigned depth) noexcept;
  void select(Reader& reader) noexcept;
  void parameters(Reader& reader, unsigned depth, bool& soft) noexcept;
  Error condition(unsigned label) noexcept;
  [[nodiscard]] bool image_matches() noexcept;

  const Trust& trust_;
  const Image& image_;
  ByteView manifest_;
  uint64_t sequence_number_ = 0;
  /// Shared sequence, validate, load, invoke; a null view is absent.
  ByteView sections_[4];
  const uint8_t* values_[kParameters] = {};
  Needs needs_;
  SignerSet signers_ = 0;
  bool forged_ = false;
  bool runs_ = false;    ///< looked through before
  bool shared_ = false;  ///< what is run is the shared sequence
  bool digested_ = false;
  bool compared_ = false;
  crypto::Sha256Digest digest_;
};

}  // namespace tailor::boot::mapped
