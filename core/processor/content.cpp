// SPDX-License-Identifier: Apache-2.0
// Content of the present component while a directive writes it. Every change asks for the signer's right first, and for
// other manifests that refer to the component.
#include "core/processor/dependencies.hpp"
#include "core/processor/machine.hpp"

namespace tailor::processor {
namespace {

constexpr size_t kPieceBytes = 128;

}  // namespace

Status Machine::check_may_change(uint8_t node, int64_t label) noexcept {
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

Status Machine::open_content(int64_t label) noexcept {
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

Status Machine::append_from(Component& source, uint32_t from, uint32_t size) noexcept {
  std::array<uint8_t, kPieceBytes> piece;
  // A component that kept the beginning of this content goes on behind it.
  uint32_t done = offset_;
  while (done < size) {
    const size_t wanted = piece.size() < size - done ? piece.size() : size - done;
    TAILOR_TRY_ASSIGN(const size_t read, source.read(from + done, MutableBytes(piece).first(wanted)));
    TAILOR_TRY(append_content(ByteView(piece).first(read)));
    done += static_cast<uint32_t>(read);
    if (read < wanted) break;
  }
  return kOk;
}

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
