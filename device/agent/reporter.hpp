// SPDX-License-Identifier: Apache-2.0
// Reports that wait to be acknowledged, with a mark for each server that has not got them yet: in flash, and one in
// memory, for what happens again after a restart anyway. Knows no CoAP.
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

/// Bytes for the report in memory. One that is longer goes without its SUIT_Report.
#ifndef TAILOR_AGENT_MEMORY_REPORT_BYTES
#define TAILOR_AGENT_MEMORY_REPORT_BYTES kReportBytes
#endif
inline constexpr size_t kMemoryReportBytes = TAILOR_AGENT_MEMORY_REPORT_BYTES;
static_assert(kMemoryReportBytes >= kReportBytes - kSealedReportBytes - 4);

/// Where a report waits.
enum class Keep : uint8_t {
  kInFlash,   ///< it outlives restarts
  kInMemory,  ///< it is lost with power, and when the next of its kind comes: costs no flash
};

class Reporter {
 public:
  /// Numbers that are set apart with one record, so that giving them out writes nothing.
  static constexpr uint64_t kReservedNumbers = 65536;

  explicit Reporter(storage::RecordStore& store) noexcept : store_(store) {}

  /// Reads which reports wait, after a start.
  [[nodiscard]] Status load() noexcept;

  /// Gives a report its number and keeps it for `servers`. When every place in flash is taken the oldest report gives
  /// way: a server that was away learns the latest states.
  [[nodiscard]] Status add(update::Report& report, ServerSet servers, Keep keep) noexcept;
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
  static constexpr size_t kPlacesInFlash = record::kReportSlots;
  static constexpr size_t kInMemory = kPlacesInFlash;  ///< the place behind those in flash

  [[nodiscard]] static record::RecordId record_of(size_t place) noexcept {
    return static_cast<record::RecordId>(record::kReport + place);
  }
  [[nodiscard]] Status reserve() noexcept;
  [[nodiscard]] size_t free_or_oldest_in_flash() const noexcept;
  [[nodiscard]] Status write(const update::Report& report, ServerSet servers, size_t place) noexcept;
  [[nodiscard]] Status remember(update::Report& report) noexcept;
  /// Notes which servers still want a report; with none its place is free.
  [[nodiscard]] Status mark(size_t place, ServerSet servers) noexcept;

  storage::RecordStore& store_;
  uint64_t last_number_ = 0;
  uint64_t reserved_ = 0;  ///< numbers up to this one have been set apart since the start
  struct Waiting {
    uint64_t number = 0;
    ServerSet servers = 0;
  };
  std::array<Waiting, kPlacesInFlash + 1> waiting_{};
  std::array<uint8_t, kMemoryReportBytes> memory_{};
  size_t memory_bytes_ = 0;
};

}  // namespace tailor::agent
