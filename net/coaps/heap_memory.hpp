// SPDX-License-Identifier: Apache-2.0
// The message memory of CoAP endpoints on servers: the program's heap, up to a limit for all endpoints of a thread.
#pragma once

#include <new>

#include "core/coap/memory.hpp"

namespace tailor::net {

class HeapMemory final : public coap::MessageMemory {
 public:
  explicit HeapMemory(size_t limit_bytes) noexcept : limit_(limit_bytes) {}

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
  [[nodiscard]] size_t used() const noexcept { return used_; }

 private:
  const size_t limit_;
  size_t used_ = 0;
};

}  // namespace tailor::net
