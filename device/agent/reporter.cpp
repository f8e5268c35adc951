// SPDX-License-Identifier: Apache-2.0
// A report's record: which servers still want it (1 byte), its number (8 bytes, big-endian), the encoded report.
#include "device/agent/reporter.hpp"

#include <algorithm>

namespace tailor::agent {
namespace {

constexpr size_t kHeadBytes = 9;
using RecordBytes = std::array<uint8_t, kHeadBytes + kReportBytes>;

void put_be64(uint8_t* to, uint64_t value) noexcept {
  for (size_t i = 0; i < 8; ++i) to[i] = static_cast<uint8_t>(value >> (56 - 8 * i));
}

}  // namespace

Status Reporter::load() noexcept {
  std::array<uint8_t, 8> counter{};
  const Result<ByteView> found = store_.get(record::kReportNumber, counter);
  if (found.ok()) {
    TAILOR_TRY_ASSIGN(last_number_, Cursor(*found).take_be<8>());
  } else if (found.error() != Error::kNotFound) {
    return found.error();
  }
  for (size_t slot = 0; slot < kSlots; ++slot) {
    waiting_[slot] = {};
    RecordBytes bytes{};
    const Result<ByteView> report = store_.get(record_of(slot), bytes);
    if (!report.ok()) continue;  // absent, or damaged: a report lost is no reason not to start
    Cursor cursor(*report);
    TAILOR_TRY_ASSIGN(const uint8_t servers, cursor.take_u8());
    TAILOR_TRY_ASSIGN(const uint64_t number, cursor.take_be<8>());
    waiting_[slot] = {number, servers};
    last_number_ = std::max(last_number_, number);
  }
  return kOk;
}

Status Reporter::add(update::Report& report, ServerSet servers) noexcept {
  report.number = next_number();
  RecordBytes bytes{};
  bytes[0] = servers;
  put_be64(bytes.data() + 1, report.number);
  TAILOR_TRY_ASSIGN(const ByteView encoded, update::encode(report, MutableBytes(bytes).subspan(kHeadBytes)));
  const size_t slot = slot_of(report.number);
  const storage::RecordChange changes[] = {
      storage::RecordChange::put(record::kReportNumber, ByteView{bytes}.subspan(1, 8)),
      storage::RecordChange::put(record_of(slot), ByteView{bytes}.first(kHeadBytes + encoded.size()))};
  TAILOR_TRY(store_.put_batch(changes));
  last_number_ = report.number;
  waiting_[slot] = {report.number, servers};
  return kOk;
}

bool Reporter::waits_for(size_t server) const noexcept {
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [server](const Waiting& waiting) { return (waiting.servers >> server & 1U) != 0; });
}

Result<ByteView> Reporter::oldest_for(size_t server, MutableBytes out, uint64_t& number) noexcept {
  const Waiting* oldest = nullptr;
  for (const Waiting& waiting : waiting_) {
    if ((waiting.servers >> server & 1U) == 0) continue;
    if (oldest == nullptr || waiting.number < oldest->number) oldest = &waiting;
  }
  if (oldest == nullptr) return Error::kNotFound;
  RecordBytes bytes{};
  TAILOR_TRY_ASSIGN(const ByteView found, store_.get(record_of(slot_of(oldest->number)), bytes));
  if (found.size() < kHeadBytes) return Error::kRecordMalformed;
  number = oldest->number;
  return copy_into(out, found.subspan(kHeadBytes));
}

Status Reporter::acknowledge(size_t server, uint64_t number) noexcept {
  const size_t slot = slot_of(number);
  Waiting& waiting = waiting_[slot];
  if (waiting.number != number) return kOk;  // a later report has its place
  return mark(slot, static_cast<ServerSet>(waiting.servers & ~(1U << server)));
}

Status Reporter::readdress(ServerSet servers) noexcept {
  for (size_t slot = 0; slot < kSlots; ++slot) {
    if (waiting_[slot].servers != 0) TAILOR_TRY(mark(slot, servers));
  }
  return kOk;
}

Status Reporter::mark(size_t slot, ServerSet servers) noexcept {
  waiting_[slot].servers = servers;
  if (servers == 0) return store_.erase(record_of(slot));
  RecordBytes bytes{};
  TAILOR_TRY_ASSIGN(const ByteView found, store_.get(record_of(slot), bytes));
  bytes[0] = servers;
  return store_.put(record_of(slot), found);
}

}  // namespace tailor::agent
