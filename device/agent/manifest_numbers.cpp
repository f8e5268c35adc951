// SPDX-License-Identifier: Apache-2.0
#include "device/agent/manifest_numbers.hpp"

#include <algorithm>

namespace tailor::agent {
namespace {

constexpr uint8_t kRecordVersion = 1;
constexpr size_t kHeadBytes = 4;
constexpr size_t kEntryBytes = 16;

}  // namespace

Result<uint64_t> ManifestNumbers::confirmed(ByteView id) const noexcept {
  TAILOR_TRY_ASSIGN(const boot::ComponentKey key, boot::component_key(id));
  TAILOR_TRY_ASSIGN(const List list, load(record::kManifestNumbers));
  for (const boot::Counter& entry : list) {
    if (entry.component == key) return entry.sequence;
  }
  return uint64_t{0};
}

Status ManifestNumbers::begin() noexcept {
  if (!store_.size_of(record::kStagedNumbers).ok()) return kOk;
  return store_.erase(record::kStagedNumbers);
}

Status ManifestNumbers::stage(ByteView id, uint64_t number) noexcept {
  TAILOR_TRY_ASSIGN(const boot::ComponentKey key, boot::component_key(id));
  TAILOR_TRY_ASSIGN(List staged, load(record::kStagedNumbers));
  TAILOR_TRY(raise(staged, {key, number}));
  TAILOR_TRY(merged(staged));  // confirm() must not fail for room
  Bytes bytes;
  return store_.put(record::kStagedNumbers, encode(staged, bytes));
}

Status ManifestNumbers::confirm() noexcept {
  TAILOR_TRY_ASSIGN(const List staged, load(record::kStagedNumbers));
  if (staged.empty()) return kOk;
  TAILOR_TRY_ASSIGN(const List next, merged(staged));
  Bytes bytes;
  const storage::RecordChange changes[] = {storage::RecordChange::put(record::kManifestNumbers, encode(next, bytes)),
                                           storage::RecordChange::erase(record::kStagedNumbers)};
  return store_.put_batch(changes);
}

Status ManifestNumbers::raise(List& list, const boot::Counter& counter) noexcept {
  for (boot::Counter& entry : list) {
    if (entry.component != counter.component) continue;
    entry.sequence = std::max(entry.sequence, counter.sequence);
    return kOk;
  }
  return list.push_back(counter, Error::kStorageFull);
}

Result<ManifestNumbers::List> ManifestNumbers::merged(const List& staged) const noexcept {
  TAILOR_TRY_ASSIGN(List list, load(record::kManifestNumbers));
  for (const boot::Counter& entry : staged) TAILOR_TRY(raise(list, entry));
  return list;
}

ByteView ManifestNumbers::encode(const List& list, Bytes& bytes) noexcept {
  bytes = {kRecordVersion, static_cast<uint8_t>(list.size())};
  uint8_t* to = bytes.data() + kHeadBytes;
  for (const boot::Counter& entry : list) {
    std::copy(entry.component.bytes.begin(), entry.component.bytes.end(), to);
    put_le<uint64_t>(to + 8, entry.sequence);
    to += kEntryBytes;
  }
  return ByteView(bytes).first(kHeadBytes + kEntryBytes * list.size());
}

Result<ManifestNumbers::List> ManifestNumbers::load(storage::RecordId id) const noexcept {
  Bytes bytes{};
  const Result<ByteView> found = store_.get(id, bytes);
  if (!found.ok() && found.error() == Error::kNotFound) return List{};
  TAILOR_TRY(found);
  if (found->size() < kHeadBytes || bytes[0] != kRecordVersion || bytes[2] != 0 || bytes[3] != 0 ||
      found->size() != kHeadBytes + kEntryBytes * bytes[1]) {
    return Error::kRecordMalformed;
  }
  List list;
  for (const uint8_t* from = bytes.data() + kHeadBytes; from < bytes.data() + found->size(); from += kEntryBytes) {
    boot::Counter entry;
    std::copy_n(from, entry.component.bytes.size(), entry.component.bytes.begin());
    entry.sequence = get_le<uint64_t>(from + 8);
    TAILOR_TRY(list.push_back(entry, Error::kRecordMalformed));
  }
  return list;
}

}  // namespace tailor::agent
