// SPDX-License-Identifier: Apache-2.0
// Where an endpoint keeps messages that it may have to send again, and bodies that it must keep: an interface that a
// device fulfils with a static pool and a server with its allocator. Shared by all endpoints of one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"

namespace tailor::coap {

class MessageMemory {
 public:
  /// Hands out exactly `bytes` bytes, aligned for nothing in particular.
  ///
  /// @returns kAllocationFailed when there is no room; the endpoint then does without, or answers 5.03
  [[nodiscard]] virtual Result<MutableBytes> take(size_t bytes) noexcept = 0;
  /// Takes back what take() handed out, with the same length.
  virtual void give(MutableBytes memory) noexcept = 0;

 protected:
  ~MessageMemory() = default;
};

/// A static pool with two sizes of block: small ones for remembered acknowledgements, large ones for whole messages.
///
/// A device with one association needs one large block for its own confirmable message and one for each remembered
/// response that is larger than a small block; two of each are a good start.
template <size_t SmallCount, size_t SmallBytes, size_t LargeCount, size_t LargeBytes>
class StaticMemory final : public MessageMemory {
 public:
  [[nodiscard]] Result<MutableBytes> take(size_t bytes) noexcept override {
    if (bytes <= SmallBytes) {
      for (size_t i = 0; i < SmallCount; ++i) {
        if (!small_used_[i]) return claim(small_used_[i], small_[i].data(), bytes);
      }
    }
    if (bytes <= LargeBytes) {
      for (size_t i = 0; i < LargeCount; ++i) {
        if (!large_used_[i]) return claim(large_used_[i], large_[i].data(), bytes);
      }
    }
    return Error::kAllocationFailed;
  }
  void give(MutableBytes memory) noexcept override {
    for (size_t i = 0; i < SmallCount; ++i) {
      if (small_[i].data() == memory.data()) small_used_[i] = false;
    }
    for (size_t i = 0; i < LargeCount; ++i) {
      if (large_[i].data() == memory.data()) large_used_[i] = false;
    }
  }

 private:
  static MutableBytes claim(bool& used, uint8_t* memory, size_t bytes) noexcept {
    used = true;
    return {memory, bytes};
  }

  std::array<std::array<uint8_t, SmallBytes>, SmallCount> small_{};
  std::array<std::array<uint8_t, LargeBytes>, LargeCount> large_{};
  std::array<bool, SmallCount> small_used_{};
  std::array<bool, LargeCount> large_used_{};
};

}  // namespace tailor::coap
