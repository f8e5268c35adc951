// SPDX-License-Identifier: Apache-2.0
#include "authoring/model/sequence.hpp"

namespace tailor::authoring {
namespace {

namespace command = suit::command;
namespace parameter = suit::parameter;

Bytes cbor_ints(const std::vector<int64_t>& values) {
  std::vector<Bytes> items;
  items.reserve(values.size());
  for (const int64_t value : values) items.push_back(cbor_int(value));
  return cbor_array(items);
}

}  // namespace

Bytes cbor_component_id(const ComponentParts& id) {
  std::vector<Bytes> parts;
  for (const Bytes& part : id) parts.push_back(cbor_bytes(part));
  return cbor_array(parts);
}

Parameters& Parameters::set(int64_t label, Bytes value) {
  values_[label] = std::move(value);
  return *this;
}

Parameters& Parameters::vendor(const Uuid& id) {
  return set(parameter::kVendorIdentifier, cbor_bytes(id.view()));
}
Parameters& Parameters::device_class(const Uuid& id) {
  return set(parameter::kClassIdentifier, cbor_bytes(id.view()));
}
Parameters& Parameters::device(const Uuid& id) {
  return set(parameter::kDeviceIdentifier, cbor_bytes(id.view()));
}
Parameters& Parameters::image_digest(const ImageDigest& digest) {
  return set(parameter::kImageDigest, cbor_bytes(cbor_digest(digest)));
}
Parameters& Parameters::image_size(uint64_t bytes) {
  return set(parameter::kImageSize, cbor_unsigned(bytes));
}
Parameters& Parameters::slot(uint64_t slot) {
  return set(parameter::kComponentSlot, cbor_unsigned(slot));
}
Parameters& Parameters::uri(std::string_view uri) {
  return set(parameter::kUri, cbor_text(uri));
}
Parameters& Parameters::source_component(uint64_t index) {
  return set(parameter::kSourceComponent, cbor_unsigned(index));
}
Parameters& Parameters::content(ByteView content) {
  return set(parameter::kContent, cbor_bytes(content));
}
Parameters& Parameters::encryption_info(ByteView info) {
  return set(parameter::kEncryptionInfo, cbor_bytes(info));
}
Parameters& Parameters::invoke_arguments(ByteView arguments) {
  return set(parameter::kInvokeArguments, cbor_bytes(arguments));
}
Parameters& Parameters::fetch_arguments(ByteView arguments) {
  return set(parameter::kFetchArguments, cbor_bytes(arguments));
}
Parameters& Parameters::strict_order(bool strict) {
  return set(parameter::kStrictOrder, cbor_bool(strict));
}
Parameters& Parameters::soft_failure(bool soft) {
  return set(parameter::kSoftFailure, cbor_bool(soft));
}
Parameters& Parameters::use_before(uint64_t seconds) {
  return set(parameter::kUseBefore, cbor_unsigned(seconds));
}
Parameters& Parameters::minimum_battery(uint64_t milliwatt_hours) {
  return set(parameter::kMinimumBattery, cbor_unsigned(milliwatt_hours));
}
Parameters& Parameters::update_priority(int64_t priority) {
  return set(parameter::kUpdatePriority, cbor_int(priority));
}
Parameters& Parameters::version(int64_t comparison, const std::vector<int64_t>& value) {
  return set(parameter::kVersion, cbor_bytes(cbor_array({cbor_int(comparison), cbor_ints(value)})));
}
Parameters& Parameters::wait_info(CborPairs events) {
  return set(parameter::kWaitInfo, cbor_bytes(cbor_map(std::move(events))));
}
Parameters& Parameters::component_metadata(CborPairs metadata) {
  return set(parameter::kComponentMetadata, cbor_bytes(cbor_map(std::move(metadata))));
}

Bytes Parameters::encode() const {
  CborPairs pairs;
  for (const auto& [label, value] : values_) pairs.emplace_back(cbor_int(label), value);
  return cbor_map(std::move(pairs));
}

Sequence& Sequence::add(int64_t label, ByteView argument) {
  const Bytes encoded = cbor_int(label);
  items_.insert(items_.end(), encoded.begin(), encoded.end());
  items_.insert(items_.end(), argument.begin(), argument.end());
  ++commands_;
  return *this;
}

Sequence& Sequence::command(int64_t label, uint64_t policy) {
  return add(label, cbor_unsigned(policy));
}

Sequence& Sequence::set_component_index(uint64_t index) {
  return add(command::kSetComponentIndex, cbor_unsigned(index));
}

Sequence& Sequence::set_component_indices(const std::vector<uint64_t>& indices) {
  std::vector<Bytes> items;
  items.reserve(indices.size());
  for (const uint64_t index : indices) items.push_back(cbor_unsigned(index));
  return add(command::kSetComponentIndex, cbor_array(items));
}

Sequence& Sequence::set_all_components() {
  return add(command::kSetComponentIndex, cbor_bool(true));
}

Sequence& Sequence::override_parameters(const Parameters& parameters) {
  return parameters.empty() ? *this : add(command::kOverrideParameters, parameters.encode());
}

Sequence& Sequence::set_parameters(const Parameters& parameters) {
  return parameters.empty() ? *this : add(command::kSetParameters, parameters.encode());
}

Sequence& Sequence::override_multiple(const std::map<uint64_t, Parameters>& parameters) {
  CborPairs pairs;
  for (const auto& [index, set] : parameters) pairs.emplace_back(cbor_unsigned(index), set.encode());
  return add(command::kOverrideMultiple, cbor_map(std::move(pairs)));
}

Sequence& Sequence::copy_parameters(const std::map<uint64_t, std::vector<int64_t>>& from) {
  CborPairs pairs;
  for (const auto& [index, labels] : from) pairs.emplace_back(cbor_unsigned(index), cbor_ints(labels));
  return add(command::kCopyParameters, cbor_map(std::move(pairs)));
}

Sequence& Sequence::try_each(const std::vector<Sequence>& branches, bool or_nothing) {
  std::vector<Bytes> items;
  items.reserve(branches.size() + 1);
  for (const Sequence& branch : branches) items.push_back(cbor_bytes(branch.encode()));
  if (or_nothing) items.push_back(cbor_null());
  return add(command::kTryEach, cbor_array(items));
}

Sequence& Sequence::run_sequence(const Sequence& inner) {
  return add(command::kRunSequence, cbor_bytes(inner.encode()));
}

Sequence& Sequence::custom(int64_t label, ByteView argument) {
  return add(label, argument);
}

Sequence& Sequence::append(const Sequence& other) {
  items_.insert(items_.end(), other.items_.begin(), other.items_.end());
  commands_ += other.commands_;
  return *this;
}

}  // namespace tailor::authoring
