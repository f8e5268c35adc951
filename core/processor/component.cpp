// SPDX-License-Identifier: Apache-2.0
#include "core/processor/component.hpp"

namespace tailor::processor {
namespace {

constexpr size_t kPieceBytes = 128;

}  // namespace

Result<ByteView> digest_by_reading(Component& component, crypto::HashAlgorithm algorithm, MutableBytes digest,
                                   uint32_t offset, uint32_t size) noexcept {
  crypto::Hash hash(algorithm);
  std::array<uint8_t, kPieceBytes> piece;
  while (size > 0) {
    const size_t wanted = piece.size() < size ? piece.size() : size;
    TAILOR_TRY_ASSIGN(const size_t read, component.read(offset, MutableBytes(piece).first(wanted)));
    TAILOR_TRY(hash.update(ByteView(piece).first(read)));
    offset += static_cast<uint32_t>(read);
    size -= static_cast<uint32_t>(read);
    if (read < wanted) break;
  }
  return hash.finish(digest);
}

}  // namespace tailor::processor
