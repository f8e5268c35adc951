// SPDX-License-Identifier: Apache-2.0
// Reads CBOR where it lies in flash, for boot programs: one cursor, narrowed to a byte string while its content is
// read, and the first failure kept. Takes deterministic encoding only. core/cbor has the reader of everybody else.
#pragma once

#include "core/base/bytes.hpp"

namespace tailor::boot::mapped {

/// Takes items one after the other. After a failure every take gives nothing; the caller looks at the end.
class Reader {
 public:
  enum Major : uint8_t { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };
  static constexpr uint8_t kFalse = 0xf4;
  static constexpr uint8_t kTrue = 0xf5;
  static constexpr uint8_t kNull = 0xf6;
  /// A label as one number in the order of keys: n for n, and from here on for -1, -2, ...
  static constexpr uint32_t kMinusOne = 0x80000000U;
  /// A label of another type, or beyond 31 bits.
  static constexpr uint32_t kNoLabel = UINT32_MAX;

  explicit Reader(ByteView bytes) noexcept : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] bool ok() const noexcept { return error_ == Error{}; }
  [[nodiscard]] Status status() const noexcept { return ok() ? Status(kOk) : Status(error_); }
  /// Keeps the first failure.
  void fail(Error error) noexcept;
  void require(bool condition, Error error) noexcept;
  /// kTrailingBytes unless everything was taken, or what failed first.
  [[nodiscard]] Status finished() noexcept;

  [[nodiscard]] const uint8_t* place() const noexcept { return at_; }
  [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }
  [[nodiscard]] bool next_is(Major major) const noexcept { return at_ != end_ && *at_ >> 5U == major; }

  /// Takes a head of this type.
  /// @returns its argument
  uint64_t head(Major major) noexcept;
  /// Takes the head of what has at least as many bytes behind it: an array, a map, a string.
  uint32_t count(Major major) noexcept;
  /// Takes a number; what is beyond 32 bits is UINT32_MAX.
  uint32_t number() noexcept;
  /// Takes a key of a map, or another label.
  uint32_t label() noexcept;
  ByteView bytes() noexcept;
  /// Takes one octet.
  uint8_t octet() noexcept;
  /// Takes just these octets. kCborWrongType for others
  void literal(uint32_t octets, unsigned size) noexcept;
  /// Takes one whole item.
  /// @note  keys of maps in it are not compared, and text is not looked into
  ByteView item() noexcept;

  /// Goes on within a byte string.
  /// @returns what leave() wants
  [[nodiscard]] const uint8_t* enter() noexcept;
  /// Goes on behind it; kTrailingBytes unless all of it was taken.
  void leave(const uint8_t* outer) noexcept;
  /// Gives up what is left of it.
  void drop() noexcept { at_ = end_; }
  /// Takes up another place in the same memory.
  void take_up(ByteView bytes) noexcept {
    at_ = bytes.data();
    end_ = at_ + bytes.size();
  }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
  Error error_{};
};

/// Walks a map whose keys are labels in ascending order.
class Map {
 public:
  explicit Map(Reader& reader) noexcept : reader_(reader), left_(reader.count(Reader::kMap)) {}
  /// Takes the next key. @returns false at the end, and after a failure: kDuplicateKey, kCborNotCanonical
  [[nodiscard]] bool next(uint32_t& key) noexcept;

 private:
  Reader& reader_;
  uint32_t left_;
  uint32_t lowest_ = 0;
};

/// Compares octets, all of them whatever the first ones were.
[[nodiscard]] bool same(const uint8_t* a, const uint8_t* b, size_t size) noexcept;

}  // namespace tailor::boot::mapped
