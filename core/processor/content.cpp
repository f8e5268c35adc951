// SPDX-License-Identifier: Apache-2.0
// Content of the present component while a directive writes it. Every change asks for the signer's right first, and for
// other manifests that refer to the component.
#include "core/processor/dependencies.hpp"
#include "core/processor/machine.hpp"
#if TAILOR_SUIT_ENCRYPTION
#include "core/suit/payload_decryptor.hpp"
#endif

namespace tailor::processor {
namespace {

constexpr size_t kPieceBytes = 128;

}  // namespace

Status Machine::check_may_change(uint8_t node, int32_t label) noexcept {
  TAILOR_TRY(check_permitted(node, Action::Kind::kWrite, label));
#if TAILOR_SUIT_DEPENDENCIES
  std::array<ByteView, 1 + limits::kDependencies> tree;
  for (size_t i = 0; i < layer_count(); ++i) tree[i] = layer(i).manifest->digest();
  TAILOR_TRY_ASSIGN(const uint32_t references,
                    seams_.platform.references_of_others(id_of(node), std::span(tree).first(layer_count())));
  if (references != 0) return Error::kComponentInUse;
  drop_dependency(node);
#endif
  return kOk;
}

Status Machine::open_content(int32_t label) noexcept {
  if (open_) return kOk;
  TAILOR_TRY(check_may_change(node_, label));
  Expectation expected;
  // The digest of a dependency is not that of its content.
  if (suit::Digest digest; !is_dependency() && digest_parameter(digest)) {
    expected.digest = digest.bytes;
    expected.algorithm = digest.algorithm;
  }
  if (uint64_t size = 0; number_parameter(suit::parameter::kImageSize, size)) {
    if (size >= Expectation::kUnknownSize) return Error::kImageTooLarge;
    expected.size = static_cast<uint32_t>(size);
  }
  expected.metadata = string_parameter(suit::parameter::kComponentMetadata);
  expected_size_ = expected.size;
  TAILOR_TRY_ASSIGN(offset_, component().open(expected));
  open_ = true;
  return kOk;
}

Status Machine::append_content(ByteView bytes) noexcept {
  if (bytes.size() > expected_size_ - offset_) return Error::kImageSizeMismatch;
  TAILOR_TRY(component().write(offset_, bytes));
  offset_ += static_cast<uint32_t>(bytes.size());
  return kOk;
}

Status Machine::take_content(int32_t label, const ContentSource& source) noexcept {
  uint32_t done = 0;
  uint32_t kept = 0;
#if TAILOR_SUIT_ENCRYPTION
  suit::PayloadDecryptor decryptor;
  const bool encrypted = label != suit::command::kFetch && has(suit::parameter::kEncryptionInfo);
  // The key is found before anything is erased.
  if (encrypted) TAILOR_TRY(start_decryption(decryptor, source.component != nullptr));
#else
  constexpr bool encrypted = false;
#endif
  TAILOR_TRY(open_content(label));
  // A component that kept the beginning of this content goes on behind it; decryption begins at the beginning.
  (encrypted ? kept : done) = offset_;
  if (done > source.size) return Error::kImageSizeMismatch;
  std::array<uint8_t, kPieceBytes> piece;
  while (done < source.size) {
    const size_t wanted = piece.size() < source.size - done ? piece.size() : source.size - done;
    size_t read = wanted;
    if (source.component != nullptr) {
      TAILOR_TRY_ASSIGN(read, source.component->read(source.offset + done, MutableBytes(piece).first(wanted)));
    } else {
      std::memcpy(piece.data(), source.bytes + done, wanted);
    }
    ByteView content = ByteView(piece).first(read);
#if TAILOR_SUIT_ENCRYPTION
    if (encrypted) {
      TAILOR_TRY_ASSIGN(content, decryptor.update(content, piece));
    }
#endif
    const size_t skipped = content.size() < kept ? content.size() : kept;
    kept -= static_cast<uint32_t>(skipped);
    TAILOR_TRY(append_content(content.subspan(skipped)));
    done += static_cast<uint32_t>(read);
    if (read < wanted) break;
  }
#if TAILOR_SUIT_ENCRYPTION
  if (encrypted) TAILOR_TRY(decryptor.finish());
#endif
  return finish_content();
}

#if TAILOR_SUIT_ENCRYPTION
// A ciphertext that nobody signed needs a digest beside it when its cipher proves nothing (firmware-encryption 5.3).
Status Machine::start_decryption(suit::PayloadDecryptor& decryptor, bool detached) noexcept {
  const auto info = suit::decode_encryption_info(string_parameter(suit::parameter::kEncryptionInfo));
  if (!info.ok()) return info.error();
  if (detached && info->tag_bytes == 0 && !has(suit::parameter::kImageDigest)) {
    uint8_t source = 0;
    TAILOR_TRY(source_parameter(source));
    if (find_value(source, ParameterRow(suit::parameter::kImageDigest).row) == nullptr) return Error::kParameterMissing;
  }
  return decryptor.start(*info, *seams_.keys);
}
#endif

Status Machine::finish_content() noexcept {
  if (expected_size_ != Expectation::kUnknownSize && offset_ != expected_size_) return Error::kImageSizeMismatch;
  TAILOR_TRY(component().finish(offset_));
  open_ = false;
  return kOk;
}

void Machine::set_strict_order(bool strict) noexcept {
  strict_order_ = strict;
  targets_ = sources_ = 0;
}

Status Machine::note_access(unsigned targets, unsigned sources) noexcept {
  if (strict_order_) return kOk;
  targets_ = static_cast<uint16_t>(targets_ | targets);
  sources_ = static_cast<uint16_t>(sources_ | sources);
  return (targets_ & sources_) == 0 ? Status(kOk) : Status(Error::kCommandNotAllowed);
}

}  // namespace tailor::processor
