// SPDX-License-Identifier: Apache-2.0
#include "core/processor/machine.hpp"

namespace tailor::processor {
namespace {

struct ParameterRow {
  uint8_t label;
  cbor::Type type;
};
// Strict order and soft failure are no parameters of a component; set_parameters in control.cpp takes them.
constexpr ParameterRow kParameters[] = {
    {suit::parameter::kVendorIdentifier, cbor::Type::kBytes},
    {suit::parameter::kClassIdentifier, cbor::Type::kBytes},
    {suit::parameter::kImageDigest, cbor::Type::kBytes},
    {suit::parameter::kComponentSlot, cbor::Type::kUnsigned},
    {suit::parameter::kImageSize, cbor::Type::kUnsigned},
    {suit::parameter::kContent, cbor::Type::kBytes},
    {suit::parameter::kUri, cbor::Type::kText},
    {suit::parameter::kSourceComponent, cbor::Type::kUnsigned},
    {suit::parameter::kInvokeArguments, cbor::Type::kBytes},
    {suit::parameter::kDeviceIdentifier, cbor::Type::kBytes},
};

size_t parameter_index(int64_t label) noexcept {
  size_t index = 0;
  while (index < std::size(kParameters) && kParameters[index].label != label) ++index;
  return index;
}

}  // namespace

void Machine::reset(const suit::AuthenticManifest& manifest) noexcept {
  manifest_ = &manifest;
  components_ = {};
  parameters_ = {};
  selection_ = {};
  depth_ = 0;
  open_ = false;
  awaited_uri = {};
}

Status Machine::find_components() noexcept {
  cbor::Reader ids(manifest().components);
  for (size_t i = 0; i < manifest().component_count; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView id, suit::take_component_id(ids));
    components_[i] = seams_.platform.find_component(id);
    if (components_[i] == nullptr) return Error::kComponentUnknown;
    TAILOR_TRY_ASSIGN(const uint64_t installed, seams_.platform.sequence_number(id));
    if (manifest().sequence_number < installed) return Error::kSequenceNumberTooLow;
  }
  return kOk;
}

Result<Component*> Machine::component_at(uint64_t index) noexcept {
  if (index >= manifest().component_count) return Error::kComponentIndexInvalid;
  return components_[static_cast<size_t>(index)];
}

Status Machine::check_may_write() const noexcept {
  TAILOR_TRY_ASSIGN(const ByteView id, manifest().component(current_));
  return seams_.authorization.permits(manifest_->signers(), id, {});
}

Result<bool> Machine::take_selected(size_t nth) noexcept {
  size_t index = selection_.index;
  if (selection_.list != nullptr) {
    cbor::Reader list(manifest_->bytes_from(selection_.list));
    index = nth;
    size_t count = manifest().component_count;
    if (list.next_is(cbor::Type::kArray)) {
      TAILOR_TRY_ASSIGN(count, list.take_array());
      if (nth < count) {
        for (; nth > 0; --nth) TAILOR_TRY(list.take_unsigned());
        TAILOR_TRY_ASSIGN(const uint64_t listed, list.take_unsigned());
        current_ = static_cast<uint8_t>(listed);
        return true;
      }
    }
    if (nth >= count) return false;
  } else if (nth > 0) {
    return false;
  }
  if (index >= manifest().component_count) return Error::kComponentIndexInvalid;
  current_ = static_cast<uint8_t>(index);
  return true;
}

Status Machine::set_parameter(int64_t label, cbor::Reader& reader) noexcept {
  const size_t index = parameter_index(label);
  if (index == std::size(kParameters)) return Error::kParameterUnsupported;
  static_assert(std::size(kParameters) == kParameterCount);
  if (!reader.next_is(kParameters[index].type)) return Error::kCborWrongType;
  const ptrdiff_t offset = reader.rest().data() - manifest_->region().data();
  if (offset > UINT16_MAX) return Error::kManifestTooLarge;
  TAILOR_TRY_ASSIGN(const ByteView item, reader.take_item());
  if (label == suit::parameter::kImageDigest) {
    TAILOR_TRY_ASSIGN(const ByteView digest, cbor::Reader(item).take_bytes());
    TAILOR_TRY(suit::decode_digest(digest));
  }
  if (label == suit::parameter::kUri && item.size() > limits::kUriBytes) return Error::kValueOutOfRange;
  parameters_[current_][index] = static_cast<uint16_t>(offset);
  return kOk;
}

cbor::Reader Machine::parameter(int64_t label) const noexcept {
  const uint16_t offset = parameters_[current_][parameter_index(label)];
  if (offset == 0) return cbor::Reader({});
  return cbor::Reader(manifest_->bytes_from(manifest_->region().data() + offset));
}

ByteView Machine::string_parameter(int64_t label) const noexcept {
  cbor::Reader reader = parameter(label);
  cbor::Head head;
  if (!cbor::decode_head(reader.rest(), head).ok()) return {};
  return reader.rest().subspan(head.size, static_cast<size_t>(head.argument));
}

Status Machine::enter(ByteView sequence, bool soft_failure) noexcept {
  if (depth_ == frames_.size()) return Error::kCborTooDeep;
  cbor::Reader reader(sequence);
  TAILOR_TRY_ASSIGN(const size_t items, reader.take_array());
  if (items % 2 != 0) return Error::kValueOutOfRange;
  Frame& entered = frames_[depth_++];
  entered = Frame{};
  entered.rest = reader.rest();
  entered.items_left = items;
  entered.outer = selection_;
  entered.soft_failure = soft_failure;
  return kOk;
}

Status Machine::open_content() noexcept {
  if (open_) return kOk;
  TAILOR_TRY(check_may_write());
  Expectation expected;
  if (const ByteView digest = string_parameter(suit::parameter::kImageDigest); !digest.empty()) {
    TAILOR_TRY_ASSIGN(const suit::Digest decoded, suit::decode_digest(digest));
    expected.digest = decoded.bytes;
    expected.algorithm = decoded.algorithm;
  }
  if (cbor::Reader size = parameter(suit::parameter::kImageSize); !size.at_end()) {
    TAILOR_TRY_ASSIGN(const uint64_t bytes, size.take_unsigned());
    if (bytes >= Expectation::kUnknownSize) return Error::kImageTooLarge;
    expected.size = static_cast<uint32_t>(bytes);
  }
  expected_size_ = expected.size;
  TAILOR_TRY_ASSIGN(offset_, component().open(expected));
  open_ = true;
  return kOk;
}

Status Machine::append_content(ByteView bytes) noexcept {
  if (bytes.size() > expected_size_ - offset_) return Error::kImageSizeMismatch;
  TAILOR_TRY(component().write(offset_, bytes));
  offset_ += static_cast<uint32_t>(bytes.size());
  return kOk;
}

Status Machine::finish_content() noexcept {
  if (expected_size_ != Expectation::kUnknownSize && offset_ != expected_size_) return Error::kImageSizeMismatch;
  TAILOR_TRY(component().finish(offset_));
  open_ = false;
  return kOk;
}

}  // namespace tailor::processor
