// SPDX-License-Identifier: Apache-2.0
// Message memory of hosted programs: the allocator, with a limit that all endpoints of one thread share.
#pragma once

#include <cstddef>
#include <new>

#include "core/coap/memory.hpp"

namespace tailor::net {

class HeapMemory final : public coap::MessageMemory {
 public:
  /// @param limit_bytes  beyond it take() fails: a flood of peers may cost answers, not the machine
  explicit HeapMemory(size_t limit_bytes) : limit_(limit_bytes) {}

  [[nodiscard]] Result<MutableBytes> take(size_t bytes) noexcept override {
    if (bytes > limit_ - used_) return Error::kAllocationFailed;
    auto* const memory = new (std::nothrow) uint8_t[bytes];
    if (memory == nullptr) return Error::kAllocationFailed;
    used_ += bytes;
    return MutableBytes{memory, bytes};
  }
  void give(MutableBytes memory) noexcept override {
    used_ -= memory.size();
    delete[] memory.data();
  }
  [[nodiscard]] size_t used_bytes() const noexcept { return used_; }

 private:
  size_t limit_;
  size_t used_ = 0;
};

}  // namespace tailor::net
