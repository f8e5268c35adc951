// SPDX-License-Identifier: Apache-2.0
// What the processor sees of a component: content that is read, and written from front to back. Flash slots, files and
// declared components of a dry run implement it.
#pragma once

#include "core/base/uuid.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::processor {

/// What a manifest says about content that is about to be written; what it does not say is empty or kUnknownSize.
struct Expectation {
  static constexpr uint32_t kUnknownSize = UINT32_MAX;
  ByteView digest;  ///< SHA-256
  uint32_t size = kUnknownSize;
};

class Component;

/// Digests a component's present content in pieces of 128 bytes on the stack.
[[nodiscard]] Result<crypto::Sha256Digest> digest_by_reading(Component& component) noexcept;

/// Calls come in this order: open, write at ascending offsets without gaps, finish. read, size and digest come before
/// open or after finish.
class Component {
 public:
  /// Prepares for new content: the old content may be gone when this returns.
  ///
  /// @returns the offset at which to go on: 0, or how much of just this content (same digest) was written before an
  ///          interruption; - kImageTooLarge; - an error of class Port
  [[nodiscard]] virtual Result<uint32_t> open(const Expectation& expected) noexcept = 0;
  [[nodiscard]] virtual Status write(uint32_t offset, ByteView bytes) noexcept = 0;
  /// Ends the content, which now has `size` bytes; buffered bytes reach the medium.
  [[nodiscard]] virtual Status finish(uint32_t size) noexcept = 0;

  /// Bytes of the present content; 0 when there is none.
  [[nodiscard]] virtual Result<uint32_t> size() noexcept = 0;
  /// Fills `out` from `offset` on.
  /// @returns how many bytes; fewer than asked only at the end of the content
  [[nodiscard]] virtual Result<size_t> read(uint32_t offset, MutableBytes out) noexcept = 0;
  /// Digests the whole present content with SHA-256. Reads it in pieces unless the medium has a better way.
  [[nodiscard]] virtual Result<crypto::Sha256Digest> digest() noexcept { return digest_by_reading(*this); }

  /// The slot that open() would write to, for condition component-slot.
  [[nodiscard]] virtual uint64_t slot() noexcept { return 0; }

 protected:
  ~Component() = default;
};

}  // namespace tailor::processor
