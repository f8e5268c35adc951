// SPDX-License-Identifier: Apache-2.0
#include "device/boot/mapped/reader.hpp"

namespace tailor::boot::mapped {

void Reader::fail(Error error) noexcept {
  if (ok()) error_ = error;
  at_ = end_;
}

void Reader::require(bool condition, Error error) noexcept {
  if (!condition) fail(error);
}

Status Reader::finished() noexcept {
  require(at_end(), Error::kTrailingBytes);
  return status();
}

uint64_t Reader::head(Major major) noexcept {
  if (at_ == end_) return fail(Error::kTruncated), 0;
  const unsigned initial = *at_;
  if (initial >> 5U != major) return fail(Error::kCborWrongType), 0;
  ++at_;
  uint64_t argument = initial & 0x1FU;
  if (argument < 24) return argument;
  const unsigned size = 1U << (argument - 24U);
  // Neither floats nor other simple values are used, and nothing has indefinite length.
  if (size > 8 || major == kSimple) return fail(Error::kCborMalformed), 0;
  if (static_cast<size_t>(end_ - at_) < size) return fail(Error::kTruncated), 0;
  argument = 0;
  for (unsigned i = 0; i < size; ++i) argument = argument << 8U | *at_++;
  const bool shortest = size == 1 ? argument >= 24 : argument >> (4U * size) != 0;
  if (!shortest) return fail(Error::kCborNotCanonical), 0;
  return argument;
}

uint32_t Reader::count(Major major) noexcept {
  const uint64_t argument = head(major);
  if (argument > static_cast<size_t>(end_ - at_)) return fail(Error::kTruncated), 0;
  return static_cast<uint32_t>(argument);
}

uint32_t Reader::number() noexcept {
  const uint64_t argument = head(kUnsigned);
  return argument >> 32U != 0 ? UINT32_MAX : static_cast<uint32_t>(argument);
}

uint32_t Reader::label() noexcept {
  const bool negative = next_is(kNegative);
  if (next_is(kText)) return item(), kNoLabel;
  const uint64_t argument = head(negative ? kNegative : kUnsigned);
  if (argument >= kMinusOne - 1U) return kNoLabel;
  return static_cast<uint32_t>(argument) | (negative ? kMinusOne : 0);
}

ByteView Reader::bytes() noexcept {
  const uint32_t size = count(kBytes);
  const uint8_t* const content = at_;
  at_ += size;
  return {content, size};
}

uint8_t Reader::octet() noexcept {
  if (at_ == end_) return fail(Error::kTruncated), 0;
  return *at_++;
}

void Reader::literal(uint32_t octets, unsigned size) noexcept {
  while (size-- > 0) require(octet() == (octets >> (8U * size) & 0xFFU), Error::kCborWrongType);
}

// Flat: how many items are still to come is enough to know where the outermost one ends.
ByteView Reader::item() noexcept {
  const uint8_t* const start = at_;
  for (uint32_t left = 1; left > 0 && ok(); --left) {
    const auto major = static_cast<Major>(at_ == end_ ? 0 : *at_ >> 5U);
    if (major < kBytes || major > kMap) {
      head(major);
      if (major == kTag) ++left;
      continue;
    }
    const uint32_t size = count(major);
    if (major <= kText) {
      at_ += size;
    } else {
      // Each item has a byte, so no sum of what may follow is beyond what is there by more than that.
      left += major == kMap ? 2 * size : size;
    }
  }
  return {start, static_cast<size_t>(at_ - start)};
}

const uint8_t* Reader::enter() noexcept {
  const uint32_t size = count(kBytes);
  const uint8_t* const outer = end_;
  end_ = at_ + size;
  return outer;
}

void Reader::leave(const uint8_t* outer) noexcept {
  require(at_end(), Error::kTrailingBytes);
  end_ = outer;
  if (!ok()) at_ = end_;
}

bool Map::next(uint32_t& key) noexcept {
  if (left_ == 0 || !reader_.ok()) return false;
  --left_;
  key = reader_.label();
  if (key < lowest_) reader_.fail(key + 1 == lowest_ ? Error::kDuplicateKey : Error::kCborNotCanonical);
  lowest_ = key == Reader::kNoLabel ? key : key + 1;
  return reader_.ok();
}

bool same(const uint8_t* a, const uint8_t* b, size_t size) noexcept {
  uint8_t difference = 0;
  while (size-- > 0) difference = static_cast<uint8_t>(difference | (a[size] ^ b[size]));
  return difference == 0;
}

}  // namespace tailor::boot::mapped
