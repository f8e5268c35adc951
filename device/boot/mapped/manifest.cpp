// SPDX-License-Identifier: Apache-2.0
#include "device/boot/mapped/manifest.hpp"

#include "core/suit/labels.hpp"

namespace tailor::boot::mapped {
namespace {

namespace command = suit::command;
namespace parameter = suit::parameter;
namespace key = suit::manifest_key;

/// [-16, h'...']: what stands before the octets of a SHA-256 digest, and a byte string of the two.
constexpr uint8_t kBeforeDigest[] = {0x82, 0x2f, 0x58, 0x20};
constexpr size_t kDigestBytes = sizeof kBeforeDigest + crypto::kSha256Bytes;
constexpr size_t kIdentifierBytes = 16;
constexpr unsigned kMaxPolicy = 15;

constexpr uint32_t bit(int64_t label) noexcept {
  return 1U << static_cast<unsigned>(label);
}

// The boot table. All but invoke may stand in the shared sequence.
constexpr uint32_t kConditions = bit(command::kVendorIdentifier) | bit(command::kClassIdentifier) |
                                 bit(command::kImageMatch) | bit(command::kComponentSlot) | bit(command::kAbort) |
                                 bit(command::kInvoke) | bit(command::kDeviceIdentifier);
// Parameters by the type of their values.
constexpr uint32_t kStrings = bit(parameter::kVendorIdentifier) | bit(parameter::kClassIdentifier) |
                              bit(parameter::kDeviceIdentifier) | bit(parameter::kImageDigest) |
                              bit(parameter::kContent) | bit(parameter::kInvokeArguments) |
                              bit(parameter::kFetchArguments) | bit(parameter::kVersion) | bit(parameter::kWaitInfo) |
                              bit(parameter::kComponentMetadata);
constexpr uint32_t kNumbers = bit(parameter::kImageSize) | bit(parameter::kSourceComponent) |
                              bit(parameter::kComponentSlot) | bit(parameter::kUseBefore) |
                              bit(parameter::kMinimumBattery);
constexpr uint32_t kIdentifiers =
    bit(parameter::kVendorIdentifier) | bit(parameter::kClassIdentifier) | bit(parameter::kDeviceIdentifier);
/// Members of the manifest that a boot program passes over.
constexpr uint32_t kOthers = bit(key::kReferenceUri) | bit(key::kManifestComponentId) | bit(key::kSetVersion) |
                             bit(key::kCoswid) | bit(key::kDependencyResolution) | bit(key::kPayloadFetch) |
                             bit(key::kCandidateVerification) | bit(key::kInstall) | bit(key::kText) |
                             bit(key::kUninstall);

constexpr bool has(uint32_t set, uint32_t label) noexcept {
  return label < 32 && (set >> label & 1U) != 0;
}

/// Parameters whose values are kept, in the order of Manifest::Parameter.
constexpr uint8_t kKept[] = {parameter::kVendorIdentifier, parameter::kClassIdentifier, parameter::kDeviceIdentifier,
                             parameter::kImageDigest,      parameter::kImageSize,       parameter::kComponentSlot};

bool is_digest(ByteView content) noexcept {
  return content.size() == kDigestBytes && same(content.data(), kBeforeDigest, sizeof kBeforeDigest);
}

Status hash(ByteView bytes, crypto::Sha256Digest& digest) noexcept {
  crypto::Hash running;
  TAILOR_TRY(running.update(bytes));
  TAILOR_TRY(running.finish(digest));
  return kOk;
}

bool may_pass_over(Error error) noexcept {
  return error == Error::kSignatureInvalid || error == Error::kSignerUnknown || error == Error::kAlgorithmUnsupported ||
         error == Error::kCoseUnsupported;
}

}  // namespace

// --- authentication ------------------------------------------------------------------------------------------------

/// Adds the key with which a block was made.
/// @returns why there is none
[[gnu::noinline]] Status Manifest::check_block(ByteView block, ByteView payload) noexcept {
  Sign1 sign1;
  TAILOR_TRY(sign1.read(block));
  const bool detached = sign1.payload_item.size() == 1 && sign1.payload_item[0] == Reader::kNull;
  if (!detached || sign1.algorithm == 0) return Error::kCoseUnsupported;
  if (sign1.algorithm != trust_.scheme().algorithm) return Error::kAlgorithmUnsupported;
  Status failure = Error::kSignerUnknown;
  for (unsigned nth = 0;; ++nth) {
    const ByteView key = trust_.key(nth);
    if (key.empty()) return failure;
    const bool named = !sign1.key_id.empty();
    if (named) {
      crypto::Sha256Digest thumbprint;
      TAILOR_TRY(hash(key, thumbprint));
      const bool is_it =
          sign1.key_id.size() == sizeof thumbprint && same(sign1.key_id.data(), thumbprint.data(), sizeof thumbprint);
      if (!is_it) continue;
    }
    const Status verified = sign1.verify(trust_.scheme(), key, payload);
    if (verified.ok()) {
      signers_ |= 1U << nth;
      return kOk;
    }
    if (verified.error() == Error::kAlgorithmUnsupported) continue;
    // A thumbprint names one key in the world: then this is a forgery, whatever else holds.
    forged_ = named;
    failure = verified;
    if (named) return failure;
  }
}

[[gnu::noinline]] Status Manifest::authenticate(ByteView envelope) noexcept {
  Reader reader(envelope);
  reader.literal(0xd86ba202, 4);  // 107({2: ..., 3: ...})
  const ByteView wrapper = reader.bytes();
  reader.literal(0x03, 1);
  const uint8_t* const manifest = reader.place();
  manifest_ = reader.bytes();
  TAILOR_TRY(reader.finished());

  reader.take_up(wrapper);
  uint32_t blocks = reader.count(Reader::kArray);
  const uint8_t* const start = reader.place();
  const ByteView signed_digest = reader.bytes();
  const ByteView payload{start, reader.place()};
  reader.require(is_digest(signed_digest), Error::kAlgorithmUnsupported);
  reader.require(blocks > 1, Error::kAuthenticationMissing);
  reader.require(blocks <= 1 + limits::kAuthenticationBlocks, Error::kValueOutOfRange);
  TAILOR_TRY(reader.status());
  TAILOR_TRY(hash({manifest, manifest_.data() + manifest_.size()}, digest_));
  if (!same(&signed_digest[sizeof kBeforeDigest], digest_.data(), digest_.size())) {
    return Error::kManifestDigestMismatch;
  }
  Status failure = kOk;
  while (--blocks > 0) {
    const ByteView block = reader.bytes();
    TAILOR_TRY(reader.status());
    const Status checked = check_block(block, payload);
    if (checked.ok()) continue;
    if (forged_ || !may_pass_over(checked.error())) return checked;
    if (failure.ok()) failure = checked;  // the first one's is told
  }
  TAILOR_TRY(reader.finished());
  if (signers_ == 0) return failure;
  return kOk;
}

// --- the manifest --------------------------------------------------------------------------------------------------

void Manifest::read_common(Reader& reader) noexcept {
  const uint8_t* const outer = reader.enter();
  bool known = false;
  Map map(reader);
  for (uint32_t field; map.next(field);) {
    if (field == suit::common_key::kComponents) {
      const ByteView list = reader.item();
      // One component: this one.
      known = list.size() == 1 + image_.component.size() && list[0] == 0x81 &&
              same(list.data() + 1, image_.component.data(), image_.component.size());
      reader.require(known, Error::kComponentUnknown);
    } else if (field == suit::common_key::kSharedSequence) {
      sections_[0] = reader.bytes();
    } else {
      reader.fail(field == suit::common_key::kDependencies ? Error::kTooManyDependencies : Error::kUnknownKey);
    }
  }
  reader.require(known, Error::kMissingKey);
  reader.leave(outer);
}

void Manifest::read_manifest(Reader& reader) noexcept {
  unsigned required_left = 3;
  Map map(reader);
  for (uint32_t field; map.next(field);) {
    if (field <= key::kCommon) --required_left;
    if (field == key::kVersion) {
      reader.require(reader.number() == suit::kManifestVersion, Error::kManifestVersionUnsupported);
    } else if (field == key::kSequenceNumber) {
      sequence_number_ = reader.head(Reader::kUnsigned);
    } else if (field == key::kCommon) {
      read_common(reader);
    } else if (field >= key::kValidate && field <= key::kInvoke) {
      sections_[1 + field - key::kValidate] = reader.bytes();
    } else {
      reader.require(has(kOthers, field), Error::kUnknownKey);
      reader.item();
    }
  }
  reader.require(required_left == 0, Error::kMissingKey);
}

void Manifest::section(Reader& reader, unsigned section) noexcept {
  if (sections_[section].data() == nullptr || !reader.ok()) return;
  reader.take_up(sections_[section]);
  shared_ = section == 0;
  sequence(reader, 0, false);
  reader.require(reader.at_end(), Error::kTrailingBytes);
}

[[gnu::noinline]] Status Manifest::run() noexcept {
  Reader reader(manifest_);
  read_manifest(reader);
  reader.require(reader.at_end(), Error::kTrailingBytes);
  for (unsigned i = 0; i < 4; ++i) section(reader, i);
  TAILOR_TRY(reader.status());
  runs_ = true;
  // To check what is installed is a right of its own, whatever else is done.
  needs_.commands = bit(command::kImageMatch);
  const bool invokes = sections_[3].data() != nullptr;
  reader.require(invokes || sections_[1].data() != nullptr, Error::kSequenceMissing);
  for (unsigned i = 1; i < (invokes ? 4U : 2U); ++i) {
    if (sections_[i].data() == nullptr) continue;
    section(reader, 0);
    section(reader, i);
  }
  TAILOR_TRY(reader.status());
  // A manifest that never compares the image's digest says nothing about the image.
  if (!compared_) return Error::kSequenceMissing;
  return trust_.check_permitted(signers_, image_.component, needs_);
}

// --- sequences -----------------------------------------------------------------------------------------------------

/// Looks through or runs the sequence that the reader stands at.
/// @param soft  whether a condition that does not hold ends this sequence alone
/// @returns false when one did not; the reader then stands at the end of the byte string
bool Manifest::sequence(Reader& reader, unsigned depth, bool soft) noexcept {
  uint32_t items = reader.count(Reader::kArray);
  reader.require(items % 2 == 0, Error::kValueOutOfRange);
  for (; items > 0 && reader.ok(); items -= 2) {
    const uint32_t label = reader.label();
    Error failure{};
    if (has(kConditions, label)) {
      reader.require(reader.number() <= kMaxPolicy, Error::kValueOutOfRange);
      reader.require(!shared_ || label != command::kInvoke, Error::kCommandNotAllowed);
      if (runs_) failure = condition(label);
    } else if (label == command::kSetComponentIndex) {
      select(reader);
    } else if (label == command::kOverrideParameters) {
      parameters(reader, depth, soft);
    } else if (label == command::kTryEach) {
      if (!branches(reader, depth)) failure = Error::kTryEachExhausted;
    } else if (label == command::kRunSequence) {
      const uint8_t* const outer = reader.enter();
      reader.require(depth < limits::kSequenceDepth, Error::kCborTooDeep);
      sequence(reader, depth + 1, false);
      reader.leave(outer);
    } else {
      reader.fail(Error::kCommandUnsupported);
    }
    if (failure == Error{}) continue;
    // That no branch holds is an error of the whole manifest, as it is for the processor.
    if (!soft || failure == Error::kTryEachExhausted) reader.fail(failure);
    reader.drop();
    return false;
  }
  return true;
}

/// Try-each: the first branch that holds; nil behind the others holds.
bool Manifest::branches(Reader& reader, unsigned depth) noexcept {
  uint32_t left = reader.count(Reader::kArray);
  reader.require(left != 0, Error::kValueOutOfRange);
  bool holds = false;
  for (; left > 0 && reader.ok(); --left) {
    if (runs_ && holds) {
      reader.item();
    } else if (left == 1 && reader.next_is(Reader::kSimple)) {
      reader.literal(Reader::kNull, 1);
      holds = true;
    } else {
      const uint8_t* const outer = reader.enter();
      reader.require(depth < limits::kSequenceDepth, Error::kCborTooDeep);
      holds = sequence(reader, depth + 1, true);
      reader.leave(outer);
    }
  }
  return holds || !runs_;
}

/// Set-component-index: there is one component, so that all that it can say is 0, [0] or true.
void Manifest::select(Reader& reader) noexcept {
  if (reader.next_is(Reader::kSimple)) return reader.literal(Reader::kTrue, 1);
  if (reader.next_is(Reader::kArray)) reader.literal(0x81, 1);
  reader.require(reader.number() == 0, Error::kComponentIndexInvalid);
}

void Manifest::parameters(Reader& reader, unsigned depth, bool& soft) noexcept {
  Map map(reader);
  for (uint32_t label; map.next(label);) {
    const uint8_t* const value = reader.place();
    if (label == parameter::kSoftFailure) {
      // It belongs to a sequence inside another (manifest 8.4.8.14).
      reader.require(depth != 0, Error::kCommandNotAllowed);
      soft = reader.next_is(Reader::kSimple) && *value == Reader::kTrue;
      reader.literal(soft ? Reader::kTrue : Reader::kFalse, 1);
      continue;
    }
    if (label == parameter::kStrictOrder) {
      reader.literal(Reader::kTrue, 1);  // free order is for what a boot program has no use for
      continue;
    }
    if (has(kStrings, label)) {
      const ByteView content = reader.bytes();
      reader.require(!has(kIdentifiers, label) || content.size() == kIdentifierBytes, Error::kValueOutOfRange);
      reader.require(label != parameter::kImageDigest || is_digest(content), Error::kAlgorithmUnsupported);
    } else if (has(kNumbers, label)) {
      reader.head(Reader::kUnsigned);
    } else {
      const bool known = label == parameter::kUri || label == parameter::kUpdatePriority;
      reader.require(known, Error::kParameterUnsupported);
      reader.item();
    }
    if (!runs_) continue;
    needs_.parameters |= 1U << label;
    for (unsigned i = 0; i < kParameters; ++i) {
      if (kKept[i] == label) values_[i] = value;
    }
  }
}

// --- conditions ----------------------------------------------------------------------------------------------------

bool Manifest::image_matches() noexcept {
  const uint8_t* const wanted = values_[kDigest];
  if (wanted == nullptr) return false;
  if (const uint8_t* const size = values_[kSize]; size != nullptr) {
    Reader reader({size, sizeof(uint64_t) + 1});
    if (reader.number() != image_.bytes.size()) return false;
  }
  if (!digested_) digested_ = hash(image_.bytes, digest_).ok();
  compared_ = digested_;
  return digested_ && same(wanted + 2 + sizeof kBeforeDigest, digest_.data(), digest_.size());
}

/// @returns why a condition does not hold; no error when it does
Error Manifest::condition(unsigned label) noexcept {
  needs_.commands |= 1U << label;
  bool holds = false;
  Error failure = Error::kManifestAborted;
  switch (label) {
    case command::kInvoke:
      return Error{};
    case command::kImageMatch:
      failure = Error::kImageDigestMismatch;
      holds = image_matches();
      break;
    case command::kComponentSlot:
      failure = Error::kSlotMismatch;
      if (values_[kSlot] != nullptr) {
        Reader reader({values_[kSlot], sizeof(uint64_t) + 1});
        holds = reader.number() == image_.slot;
      }
      break;
    case command::kAbort:
      break;
    default: {
      const Parameter row = label == command::kVendorIdentifier  ? kVendor
                            : label == command::kClassIdentifier ? kClass
                                                                 : kDevice;
      failure = row == kVendor  ? Error::kVendorMismatch
                : row == kClass ? Error::kClassMismatch
                                : Error::kDeviceMismatch;
      holds = values_[row] != nullptr && same(values_[row] + 1, trust_.identifier(label), kIdentifierBytes);
    }
  }
  return holds ? Error{} : failure;
}

}  // namespace tailor::boot::mapped
