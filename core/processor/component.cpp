// SPDX-License-Identifier: Apache-2.0
#include "core/processor/component.hpp"

namespace tailor::processor {
namespace {

constexpr size_t kPieceBytes = 128;

}  // namespace

Result<ByteView> digest_by_reading(Component& component, crypto::HashAlgorithm algorithm,
                                   MutableBytes digest) noexcept {
  crypto::Hash hash(algorithm);
  std::array<uint8_t, kPieceBytes> piece;
  uint32_t offset = 0;
  for (;;) {
    TAILOR_TRY_ASSIGN(const size_t size, component.read(offset, piece));
    TAILOR_TRY(hash.update(ByteView(piece).first(size)));
    offset += static_cast<uint32_t>(size);
    if (size < piece.size()) break;
  }
  return hash.finish(digest);
}

}  // namespace tailor::processor
