// SPDX-License-Identifier: Apache-2.0
// What the processor sees of a component: content that is read, and written from front to back. Flash slots, files and
// declared components of a dry run implement it. Dependencies are components too: their content is an envelope.
#pragma once

#include "core/base/uuid.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::processor {

/// What a manifest says about content that is about to be written; what it does not say is empty or kUnknownSize.
struct Expectation {
  static constexpr uint32_t kUnknownSize = UINT32_MAX;
  ByteView digest;  ///< of the whole content; empty for a dependency, whose digest is that of its manifest alone
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::kSha256;
  uint32_t size = kUnknownSize;
  ByteView metadata;  ///< parameter component-metadata: an encoded map (update-management 5.6)
};

class Component;

/// Digests a component's present content, or `size` bytes of it from `offset` on, in pieces of 128 bytes on the stack.
/// @param digest  crypto::hash_bytes(algorithm) bytes or more
[[nodiscard]] Result<ByteView> digest_by_reading(Component& component, crypto::HashAlgorithm algorithm,
                                                 MutableBytes digest, uint32_t offset = 0,
                                                 uint32_t size = UINT32_MAX) noexcept;

/// Calls come in this order: open, write at ascending offsets without gaps, finish. Everything else comes before open
/// or after finish.
class Component {
 public:
  /// Prepares for new content: the old content may be gone when this returns.
  ///
  /// @returns the offset at which to go on: 0, or how much of just this content (same digest) was written before an
  ///          interruption; - kImageTooLarge; - kParameterUnsupported: metadata that cannot be kept;
  ///          - an error of class Port
  [[nodiscard]] virtual Result<uint32_t> open(const Expectation& expected) noexcept = 0;
  [[nodiscard]] virtual Status write(uint32_t offset, ByteView bytes) noexcept = 0;
  /// Ends the content, which now has `size` bytes; buffered bytes reach the medium.
  [[nodiscard]] virtual Status finish(uint32_t size) noexcept = 0;

  /// Bytes of the present content; 0 when there is none.
  [[nodiscard]] virtual Result<uint32_t> size() noexcept = 0;
  /// Fills `out` from `offset` on.
  /// @returns how many bytes; fewer than asked only at the end of the content
  [[nodiscard]] virtual Result<size_t> read(uint32_t offset, MutableBytes out) noexcept = 0;
  /// Digests the whole present content. Reads it in pieces unless the medium has a better way.
  /// @param digest  crypto::hash_bytes(algorithm) bytes or more
  [[nodiscard]] virtual Result<ByteView> digest(crypto::HashAlgorithm algorithm, MutableBytes digest) noexcept {
    return digest_by_reading(*this, algorithm, digest);
  }

  /// The slot that open() would write to, for condition component-slot.
  [[nodiscard]] virtual uint64_t slot() noexcept { return 0; }

  /// Exchanges the contents of two components, resumably: when power fails, doing it again has the same end (manifest
  /// 6.3.1, 8.4.10.9).
  /// @returns kCommandUnsupported where the medium has no such operation
  [[nodiscard]] virtual Status swap([[maybe_unused]] Component& source) noexcept { return Error::kCommandUnsupported; }
  /// Removes the content (unlink, trust-domains 5.7.5). Succeeds when there is none.
  /// @returns kCommandUnsupported where content can only be replaced
  [[nodiscard]] virtual Status remove() noexcept { return Error::kCommandUnsupported; }

 protected:
  ~Component() = default;
};

}  // namespace tailor::processor
