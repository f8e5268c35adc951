// SPDX-License-Identifier: Apache-2.0
// Components that stand in a device state file: contents in memory. Each traps when the processor breaks the order of
// calls that processor::Component demands.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/processor/component.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::conformance {

using testing::Octets;

class DeclaredComponent final : public processor::Component {
 public:
  Result<uint32_t> open(const processor::Expectation& expected) noexcept override;
  Status write(uint32_t offset, ByteView bytes) noexcept override;
  Status finish(uint32_t size) noexcept override;
  Result<uint32_t> size() noexcept override;
  Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override;
  Result<ByteView> digest(crypto::HashAlgorithm algorithm, MutableBytes digest) noexcept override;
  uint64_t slot() noexcept override { return present_slot; }
  Status swap(Component& source) noexcept override;
  Status remove() noexcept override;

  Octets id;  ///< encoded
  std::vector<std::string> parts;
  Octets content;
  uint64_t present_slot = 0;
  uint32_t capacity = 1U << 20U;
  uint64_t sequence_number = 0;
  std::vector<int64_t> version;
  std::set<Octets> references;  ///< digests of the manifests that refer to it
  /// What digest() and size() claim instead of the truth: the published examples have made-up digests. The last one
  /// stays.
  std::vector<Octets> claimed_digests;
  std::optional<uint32_t> claimed_size;
  bool touched = false;  ///< opened, swapped or removed

 private:
  bool open_ = false;
};

}  // namespace tailor::conformance
