// SPDX-License-Identifier: Apache-2.0
// A component that is only declared: content in memory, or no more than its digest. It traps when the processor breaks
// the order of calls that processor::Component demands. Knows neither state files nor manifests.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/processor/component.hpp"
#include "hosted/encoding.hpp"

namespace tailor::trial {

class DeclaredComponent;

/// Sees every access before and after it, for logs and faults.
class AccessWatch {
 public:
  enum class Access : uint8_t { kOpen, kWrite, kFinish, kRead, kDigest, kSwap, kRemove };
  /// @returns an error, which the access then has
  [[nodiscard]] virtual Status before(Access access, DeclaredComponent& component) noexcept = 0;
  /// @param other  the partner of a swap; null otherwise
  virtual void after(Access access, DeclaredComponent& component, DeclaredComponent* other) noexcept = 0;

 protected:
  ~AccessWatch() = default;
};

class DeclaredComponent final : public processor::Component {
 public:
  /// @param encoded  component identifier
  explicit DeclaredComponent(Bytes encoded, AccessWatch* watch = nullptr) : id(std::move(encoded)), watch_(watch) {}

  Result<uint32_t> open(const processor::Expectation& expected) noexcept override;
  Status write(uint32_t offset, ByteView bytes) noexcept override;
  Status finish(uint32_t size) noexcept override;
  Result<uint32_t> size() noexcept override;
  Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override;
  Result<ByteView> digest(crypto::HashAlgorithm algorithm, MutableBytes digest) noexcept override;
  uint64_t slot() noexcept override { return present_slot.value_or(0); }
  Status swap(processor::Component& source) noexcept override;
  Status remove() noexcept override;

  /// Takes it that content has arrived of which no more is known than this.
  void assume(std::optional<crypto::Sha256Digest> digest, std::optional<uint32_t> size) noexcept;

  Bytes id;
  std::string name;  ///< for people; may be empty
  Bytes content;
  Bytes metadata;  ///< what the last open() was told
  /// The content is not declared: `content` is empty, and only what stands in these two is known of it.
  bool content_unknown = false;
  std::optional<crypto::Sha256Digest> known_digest;
  std::optional<uint32_t> known_size;
  std::optional<uint64_t> present_slot = 0;  ///< where the next content goes; absent: not known
  uint32_t capacity = 1U << 20U;
  uint64_t sequence_number = 0;
  std::optional<std::vector<int64_t>> version;  ///< absent: not known
  std::set<Bytes> references;                   ///< digests of the manifests that refer to it
  uint32_t kept = 0;                            ///< bytes that survived an interruption; open() goes on behind them
  /// What digest() and size() claim instead of the truth: the published examples have made-up digests. The last one
  /// stays.
  std::vector<Bytes> claimed_digests;
  std::optional<uint32_t> claimed_size;
  bool touched = false;  ///< opened, swapped or removed

 private:
  [[nodiscard]] Status before(AccessWatch::Access access) noexcept;
  void after(AccessWatch::Access access, DeclaredComponent* other = nullptr) noexcept;

  AccessWatch* watch_;
  bool open_ = false;
};

}  // namespace tailor::trial
