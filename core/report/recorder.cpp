// SPDX-License-Identifier: Apache-2.0
#include "core/report/recorder.hpp"

#include <algorithm>
#include <cstring>

#include "core/suit/labels.hpp"

namespace tailor::report {
namespace {

constexpr size_t kEntryBytes = 32 + limits::kComponentIdBytes + BoundedRecorder::kMeasuredBytes;

bool asks(const processor::Record& record, uint64_t on_success, uint64_t on_failure) noexcept {
  return (record.policy & (record.result.ok() ? on_success : on_failure)) != 0;
}

bool is_measured(const processor::Record& record) noexcept {
  return record.property != 0 && !record.measured_value.empty() &&
         record.measured_value.size() <= BoundedRecorder::kMeasuredBytes;
}

/// The map {property: value}.
Result<ByteView> put_properties(const processor::Record& record, MutableBytes out) noexcept {
  cbor::Writer writer(out);
  writer.put_map(1).put_int(record.property).put_encoded(record.measured_value);
  return writer.finish();
}

}  // namespace

Record place_of(const processor::Record& record) noexcept {
  Record place;
  for (const uint8_t index : record.manifest) {
    if (!place.manifest.push_back(index, Error::kValueOutOfRange).ok()) break;  // deeper than any processor of ours
  }
  place.section = record.section == 0 ? kSharedSection : record.section;
  place.offset = record.offset;
  place.component = record.component;
  return place;
}

void BoundedRecorder::reset() noexcept {
  used_ = 0;
  count_ = 0;
  dropped_ = 0;
  changed_ = false;
  failure_.reset();
}

Status BoundedRecorder::restore(ByteView records, uint32_t dropped) noexcept {
  reset();
  if (records.size() > bytes_.size()) return Error::kRecordMalformed;
  size_t count = 0;
  for (Entries entries(records); entries.more(); ++count) {
    const bool whole = entries.next_is_record() ? entries.take_record().ok() : entries.take_claims().ok();
    if (!whole) return Error::kRecordMalformed;
  }
  std::copy(records.begin(), records.end(), bytes_.begin());
  used_ = records.size();
  count_ = count;
  dropped_ = dropped;
  return kOk;
}

void BoundedRecorder::record(const processor::Record& record) noexcept {
  using namespace suit::reporting;
  Record entry = place_of(record);
  std::array<uint8_t, kMeasuredBytes + 8> measured;
  if (is_measured(record)) {
    if (const auto properties = put_properties(record, measured); properties.ok()) entry.properties = *properties;
  }
  if (record.final && !record.result.ok()) {
    Failure failure;
    failure.code = static_cast<int64_t>(record.result.error());
    failure.reason = reason_of(record.result.error());
    failure.record = entry;
    std::copy(entry.properties.begin(), entry.properties.end(), properties_.begin());
    failure.record.properties = ByteView(properties_).first(entry.properties.size());
    failure_ = failure;
    changed_ = true;
  }
  std::array<uint8_t, kEntryBytes> buffer;
  if (asks(record, kRecordOnSuccess, kRecordOnFailure)) {
    cbor::Writer writer(buffer);
    put(writer, entry);
    if (const auto bytes = writer.finish(); bytes.ok()) keep(*bytes);
  }
  if (asks(record, kSystemInfoOnSuccess, kSystemInfoOnFailure) && is_measured(record) && !record.component_id.empty()) {
    cbor::Writer writer(buffer);
    put(writer, Claims{record.component_id, entry.properties.subspan(1), 1});  // without the head of the map
    if (const auto bytes = writer.finish(); bytes.ok()) keep(*bytes);
  }
}

void BoundedRecorder::keep(ByteView entry) noexcept {
  if (has(entry)) return;
  changed_ = true;
  if (entry.size() > bytes_.size()) {
    ++dropped_;
    return;
  }
  while (used_ + entry.size() > bytes_.size()) drop_oldest();
  std::copy(entry.begin(), entry.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(used_));
  used_ += entry.size();
  ++count_;
}

bool BoundedRecorder::has(ByteView entry) const noexcept {
  for (cbor::Reader reader(records()); !reader.at_end();) {
    const Result<ByteView> item = reader.take_item();
    if (!item.ok()) return false;
    if (equal(*item, entry)) return true;
  }
  return false;
}

void BoundedRecorder::drop_oldest() noexcept {
  cbor::Reader reader(records());
  const Result<ByteView> oldest = reader.take_item();
  const size_t size = oldest.ok() ? oldest->size() : used_;
  std::memmove(bytes_.data(), bytes_.data() + size, used_ - size);
  used_ -= size;
  --count_;
  ++dropped_;
}

}  // namespace tailor::report
