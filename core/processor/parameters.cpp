// SPDX-License-Identifier: Apache-2.0
// Parameters (manifest 8.4.8; update-management 5): what each has to look like, where values are kept, and the
// directives that set them. Parameters belong to a component, whichever manifest of the tree sets them; soft failure
// belongs to the sequence, and strict order to the processor.
#include "core/cbor/map_reader.hpp"
#include "core/processor/commands.hpp"
#include "core/processor/versions.hpp"

namespace tailor::processor {
namespace {

using namespace suit::parameter;

/// Whether the content of a string is what it has to be.
Status check_form(ParameterForm form, ByteView content) noexcept {
  switch (form) {
    case ParameterForm::kUuid:
    case ParameterForm::kVendor:
      return content.size() == sizeof(Uuid) ? Status(kOk) : Status(Error::kValueOutOfRange);
    case ParameterForm::kDigest: {
      suit::Digest digest;
      return suit::decode_digest(content, digest);
    }
    case ParameterForm::kUri:
      return content.size() <= limits::kUriBytes ? Status(kOk) : Status(Error::kValueOutOfRange);
#if TAILOR_SUIT_UPDATE_MANAGEMENT
    case ParameterForm::kVersion: {
      cbor::Reader reader(content);
      TAILOR_TRY(check_version_match(reader));
      return reader.finish();
    }
    case ParameterForm::kWaitInfo:
      return check_wait_info(content);
#endif
    default:
      return kOk;
  }
}

ByteView content_of(ByteView item) noexcept {
  cbor::Head head;
  const bool is_string =
      cbor::decode_head(item, head).ok() && (head.type == cbor::Type::kBytes || head.type == cbor::Type::kText);
  if (!is_string || head.argument > item.size() - head.size) return {};
  return item.subspan(head.size, static_cast<size_t>(head.argument));
}

}  // namespace

uint8_t Machine::row_of(int32_t label) const noexcept {
  uint8_t row = 0;
  for (const ParameterRule& rule : kParameterRules) {
    if (rule.label == label) return row;
    ++row;
  }
#if TAILOR_SUIT_CUSTOM
  if (seams_.custom != nullptr && label < suit::command::kCustomBelow) {
    for (const int64_t custom : seams_.custom->parameters) {
      if (custom == label) return row;
      ++row;
    }
  }
#endif
  return kNoRow;
}

void Machine::check_parameter(int32_t label, cbor::Reader& reader) const noexcept {
  const uint8_t row = row_of(label);
  if (row == kNoRow) return reader.fail(Error::kParameterUnsupported);
#if TAILOR_SUIT_ENCRYPTION
  if (label == kEncryptionInfo && seams_.keys == nullptr) return reader.fail(Error::kParameterUnsupported);
#endif
  if (TAILOR_SUIT_CUSTOM && row >= std::size(kParameterRules)) return reader.item();
  const ParameterRule rule = kParameterRules[row];
  if (rule.form == ParameterForm::kVendor && reader.next_is(cbor::Type::kTag)) {
    // A Private Enterprise Number as a relative OID (RFC 9090).
    reader.require(reader.tag() == suit::kRelativeOidTag, Error::kCborWrongType);
    ByteView pen;
    return reader.bytes(pen);
  }
  if (TAILOR_SUIT_UPDATE_MANAGEMENT && rule.form == ParameterForm::kInteger) {
    reader.integer();
    return;
  }
  reader.require(reader.next_is(rule.type), Error::kCborWrongType);
  ByteView item;
  reader.item(item);
  if (!reader.failed()) reader.fail_with(check_form(rule.form, content_of(item)));
}

void Machine::set_parameter(int32_t label, cbor::Reader& reader, bool keep_present) noexcept {
  const size_t offset = layer().manifest->offset_of(reader.rest().data());
  const uint8_t row = row_of(label);
  reader.item();
  reader.require(offset <= UINT16_MAX, Error::kManifestTooLarge);
  reader.fail_with(check_permitted(node_, Action::Kind::kParameter, label));
  if (reader.failed() || (keep_present && find_value(node_, row) != nullptr)) return;
  reader.fail_with(keep({static_cast<uint16_t>(offset), static_cast<uint8_t>(node_ | layer_ << 4U), row}));
}

Status Machine::keep(const Value& value) noexcept {
  const Value* present = find_value(value.place & 0x0FU, value.row);
  if (present == nullptr) {
    if (value_count_ == values_.size()) return Error::kManifestTooLarge;
    present = &values_[value_count_++];
  }
  *const_cast<Value*>(present) = value;
  return kOk;
}

const Machine::Value* Machine::find_value(uint8_t node, uint8_t row) const noexcept {
  for (size_t i = 0; i < value_count_; ++i) {
    if (values_[i].row == row && (values_[i].place & 0x0FU) == node) return &values_[i];
  }
  return nullptr;
}

bool supports_parameter(int64_t label) noexcept {
  for (const ParameterRule& rule : kParameterRules) {
    if (rule.label == label) return true;
  }
  return label == kStrictOrder || label == kSoftFailure;
}

Status Machine::copy_parameter(int32_t label, uint8_t from_node) noexcept {
  const Value* const source = find_value(from_node, row_of(label));
  if (source == nullptr) return kOk;
  TAILOR_TRY(check_permitted(node_, Action::Kind::kParameter, label));
  return keep({source->offset, static_cast<uint8_t>(node_ | (source->place & 0xF0U)), source->row});
}

ByteView Machine::parameter(ParameterRow row) const noexcept {
  const Value* const value = find_value(node_, row.row);
  if (value == nullptr) return {};
  return layer(value->place >> 4U).manifest->bytes_from(value->offset);
}

ByteView Machine::string_parameter(ParameterRow row) const noexcept {
  return content_of(parameter(row));
}

bool Machine::number_parameter(ParameterRow row, uint64_t& value) const noexcept {
  cbor::Reader reader(parameter(row));
  value = reader.number();
  return !reader.failed();
}

bool Machine::digest_parameter(suit::Digest& digest) const noexcept {
  return suit::decode_digest(string_parameter(kImageDigest), digest).ok();
}

Status Machine::source_parameter(uint8_t& node) const noexcept {
  uint64_t index = 0;
  if (!number_parameter(kSourceComponent, index)) return Error::kParameterMissing;
  // The index belongs to the manifest that set it.
  const Layer& told_by = layer(find_value(node_, ParameterRow(kSourceComponent).row)->place >> 4U);
  if (index > UINT8_MAX || !told_by.has(static_cast<size_t>(index))) return Error::kComponentIndexInvalid;
  node = told_by.nodes[static_cast<size_t>(index)];
  return node == node_ ? Status(Error::kComponentIndexInvalid) : Status(kOk);
}

namespace {

void set_parameters_of(cbor::Reader& argument, Machine& machine, bool keep) noexcept {
  cbor::IntegerMap map(argument);
  for (int32_t label; map.next(label);) {
    if (label == kSoftFailure) {
      machine.frame().soft_failure = argument.boolean();
    } else if (label == kStrictOrder) {
      machine.set_strict_order(argument.boolean());
    } else {
      machine.set_parameter(label, argument, keep);
    }
  }
}

}  // namespace

Step override_parameters(Machine& machine, cbor::Reader& argument) {
  set_parameters_of(argument, machine, false);
  return argument.status();
}

#if TAILOR_SUIT_DEPENDENCIES
Step set_parameters(Machine& machine, cbor::Reader& argument) {
  set_parameters_of(argument, machine, true);
  return argument.status();
}
#endif

#if TAILOR_SUIT_UPDATE_MANAGEMENT
// An alias of set-component-index and override-parameters; the last component stays selected (update-management 6.7).
Step override_multiple(Machine& machine, cbor::Reader& argument) {
  cbor::IntegerMap map(argument);
  for (int32_t index; map.next(index);) {
    TAILOR_TRY(machine.set_current(static_cast<uint32_t>(index)));
    machine.select({0, machine.index()});
    set_parameters_of(argument, machine, false);
  }
  return argument.status();
}

Step copy_parameters(Machine& machine, cbor::Reader& argument) {
  cbor::IntegerMap map(argument);
  for (int32_t index; map.next(index);) {
    TAILOR_TRY(machine.check_index(static_cast<uint32_t>(index)));
    const uint8_t from = machine.layer().nodes[static_cast<size_t>(index)];
    for (size_t labels = argument.array(); labels > 0; --labels) {
      TAILOR_TRY(machine.copy_parameter(argument.label(), from));
    }
  }
  return argument.status();
}
#endif

}  // namespace tailor::processor
