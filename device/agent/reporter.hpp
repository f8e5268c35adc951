// SPDX-License-Identifier: Apache-2.0
// Reports that wait to be acknowledged, in flash, with a mark for each server that has not got them yet. Knows no CoAP.
#pragma once

#include "core/update/report.hpp"
#include "device/agent/records.hpp"

namespace tailor::agent {

/// One bit for each server of the list.
using ServerSet = uint8_t;
static_assert(limits::kTrustServers <= 8, "a set of servers is one byte");

/// Bytes of a sealed SUIT_Report that a device makes, at most. When it would be longer, its records and then the
/// capability report are left out; result and reference never.
inline constexpr size_t kSealedReportBytes = 384;
/// Bytes of an encoded report, at most.
inline constexpr size_t kReportBytes = 224 + 4 + kSealedReportBytes;

class Reporter {
 public:
  explicit Reporter(storage::RecordStore& store) noexcept : store_(store) {}

  /// Reads which reports wait, after a start.
  [[nodiscard]] Status load() noexcept;

  /// Gives a report its number and keeps it for `servers`. When every place is taken the oldest report gives way: a
  /// server that was away learns the latest states.
  [[nodiscard]] Status add(update::Report& report, ServerSet servers) noexcept;
  /// The number that the next report will have.
  [[nodiscard]] uint64_t next_number() const noexcept { return last_number_ + 1; }

  /// Whether a report waits for this server.
  [[nodiscard]] bool waits_for(size_t server) const noexcept;
  /// The oldest report that waits for this server, encoded, as read into `out`.
  /// @param number  set to the report's number, for acknowledge()
  /// @returns kNotFound when none does
  [[nodiscard]] Result<ByteView> oldest_for(size_t server, MutableBytes out, uint64_t& number) noexcept;
  /// Sends every report that still waits to `servers`, because the list of servers is another. One that has it drops
  /// it.
  [[nodiscard]] Status readdress(ServerSet servers) noexcept;
  /// The server has taken it, or will never take it.
  [[nodiscard]] Status acknowledge(size_t server, uint64_t number) noexcept;

 private:
  static constexpr size_t kSlots = record::kReportSlots;

  [[nodiscard]] static size_t slot_of(uint64_t number) noexcept { return static_cast<size_t>(number % kSlots); }
  [[nodiscard]] static record::RecordId record_of(size_t slot) noexcept {
    return static_cast<record::RecordId>(record::kReport + slot);
  }

  /// Notes which servers still want a report; with none its place is free.
  [[nodiscard]] Status mark(size_t slot, ServerSet servers) noexcept;

  storage::RecordStore& store_;
  uint64_t last_number_ = 0;
  struct Waiting {
    uint64_t number = 0;
    ServerSet servers = 0;
  };
  std::array<Waiting, kSlots> waiting_{};
};

}  // namespace tailor::agent
