// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/writer.hpp"

namespace tailor::cbor {

Writer& Writer::put_encoded(ByteView items) noexcept {
  const size_t at = size_;
  size_ += items.size();
  if (fits() && !items.empty()) std::memcpy(out_.data() + at, items.data(), items.size());
  return *this;
}

Writer& Writer::put_head(Type type, uint64_t argument) noexcept {
  uint8_t head[kMaxHeadBytes];
  const size_t length = encode_head(type, argument, head);
  return put_encoded(ByteView(head, length));
}

Writer& Writer::put_int(int64_t value) noexcept {
  if (value >= 0) return put_head(Type::kUnsigned, static_cast<uint64_t>(value));
  return put_head(Type::kNegative, static_cast<uint64_t>(-1 - value));
}

Writer& Writer::put_bytes(ByteView bytes) noexcept {
  return put_head(Type::kBytes, bytes.size()).put_encoded(bytes);
}

Writer& Writer::put_text(std::string_view text) noexcept {
  return put_head(Type::kText, text.size()).put_encoded(as_bytes(text));
}

Writer& Writer::close(size_t mark, Type type, uint64_t argument) noexcept {
  uint8_t head[kMaxHeadBytes];
  const size_t content = size_ - mark;
  const size_t length = encode_head(type, argument, head);
  size_ += length;
  if (fits()) {
    std::memmove(out_.data() + mark + length, out_.data() + mark, content);
    std::memcpy(out_.data() + mark, head, length);
  }
  return *this;
}

Result<ByteView> Writer::finish() const noexcept {
  if (!fits()) return Error::kBufferTooSmall;
  return ByteView{out_.first(size_)};
}

}  // namespace tailor::cbor
