// SPDX-License-Identifier: Apache-2.0
// A report's record: which servers still want it (1 byte), its number (8 bytes, big-endian), the encoded report. The
// number's record is the highest number that was set apart: after a restart numbers go on behind it.
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
  for (size_t place = 0; place < kPlacesInFlash; ++place) {
    waiting_[place] = {};
    RecordBytes bytes{};
    const Result<ByteView> report = store_.get(record_of(place), bytes);
    if (!report.ok()) continue;  // absent, or damaged: a report lost is no reason not to start
    Cursor cursor(*report);
    TAILOR_TRY_ASSIGN(const uint8_t servers, cursor.take_u8());
    TAILOR_TRY_ASSIGN(const uint64_t number, cursor.take_be<8>());
    waiting_[place] = {number, servers};
    last_number_ = std::max(last_number_, number);
  }
  waiting_[kInMemory] = {};
  reserved_ = last_number_;
  return kOk;
}

Status Reporter::add(update::Report& report, ServerSet servers, Keep keep) noexcept {
  report.number = next_number();
  if (report.number > reserved_) TAILOR_TRY(reserve());
  const size_t place = keep == Keep::kInMemory ? kInMemory : free_or_oldest_in_flash();
  TAILOR_TRY(place == kInMemory ? remember(report) : write(report, servers, place));
  last_number_ = report.number;
  waiting_[place] = {report.number, servers};
  return kOk;
}

Status Reporter::reserve() noexcept {
  std::array<uint8_t, 8> number{};
  put_be64(number.data(), last_number_ + kReservedNumbers);
  TAILOR_TRY(store_.put(record::kReportNumber, number));
  reserved_ = last_number_ + kReservedNumbers;
  return kOk;
}

size_t Reporter::free_or_oldest_in_flash() const noexcept {
  size_t best = 0;
  for (size_t place = 0; place < kPlacesInFlash; ++place) {
    if (waiting_[place].servers == 0) return place;
    if (waiting_[place].number < waiting_[best].number) best = place;
  }
  return best;
}

Status Reporter::write(const update::Report& report, ServerSet servers, size_t place) noexcept {
  RecordBytes bytes{};
  bytes[0] = servers;
  put_be64(bytes.data() + 1, report.number);
  TAILOR_TRY_ASSIGN(const ByteView encoded, update::encode(report, MutableBytes(bytes).subspan(kHeadBytes)));
  return store_.put(record_of(place), ByteView{bytes}.first(kHeadBytes + encoded.size()));
}

Status Reporter::remember(update::Report& report) noexcept {
  waiting_[kInMemory] = {};
  const Result<ByteView> whole = update::encode(report, memory_);
  if (whole.ok()) {
    memory_bytes_ = whole->size();
    return kOk;
  }
  report.suit_report = {};
  TAILOR_TRY_ASSIGN(const ByteView without, update::encode(report, memory_));
  memory_bytes_ = without.size();
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
  const auto place = static_cast<size_t>(oldest - waiting_.data());
  if (place == kInMemory) {
    number = oldest->number;
    return copy_into(out, ByteView(memory_).first(memory_bytes_));
  }
  RecordBytes bytes{};
  TAILOR_TRY_ASSIGN(const ByteView found, store_.get(record_of(place), bytes));
  if (found.size() < kHeadBytes) return Error::kRecordMalformed;
  number = oldest->number;
  return copy_into(out, found.subspan(kHeadBytes));
}

Status Reporter::acknowledge(size_t server, uint64_t number) noexcept {
  for (size_t place = 0; place < waiting_.size(); ++place) {
    const Waiting& waiting = waiting_[place];
    if (waiting.servers == 0 || waiting.number != number) continue;
    return mark(place, static_cast<ServerSet>(waiting.servers & ~(1U << server)));
  }
  return kOk;  // a later report has its place
}

Status Reporter::readdress(ServerSet servers) noexcept {
  for (size_t place = 0; place < waiting_.size(); ++place) {
    if (waiting_[place].servers != 0) TAILOR_TRY(mark(place, servers));
  }
  return kOk;
}

Status Reporter::mark(size_t place, ServerSet servers) noexcept {
  waiting_[place].servers = servers;
  if (place == kInMemory) return kOk;
  if (servers == 0) return store_.erase(record_of(place));
  RecordBytes bytes{};
  TAILOR_TRY_ASSIGN(const ByteView found, store_.get(record_of(place), bytes));
  bytes[0] = servers;
  return store_.put(record_of(place), found);
}

}  // namespace tailor::agent
