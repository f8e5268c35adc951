// SPDX-License-Identifier: Apache-2.0
#include "core/suit/encoder/sequence_writer.hpp"

#include "core/suit/digest.hpp"

namespace tailor::suit {

cbor::Writer& SequenceWriter::label(int64_t label) noexcept {
  ++commands_;
  return writer_.put_int(label);
}

SequenceWriter& SequenceWriter::command(int64_t which, uint64_t policy) noexcept {
  label(which).put_unsigned(policy);
  return *this;
}

SequenceWriter& SequenceWriter::set_component_index(uint64_t index) noexcept {
  label(command::kSetComponentIndex).put_unsigned(index);
  return *this;
}

SequenceWriter& SequenceWriter::set_component_indices(std::span<const uint64_t> indices) noexcept {
  label(command::kSetComponentIndex).put_array(indices.size());
  for (const uint64_t index : indices) writer_.put_unsigned(index);
  return *this;
}

SequenceWriter& SequenceWriter::set_all_components() noexcept {
  label(command::kSetComponentIndex).put_bool(true);
  return *this;
}

SequenceWriter& SequenceWriter::put_parameters(int64_t which, const Parameters& given) noexcept {
  label(which);
  const size_t map = writer_.open();
  size_t pairs = 0;
  const auto put = [&](int64_t key) -> cbor::Writer& {
    ++pairs;
    return writer_.put_int(key);
  };
  // Ascending, as deterministic encoding wants it.
  if (given.vendor) put(parameter::kVendorIdentifier).put_bytes(given.vendor->view());
  if (given.device_class) put(parameter::kClassIdentifier).put_bytes(given.device_class->view());
  if (given.digest) {
    put(parameter::kImageDigest);
    const size_t digest = writer_.open();
    put_digest(writer_, *given.digest).close_bytes(digest);
  }
  if (given.use_before) put(parameter::kUseBefore).put_unsigned(*given.use_before);
  if (given.slot) put(parameter::kComponentSlot).put_unsigned(*given.slot);
  if (given.strict_order) put(parameter::kStrictOrder).put_bool(*given.strict_order);
  if (given.soft_failure) put(parameter::kSoftFailure).put_bool(*given.soft_failure);
  if (given.image_size) put(parameter::kImageSize).put_unsigned(*given.image_size);
  if (given.content) put(parameter::kContent).put_bytes(*given.content);
  if (given.encryption_info) put(parameter::kEncryptionInfo).put_bytes(*given.encryption_info);
  if (given.uri) put(parameter::kUri).put_text(*given.uri);
  if (given.source_component) put(parameter::kSourceComponent).put_unsigned(*given.source_component);
  if (given.invoke_arguments) put(parameter::kInvokeArguments).put_bytes(*given.invoke_arguments);
  if (given.device) put(parameter::kDeviceIdentifier).put_bytes(given.device->view());
  if (given.fetch_arguments) put(parameter::kFetchArguments).put_bytes(*given.fetch_arguments);
  if (given.minimum_battery) put(parameter::kMinimumBattery).put_unsigned(*given.minimum_battery);
  if (given.update_priority) put(parameter::kUpdatePriority).put_int(*given.update_priority);
  if (given.version) put(parameter::kVersion).put_bytes(*given.version);
  if (given.wait_info) put(parameter::kWaitInfo).put_bytes(*given.wait_info);
  if (given.component_metadata) put(parameter::kComponentMetadata).put_bytes(*given.component_metadata);
  writer_.close(map, cbor::Type::kMap, pairs);
  return *this;
}

SequenceWriter& SequenceWriter::try_each(std::span<const ByteView> sequences, bool or_nothing) noexcept {
  label(command::kTryEach).put_array(sequences.size() + (or_nothing ? 1U : 0U));
  for (const ByteView sequence : sequences) writer_.put_bytes(sequence);
  if (or_nothing) writer_.put_null();
  return *this;
}

SequenceWriter& SequenceWriter::run_sequence(ByteView sequence) noexcept {
  label(command::kRunSequence).put_bytes(sequence);
  return *this;
}

Result<ByteView> SequenceWriter::finish() noexcept {
  return writer_.close(0, cbor::Type::kArray, commands_ * 2).finish();
}

}  // namespace tailor::suit
