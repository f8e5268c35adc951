// SPDX-License-Identifier: Apache-2.0
// A list of at most N elements inside the object itself: no heap, and full is an error, never growth.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "core/base/result.hpp"

namespace tailor {

/// T is default-constructible and cheap to assign.
template <typename T, size_t N>
class FixedList {
 public:
  static constexpr size_t kCapacity = N;

  /// @param full  what the caller wants to hear when there is no room: which limit was hit
  [[nodiscard]] Status push_back(const T& item, Error full) noexcept {
    if (size_ == N) return full;
    items_[size_++] = item;
    return kOk;
  }
  void clear() noexcept { size_ = 0; }

  [[nodiscard]] size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// @pre index < size()
  [[nodiscard]] T& operator[](size_t index) noexcept { return items_[index]; }
  [[nodiscard]] const T& operator[](size_t index) const noexcept { return items_[index]; }

  [[nodiscard]] T* begin() noexcept { return items_.data(); }
  [[nodiscard]] T* end() noexcept { return items_.data() + size_; }
  [[nodiscard]] const T* begin() const noexcept { return items_.data(); }
  [[nodiscard]] const T* end() const noexcept { return items_.data() + size_; }
  [[nodiscard]] std::span<const T> view() const noexcept { return {items_.data(), size_}; }

 private:
  std::array<T, N> items_{};
  size_t size_ = 0;
};

}  // namespace tailor
