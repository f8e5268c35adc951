// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/map_reader.hpp"

namespace tailor::cbor {

Result<MapReader> MapReader::open(Reader& reader) noexcept {
  TAILOR_TRY_ASSIGN(const size_t pairs, reader.take_map());
  return MapReader(reader, pairs);
}

Result<ByteView> MapReader::next_key_item() noexcept {
  TAILOR_TRY_ASSIGN(const ByteView key, reader_->take_item());
  TAILOR_TRY(reader_->check_next_key(previous_key_, key));
  previous_key_ = key;
  --pairs_left_;
  return key;
}

Result<int64_t> MapReader::next_key() noexcept {
  TAILOR_TRY_ASSIGN(const ByteView key, next_key_item());
  return Reader(key).take_int();
}

bool IntegerMap::next(int32_t& key) noexcept {
  if (pairs_left_ == 0 || reader_.failed()) return false;
  --pairs_left_;
  key = reader_.label();
  // Deterministic order: 0, 1, 2, ..., -1, -2, ... Without their first bit negative numbers count downwards.
  const auto bits = static_cast<uint32_t>(key);
  const uint32_t place = key < 0 ? bits ^ INT32_MAX : bits;
  if (place < lowest_) reader_.fail_out_of_order(place + 1 == lowest_);
  lowest_ = place + 1;
  return !reader_.failed();
}

}  // namespace tailor::cbor
