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

enum class Form : uint8_t { kAny, kUuid, kVendor, kDigest, kUri, kVersion, kWaitInfo, kInteger };

struct Row {
  int8_t label;
  cbor::Type type;
  Form form;
};
constexpr Row kRows[] = {
    {kVendorIdentifier, cbor::Type::kBytes, Form::kVendor},
    {kClassIdentifier, cbor::Type::kBytes, Form::kUuid},
    {kImageDigest, cbor::Type::kBytes, Form::kDigest},
    {kImageSize, cbor::Type::kUnsigned, Form::kAny},
    {kUri, cbor::Type::kText, Form::kUri},
    {kSourceComponent, cbor::Type::kUnsigned, Form::kAny},
    {kInvokeArguments, cbor::Type::kBytes, Form::kAny},
    {kFetchArguments, cbor::Type::kBytes, Form::kAny},
#if TAILOR_SUIT_WRITE || TAILOR_SUIT_CHECK_CONTENT
    {kContent, cbor::Type::kBytes, Form::kAny},
#endif
#if TAILOR_SUIT_ENCRYPTION
    {kEncryptionInfo, cbor::Type::kBytes, Form::kAny},
#endif
#if TAILOR_SUIT_CONDITIONS
    {kComponentSlot, cbor::Type::kUnsigned, Form::kAny},
    {kDeviceIdentifier, cbor::Type::kBytes, Form::kUuid},
#endif
#if TAILOR_SUIT_UPDATE_MANAGEMENT
    {kUseBefore, cbor::Type::kUnsigned, Form::kAny},
    {kMinimumBattery, cbor::Type::kUnsigned, Form::kAny},
    {kUpdatePriority, cbor::Type::kUnsigned, Form::kInteger},
    {kVersion, cbor::Type::kBytes, Form::kVersion},
    {kWaitInfo, cbor::Type::kBytes, Form::kWaitInfo},
    {kComponentMetadata, cbor::Type::kBytes, Form::kAny},
#endif
};

