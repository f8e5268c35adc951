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

}  // namespace tailor::cbor
