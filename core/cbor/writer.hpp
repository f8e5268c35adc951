// SPDX-License-Identifier: Apache-2.0
// Writes CBOR in deterministic encoding into a caller's buffer, or measures without one. Knows no format above CBOR;
// the caller puts map keys in ascending order.
#pragma once

#include <string_view>

#include "core/cbor/head.hpp"

namespace tailor::cbor {

/// Appends items; once something did not fit, nothing more is written and finish() says so.
class Writer {
 public:
  explicit Writer(MutableBytes out) noexcept : out_(out), measuring_(false) {}
  /// A writer that only counts; finish() gives kBufferTooSmall, size() what would be needed.
  [[nodiscard]] static Writer measuring() noexcept { return Writer(); }

  Writer& put_unsigned(uint64_t value) noexcept { return put_head(Type::kUnsigned, value); }
  Writer& put_int(int64_t value) noexcept;
  Writer& put_bytes(ByteView bytes) noexcept;
  Writer& put_text(std::string_view text) noexcept;
  /// Opens an array of `count` items, which follow.
  Writer& put_array(size_t count) noexcept { return put_head(Type::kArray, count); }
  /// Opens a map of `pairs` keys and values, which follow in the order of RFC 8949 4.2.1.
  Writer& put_map(size_t pairs) noexcept { return put_head(Type::kMap, pairs); }
  Writer& put_tag(uint64_t tag) noexcept { return put_head(Type::kTag, tag); }
  Writer& put_bool(bool value) noexcept { return put_head(Type::kSimple, value ? kTrue : kFalse); }
  Writer& put_null() noexcept { return put_head(Type::kSimple, kNull); }
  /// Appends items that are encoded already.
  Writer& put_encoded(ByteView items) noexcept;
  /// Appends the head of an item whose content the caller writes elsewhere or with put_encoded().
  Writer& put_head(Type type, uint64_t argument) noexcept;

  /// Marks the place where an item begins whose head is known only when its content has been written. May nest.
  [[nodiscard]] size_t open() const noexcept { return size_; }
  /// Closes what began at `mark`: moves the content to make room for its head.
  Writer& close(size_t mark, Type type, uint64_t argument) noexcept;
  /// Closes a byte string around what was written since `mark`.
  Writer& close_bytes(size_t mark) noexcept { return close(mark, Type::kBytes, size_ - mark); }

  /// Bytes written, or needed, so far.
  [[nodiscard]] size_t size() const noexcept { return size_; }
  /// Everything written.
  /// @returns kBufferTooSmall when it did not fit; size() then is what is needed
  [[nodiscard]] Result<ByteView> finish() const noexcept;

 private:
  Writer() noexcept : measuring_(true) {}
  [[nodiscard]] bool fits() const noexcept { return !measuring_ && size_ <= out_.size(); }

  MutableBytes out_;
  size_t size_ = 0;
  bool measuring_;
};

}  // namespace tailor::cbor
