// SPDX-License-Identifier: Apache-2.0
// Walks one CBOR map whose keys ascend (RFC 8949 4.2.1). The caller takes each value from the same Reader; the walker
// sees to order, uniqueness and count.
#pragma once

#include "core/cbor/reader.hpp"

namespace tailor::cbor {

/// Use: open, then while more(): next_key(), and take exactly one item from the reader.
class MapReader {
 public:
  /// @param reader  stands at the map; outlives the walker
  [[nodiscard]] static Result<MapReader> open(Reader& reader) noexcept;

  [[nodiscard]] bool more() const noexcept { return pairs_left_ > 0; }
  /// Takes an integer key.
  /// @returns kDuplicateKey, kCborNotCanonical for its order, and what Reader::take_int() gives
  [[nodiscard]] Result<int64_t> next_key() noexcept;
  /// Takes a key of any type, encoded.
  [[nodiscard]] Result<ByteView> next_key_item() noexcept;

 private:
  MapReader(Reader& reader, size_t pairs) noexcept : reader_(&reader), pairs_left_(pairs) {}

  Reader* reader_;
  size_t pairs_left_;
  ByteView previous_key_;
};

/// Walks one map whose keys are integers of 32 bits; failures are the reader's (Reader::status()).
///
/// Use: for (int32_t key; map.next(key);), and read exactly one item in the loop.
class IntegerMap {
 public:
  /// Takes the map's head.
  /// @param reader  outlives the walker
  explicit IntegerMap(Reader& reader) noexcept : reader_(reader), pairs_left_(reader.map()) {}

  [[nodiscard]] size_t pairs_left() const noexcept { return pairs_left_; }
  /// Takes the next key: Reader::kNoLabel for one beyond 32 bits.
  /// @returns false at the end of the map, and when the reader has failed: with kDuplicateKey, kCborNotCanonical
  [[nodiscard]] bool next(int32_t& key) noexcept;

 private:
  Reader& reader_;
  size_t pairs_left_;
  uint32_t lowest_ = 0;  ///< that the next key may be, in their order
};

}  // namespace tailor::cbor
