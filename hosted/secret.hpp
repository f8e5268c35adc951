// SPDX-License-Identifier: Apache-2.0
// Strong types for secrets: no copy by accident, no way to a stream, a log or a format string (it does not compile),
// and the memory is wiped when it goes. Reading needs the word reveal(), which is easy to search for.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "core/base/bytes.hpp"

namespace tailor {

/// Bytes that nobody may print. Move-only; the moved-from object is empty.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(ByteView bytes) : bytes_(std::make_unique<uint8_t[]>(bytes.size())), size_(bytes.size()) {
    if (!bytes.empty()) std::memcpy(bytes_.get(), bytes.data(), bytes.size());
  }
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      clear();
      bytes_ = std::move(other.bytes_);
      size_ = std::exchange(other.size_, 0);
    }
    return *this;
  }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { clear(); }

  [[nodiscard]] ByteView reveal() const noexcept { return {bytes_.get(), size_}; }
  [[nodiscard]] MutableBytes reveal_mutable() noexcept { return {bytes_.get(), size_}; }
  [[nodiscard]] SecretBytes clone() const { return SecretBytes(reveal()); }
  [[nodiscard]] size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// Makes `size` zero bytes, to be filled through reveal_mutable().
  [[nodiscard]] static SecretBytes of_size(size_t size) {
    SecretBytes out;
    out.bytes_ = std::make_unique<uint8_t[]>(size);
    out.size_ = size;
    return out;
  }

 private:
  void clear() noexcept {
    if (bytes_) wipe({bytes_.get(), size_});
    bytes_.reset();
    size_ = 0;
  }

  std::unique_ptr<uint8_t[]> bytes_;
  size_t size_ = 0;
};

/// Text that nobody may print: a password, an enrolment code.
class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(std::string_view text) : bytes_(as_bytes(text)) {}

  [[nodiscard]] std::string_view reveal() const noexcept { return as_text(bytes_.reveal()); }
  [[nodiscard]] SecretString clone() const { return SecretString(reveal()); }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

 private:
  SecretBytes bytes_;
};

/// Secrets have no text form; these make the compiler say so.
template <typename Stream>
Stream& operator<<(Stream& stream, const SecretBytes& secret) = delete;
template <typename Stream>
Stream& operator<<(Stream& stream, const SecretString& secret) = delete;

}  // namespace tailor
