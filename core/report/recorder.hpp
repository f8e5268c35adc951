// SPDX-License-Identifier: Apache-2.0
// The records of one procedure in fixed memory, as a SUIT_Report wants them: what the manifest's reporting policies ask
// for, and the failure that ended it. When memory is used up the oldest records give way and are counted; the failure
// has a place of its own. Knows no flash: the owner keeps journal() and gives it back.
#pragma once

#include <array>
#include <utility>

#include "core/processor/seams.hpp"
#include "core/report/suit_report.hpp"

namespace tailor::report {

class BoundedRecorder final : public processor::Recorder {
 public:
  BoundedRecorder() = default;
  BoundedRecorder(const BoundedRecorder&) = delete;
  BoundedRecorder& operator=(const BoundedRecorder&) = delete;

  /// Bytes of all records: about twenty with nothing measured, four with a digest each.
  static constexpr size_t kBytes = 192;
  /// Bytes of a measured value that is kept: a SUIT_Digest with SHA-256 in its byte string.
  static constexpr size_t kMeasuredBytes = 40;

  /// Forgets everything.
  void reset() noexcept;
  /// Takes up what was recorded before a restart. Records that come again are not kept twice.
  /// @returns kRecordMalformed, with nothing kept, for what records() never was
  [[nodiscard]] Status restore(ByteView records, uint32_t dropped) noexcept;

  void record(const processor::Record& record) noexcept override;

  /// The encoded elements of suit-report-records.
  [[nodiscard]] ByteView records() const noexcept { return ByteView(bytes_).first(used_); }
  [[nodiscard]] size_t count() const noexcept { return count_; }
  /// Records that had to give way.
  [[nodiscard]] uint32_t dropped() const noexcept { return dropped_; }
  /// The failure that ended the procedure; absent before, and after a success. Views point into the recorder.
  [[nodiscard]] const std::optional<Failure>& failure() const noexcept { return failure_; }
  /// Whether records came since this was asked last.
  [[nodiscard]] bool take_changed() noexcept { return std::exchange(changed_, false); }

 private:
  void keep(ByteView entry) noexcept;
  [[nodiscard]] bool has(ByteView entry) const noexcept;
  void drop_oldest() noexcept;

  std::array<uint8_t, kBytes> bytes_{};
  std::array<uint8_t, kMeasuredBytes + 8> properties_{};  ///< of the failure
  size_t used_ = 0;
  size_t count_ = 0;
  uint32_t dropped_ = 0;
  bool changed_ = false;
  std::optional<Failure> failure_;
};

/// Where a record of the processor stands, in the numbers of a SUIT_Record.
[[nodiscard]] Record place_of(const processor::Record& record) noexcept;

}  // namespace tailor::report
