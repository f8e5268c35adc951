// SPDX-License-Identifier: Apache-2.0
// See sequence_walk.hpp. Commands that it does not know are passed over: the device has the last word on them.
#include "services/update/domain/sequence_walk.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/cbor/map_reader.hpp"

namespace tailor::update_server {
namespace {

Status add_id(std::vector<Uuid>& ids, cbor::Reader& reader) {
  TAILOR_TRY_ASSIGN(const ByteView raw, reader.take_bytes());
  TAILOR_TRY_ASSIGN(const Uuid id, Uuid::from_bytes(raw));
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  return kOk;
}

}  // namespace

Status SequenceWalk::walk(ByteView sequence, size_t depth) {
  if (depth > limits::kSequenceDepth) return Error::kCborTooDeep;
  cbor::Reader reader(sequence);
  TAILOR_TRY_ASSIGN(const size_t items, reader.take_array());
  if (items % 2 != 0) return Error::kValueOutOfRange;
  if (depth == 0) selected_ = {0};
  for (size_t i = 0; i < items; i += 2) {
    TAILOR_TRY_ASSIGN(const int64_t label, reader.take_int());
    TAILOR_TRY(command(label, reader, depth));
  }
  return reader.finish();
}

Status SequenceWalk::command(int64_t label, cbor::Reader& reader, size_t depth) {
  switch (label) {
    case suit::command::kSetComponentIndex:
      return select(reader);
    case suit::command::kSetParameters:
    case suit::command::kOverrideParameters:
      return parameters(reader);
    case suit::command::kTryEach:
      return try_each(reader, depth);
    case suit::command::kRunSequence: {
      TAILOR_TRY_ASSIGN(const ByteView sequence, reader.take_bytes());
      return walk(sequence, depth + 1);
    }
    case suit::command::kFetch:
      fetch();
      break;
    default:
      break;
  }
  TAILOR_TRY(reader.take_item());
  return kOk;
}

Status SequenceWalk::select_one(uint64_t index) {
  if (index >= components_) return Error::kComponentIndexInvalid;
  selected_.push_back(index);
  return kOk;
}

Status SequenceWalk::select(cbor::Reader& reader) {
  selected_.clear();
  if (reader.next_is(cbor::Type::kUnsigned)) {
    TAILOR_TRY_ASSIGN(const uint64_t index, reader.take_unsigned());
    return select_one(index);
  }
  if (reader.next_is(cbor::Type::kArray)) {
    TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
    for (size_t i = 0; i < count; ++i) {
      TAILOR_TRY_ASSIGN(const uint64_t index, reader.take_unsigned());
      TAILOR_TRY(select_one(index));
    }
    return kOk;
  }
  TAILOR_TRY_ASSIGN(const bool all, reader.take_bool());
  for (uint64_t index = 0; all && index < components_; ++index) selected_.push_back(index);
  return kOk;
}

Status SequenceWalk::parameters(cbor::Reader& reader) {
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t label, map.next_key());
    TAILOR_TRY(parameter(label, reader));
  }
  return kOk;
}

Status SequenceWalk::parameter(int64_t label, cbor::Reader& reader) {
  switch (label) {
    case suit::parameter::kVendorIdentifier:
      return add_id(facts_.vendors, reader);
    case suit::parameter::kClassIdentifier:
      return add_id(facts_.classes, reader);
    case suit::parameter::kDeviceIdentifier:
      return add_id(facts_.devices, reader);
    case suit::parameter::kImageDigest: {
      TAILOR_TRY_ASSIGN(const ByteView encoded, reader.take_bytes());
      TAILOR_TRY_ASSIGN(const suit::Digest digest, suit::decode_digest(encoded));
      // Devices name what they have, and payloads are named, by SHA-256 alone.
      if (digest.algorithm != crypto::HashAlgorithm::kSha256) return Error::kAlgorithmUnsupported;
      Digest copy{};
      std::copy(digest.bytes.begin(), digest.bytes.end(), copy.begin());
      for (const uint64_t index : selected_) known_[index].digest = copy;
      return kOk;
    }
    case suit::parameter::kImageSize: {
      TAILOR_TRY_ASSIGN(const uint64_t size, reader.take_unsigned());
      for (const uint64_t index : selected_) known_[index].size_bytes = size;
      return kOk;
    }
    case suit::parameter::kUri: {
      TAILOR_TRY_ASSIGN(const std::string_view uri, reader.take_text());
      for (const uint64_t index : selected_) known_[index].uri = std::string(uri);
      return kOk;
    }
    default:
      TAILOR_TRY(reader.take_item());
      return kOk;
  }
}

Status SequenceWalk::try_each(cbor::Reader& reader, size_t depth) {
  TAILOR_TRY_ASSIGN(const size_t branches, reader.take_array());
  const std::vector<uint64_t> selected = selected_;
  for (size_t i = 0; i < branches; ++i) {
    if (reader.next_is_null()) {
      TAILOR_TRY(reader.take_null());
      continue;
    }
    TAILOR_TRY_ASSIGN(const ByteView branch, reader.take_bytes());
    selected_ = selected;
    TAILOR_TRY(walk(branch, depth + 1));
  }
  selected_ = selected;
  return kOk;
}

void SequenceWalk::fetch() {
  for (const uint64_t index : selected_) {
    const Known& known = known_[index];
    const Payload payload{known.uri, known.digest, known.size_bytes};
    if (known.uri.empty()) continue;
    if (std::find(facts_.payloads.begin(), facts_.payloads.end(), payload) == facts_.payloads.end()) {
      facts_.payloads.push_back(payload);
    }
  }
}

}  // namespace tailor::update_server
