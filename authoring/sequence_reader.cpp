// SPDX-License-Identifier: Apache-2.0
#include "authoring/sequence_reader.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/limits.hpp"
#include "core/cbor/map_reader.hpp"
#include "core/suit/digest.hpp"
#include "core/suit/labels.hpp"

namespace tailor::authoring {
namespace {

namespace command = suit::command;
namespace parameter = suit::parameter;

/// Commands of the manifest draft whose argument is a reporting policy and that set nothing.
constexpr int64_t kPlainCommands[] = {
    command::kVendorIdentifier,
    command::kClassIdentifier,
    command::kImageMatch,
    command::kComponentSlot,
    command::kCheckContent,
    command::kAbort,
    command::kWrite,
    command::kFetch,
    command::kCopy,
    command::kInvoke,
    command::kSwap,
    command::kDeviceIdentifier,
};

/// Parameters of the manifest draft that are passed over here.
constexpr int64_t kPlainParameters[] = {
    parameter::kComponentSlot,   parameter::kStrictOrder,     parameter::kSoftFailure,    parameter::kContent,
    parameter::kSourceComponent, parameter::kInvokeArguments, parameter::kFetchArguments, parameter::kDeviceIdentifier,
};

template <size_t N>
bool holds(const int64_t (&list)[N], int64_t value) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

}  // namespace

Outcome<void> SequenceReader::read(ByteView sequence, const std::string& section) {
  where_ = section;
  selected_.assign(1, 0);
  return commands(sequence, 0);
}

Outcome<void> SequenceReader::commands(ByteView sequence, size_t depth) {
  if (depth > limits::kSequenceDepth) return fail(Error::kCborTooDeep, where_ + ": sequences inside sequences");
  cbor::Reader reader(sequence);
  TAILOR_TRY_ASSIGN(const size_t items, here(reader.take_array()));
  if (items % 2 != 0) return fail(Error::kCborMalformed, where_ + ": a command without argument");
  const std::string section = where_;
  for (size_t i = 0; i < items; i += 2) {
    TAILOR_TRY_ASSIGN(const int64_t label, here(reader.take_int()));
    where_ = section + "[" + std::to_string(i) + "]";
    TAILOR_TRY(command(label, reader, depth));
  }
  where_ = section;
  return here(reader.finish());
}

Outcome<void> SequenceReader::command(int64_t label, cbor::Reader& reader, size_t depth) {
  switch (label) {
    case command::kSetComponentIndex:
      return set_index(reader);
    case command::kOverrideParameters:
      return set_parameters(reader);
    case command::kTryEach:
      return try_each(reader, depth);
    case command::kRunSequence: {
      TAILOR_TRY_ASSIGN(const ByteView inner, here(reader.take_bytes()));
      return commands(inner, depth + 1);
    }
    default:
      break;
  }
  if (!holds(kPlainCommands, label)) {
    return fail(Error::kCommandUnsupported, where_ + ": command " + std::to_string(label));
  }
  TAILOR_TRY(here(reader.take_unsigned()));
  if (label == command::kFetch) {
    for (const size_t index : selected_) fetches_.push_back({index, parameters_[index]});
  }
  return kOk;
}

Outcome<void> SequenceReader::set_index(cbor::Reader& reader) {
  selected_.clear();
  if (reader.next_is(cbor::Type::kUnsigned)) {
    TAILOR_TRY_ASSIGN(const uint64_t index, here(reader.take_unsigned()));
    selected_.push_back(index);
  } else if (reader.next_is(cbor::Type::kArray)) {
    TAILOR_TRY_ASSIGN(const size_t count, here(reader.take_array()));
    for (size_t i = 0; i < count; ++i) {
      TAILOR_TRY_ASSIGN(const uint64_t index, here(reader.take_unsigned()));
      selected_.push_back(index);
    }
  } else {
    TAILOR_TRY_ASSIGN(const bool all, here(reader.take_bool()));
    if (!all) return fail(Error::kComponentIndexInvalid, where_ + ": component index false");
    selected_.resize(parameters_.size());
    std::iota(selected_.begin(), selected_.end(), size_t{0});
  }
  for (const size_t index : selected_) {
    if (index >= parameters_.size()) {
      return fail(Error::kComponentIndexInvalid, where_ + ": component " + std::to_string(index));
    }
  }
  return kOk;
}

Outcome<void> SequenceReader::set_parameters(cbor::Reader& reader) {
  Parameters set;
  TAILOR_TRY_ASSIGN(cbor::MapReader map, here(cbor::MapReader::open(reader)));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t key, here(map.next_key()));
    TAILOR_TRY(set_parameter(key, reader, set));
  }
  for (const size_t index : selected_) {
    Parameters& component = parameters_[index];
    if (set.vendor) component.vendor = set.vendor;
    if (set.device_class) component.device_class = set.device_class;
    if (set.digest) component.digest = set.digest;
    if (set.size_bytes) component.size_bytes = set.size_bytes;
    if (!set.uri.empty()) component.uri = set.uri;
  }
  return kOk;
}

Outcome<void> SequenceReader::set_parameter(int64_t key, cbor::Reader& reader, Parameters& out) {
  switch (key) {
    case parameter::kVendorIdentifier:
    case parameter::kClassIdentifier: {
      TAILOR_TRY_ASSIGN(const ByteView bytes, here(reader.take_bytes()));
      TAILOR_TRY_ASSIGN(const Uuid uuid, here(Uuid::from_bytes(bytes)));
      (key == parameter::kVendorIdentifier ? out.vendor : out.device_class) = uuid;
      return kOk;
    }
    case parameter::kImageDigest: {
      TAILOR_TRY_ASSIGN(const ByteView encoded, here(reader.take_bytes()));
      TAILOR_TRY_ASSIGN(const suit::Digest digest, here(suit::decode_digest(encoded)));
      if (digest.algorithm != crypto::HashAlgorithm::kSha256) return fail(Error::kAlgorithmUnsupported, where_);
      crypto::Sha256Digest copy{};
      std::copy(digest.bytes.begin(), digest.bytes.end(), copy.begin());
      out.digest = copy;
      return kOk;
    }
    case parameter::kImageSize: {
      TAILOR_TRY_ASSIGN(const uint64_t size, here(reader.take_unsigned()));
      out.size_bytes = size;
      return kOk;
    }
    case parameter::kUri: {
      TAILOR_TRY_ASSIGN(const std::string_view uri, here(reader.take_text()));
      out.uri = uri;
      return kOk;
    }
    default:
      break;
  }
  if (!holds(kPlainParameters, key)) {
    return fail(Error::kParameterUnsupported, where_ + ": parameter " + std::to_string(key));
  }
  TAILOR_TRY(here(reader.take_item()));
  return kOk;
}

Outcome<void> SequenceReader::try_each(cbor::Reader& reader, size_t depth) {
  TAILOR_TRY_ASSIGN(const size_t branches, here(reader.take_array()));
  for (size_t i = 0; i < branches; ++i) {
    if (reader.next_is_null()) {
      TAILOR_TRY(here(reader.take_null()));
      continue;
    }
    TAILOR_TRY_ASSIGN(const ByteView branch, here(reader.take_bytes()));
    TAILOR_TRY(commands(branch, depth + 1));
  }
  return kOk;
}

}  // namespace tailor::authoring