Status check_form(Form form, ByteView content) noexcept {
  switch (form) {
    case Form::kUuid:
    case Form::kVendor:
      return content.size() == sizeof(Uuid) ? Status(kOk) : Status(Error::kValueOutOfRange);
    case Form::kDigest: {
      const auto digest = suit::decode_digest(content);
      return digest.ok() ? Status(kOk) : Status(digest.error());
    }
    case Form::kUri:
      return content.size() <= limits::kUriBytes ? Status(kOk) : Status(Error::kValueOutOfRange);
#if TAILOR_SUIT_UPDATE_MANAGEMENT
    case Form::kVersion: {
      cbor::Reader reader(content);
      TAILOR_TRY(check_version_match(reader));
      return reader.finish();
    }
    case Form::kWaitInfo:
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

size_t Machine::row_of(int64_t label) const noexcept {
  size_t row = 0;
  while (row < std::size(kRows) && kRows[row].label != label) ++row;
#if TAILOR_SUIT_CUSTOM
  if (row == std::size(kRows) && seams_.custom != nullptr && label < suit::command::kCustomBelow) {
    for (const int64_t custom : seams_.custom->parameters) {
      if (custom == label) break;
      ++row;
    }
    if (row == std::size(kRows) + seams_.custom->parameters.size()) row = SIZE_MAX;
  } else if (row == std::size(kRows)) {
    row = SIZE_MAX;
  }
#endif
  return row;
}

Status Machine::check_parameter(int64_t label, cbor::Reader& reader) const noexcept {
  const size_t row = row_of(label);
  const ByteView before = reader.rest();
#if TAILOR_SUIT_ENCRYPTION
  if (label == kEncryptionInfo && seams_.keys == nullptr) return Error::kParameterUnsupported;
#endif
  if (row < std::size(kRows)) {
    const Row& wanted = kRows[row];
    if (wanted.form == Form::kVendor && reader.next_is(cbor::Type::kTag)) {
      // A Private Enterprise Number as a relative OID (RFC 9090).
      TAILOR_TRY_ASSIGN(const uint64_t tag, reader.take_tag());
      if (tag != suit::kRelativeOidTag) return Error::kCborWrongType;
      TAILOR_TRY(reader.take_bytes());
      return kOk;
    }
    if (wanted.form == Form::kInteger) {
      TAILOR_TRY(reader.take_int());
      return kOk;
    }
    if (!reader.next_is(wanted.type)) return Error::kCborWrongType;
    TAILOR_TRY(reader.take_item());
    if (wanted.form == Form::kAny) return kOk;
    return check_form(wanted.form, content_of(before));
  }
  if (row == SIZE_MAX || !TAILOR_SUIT_CUSTOM) return Error::kParameterUnsupported;
  TAILOR_TRY(reader.take_item());
  return kOk;
}

Status Machine::set_parameter(int64_t label, cbor::Reader& reader, bool keep_present) noexcept {
  const ptrdiff_t offset = reader.rest().data() - layer().manifest->region().data();
  if (offset > UINT16_MAX) return Error::kManifestTooLarge;
  TAILOR_TRY(check_parameter(label, reader));
  TAILOR_TRY(check_permitted(node_, Action::Kind::kParameter, label));
  const size_t row = row_of(label);
  if (keep_present && find_value(node_, row) != nullptr) return kOk;
  return keep({static_cast<uint16_t>(offset), static_cast<uint8_t>(node_ | layer_ << 4U), static_cast<uint8_t>(row)});
}

Status Machine::keep(const Value& value) noexcept {
  Value* present = find_value(value.place & 0x0FU, value.row);
  if (present == nullptr) {
    if (value_count_ == values_.size()) return Error::kManifestTooLarge;
    present = &values_[value_count_++];
  }
  *present = value;
  return kOk;
}

Machine::Value* Machine::find_value(uint8_t node, size_t row) noexcept {
  for (size_t i = 0; i < value_count_; ++i) {
    if (values_[i].row == row && (values_[i].place & 0x0FU) == node) return &values_[i];
  }
  return nullptr;
}

bool supports_parameter(int64_t label) noexcept {
  for (const Row& row : kRows) {
    if (row.label == label) return true;
  }
  return label == kStrictOrder || label == kSoftFailure;
}

bool Machine::knows_parameter(int64_t label) const noexcept {
  const size_t row = row_of(label);
  return row < std::size(kRows) || (TAILOR_SUIT_CUSTOM && row != SIZE_MAX);
}

Status Machine::copy_parameter(int64_t label, uint8_t from_node) noexcept {
  const size_t row = row_of(label);
  const Value* const source = find_value(from_node, row);
  if (source == nullptr) return kOk;
  TAILOR_TRY(check_permitted(node_, Action::Kind::kParameter, label));
  return keep({source->offset, static_cast<uint8_t>(node_ | (source->place & 0xF0U)), source->row});
}

cbor::Reader Machine::parameter(int64_t label) const noexcept {
  const Value* const value = const_cast<Machine*>(this)->find_value(node_, row_of(label));
  if (value == nullptr) return cbor::Reader({});
  const suit::AuthenticManifest& manifest = *layer(value->place >> 4U).manifest;
  return cbor::Reader(manifest.bytes_from(manifest.region().data() + value->offset));
}

ByteView Machine::string_parameter(int64_t label) const noexcept {
  return content_of(parameter(label).rest());
}

bool Machine::number_parameter(int64_t label, uint64_t& value) const noexcept {
  cbor::Head head;
  if (!cbor::decode_head(parameter(label).rest(), head).ok()) return false;
  value = head.argument;
  return true;
}

bool Machine::digest_parameter(suit::Digest& digest) const noexcept {
  const auto decoded = suit::decode_digest(string_parameter(kImageDigest));
  if (!decoded.ok()) return false;
  digest = *decoded;
  return true;
}

Status Machine::source_parameter(uint8_t& node) const noexcept {
  uint64_t index = 0;
  if (!number_parameter(kSourceComponent, index)) return Error::kParameterMissing;
  // The index belongs to the manifest that set it.
  const Value* const value = const_cast<Machine*>(this)->find_value(node_, row_of(kSourceComponent));
  const Layer& told_by = layer(value->place >> 4U);
  if (index > UINT8_MAX || !told_by.has(static_cast<size_t>(index))) return Error::kComponentIndexInvalid;
  node = told_by.nodes[static_cast<size_t>(index)];
  return node == node_ ? Status(Error::kComponentIndexInvalid) : Status(kOk);
}

Status for_each_parameter(cbor::Reader& argument, Machine& machine, bool keep) noexcept {
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(argument));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t label, map.next_key());
    if (label == kSoftFailure || label == kStrictOrder) {
      TAILOR_TRY_ASSIGN(const bool value, argument.take_bool());
      if (label == kStrictOrder) {
        machine.set_strict_order(value);
      } else {
        machine.frame().soft_failure = value;
      }
    } else {
      TAILOR_TRY(machine.set_parameter(label, argument, keep));
    }
  }
  return kOk;
}

Step override_parameters(Machine& machine, cbor::Reader& argument) {
  return for_each_parameter(argument, machine, false);
}

#if TAILOR_SUIT_DEPENDENCIES
Step set_parameters(Machine& machine, cbor::Reader& argument) {
  return for_each_parameter(argument, machine, true);
}
#endif

#if TAILOR_SUIT_UPDATE_MANAGEMENT
// An alias of set-component-index and override-parameters; the last component stays selected (update-management 6.7).
Step override_multiple(Machine& machine, cbor::Reader& argument) {
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(argument));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t index, map.next_key());
    TAILOR_TRY(machine.set_current(static_cast<uint64_t>(index)));
    machine.select({nullptr, machine.index()});
    TAILOR_TRY(for_each_parameter(argument, machine, false));
  }
  return Step::kNext;
}

Step copy_parameters(Machine& machine, cbor::Reader& argument) {
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(argument));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t index, map.next_key());
    TAILOR_TRY(machine.check_index(static_cast<uint64_t>(index)));
    TAILOR_TRY_ASSIGN(size_t labels, argument.take_array());
    for (; labels > 0; --labels) {
      TAILOR_TRY_ASSIGN(const int64_t label, argument.take_int());
      TAILOR_TRY(machine.copy_parameter(label, machine.layer().nodes[static_cast<size_t>(index)]));
    }
  }
  return Step::kNext;
}
#endif

}  // namespace tailor::processor
