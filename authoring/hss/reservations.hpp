// SPDX-License-Identifier: Apache-2.0
// Which signature of a key comes next. A one-time key that signs two messages lets anybody forge a third, so a number
// is taken on the disk, durably and under a lock, before anything is signed with it; a crash wastes numbers and never
// repeats one.
#pragma once

#include <filesystem>

#include "authoring/hss/key_file.hpp"

namespace tailor::authoring {

/// Gives out numbers, each once.
class Reservations {
 public:
  virtual ~Reservations() = default;

  /// Takes the next number: after success no other call, process or restart gets it.
  ///
  /// @returns kKeyExhausted when all are used; - kFileFailed, kDiskFull: nothing may be signed;
  ///          - kRecordMalformed: the state is missing, damaged, or another key's
  [[nodiscard]] virtual Outcome<uint64_t> reserve() = 0;
};

/// Numbers kept in a file beside the key, locked by flock() on the key's own file.
///
/// @note  it does not see a state that was put back from a backup: docs/formats/hss-key.md says what to do then. The
///        lock holds between processes of one machine; on network file systems it is only as good as theirs.
class FileReservations final : public Reservations {
 public:
  /// @param key_path  the key file, which is never rewritten and so can carry the lock
  FileReservations(std::filesystem::path key_path, const crypto::Sha256Digest& key_digest, uint64_t capacity)
      : key_path_(std::move(key_path)), key_digest_(key_digest), capacity_(capacity) {}

  [[nodiscard]] Outcome<uint64_t> reserve() override;

  /// How many are left, without taking one.
  [[nodiscard]] Outcome<uint64_t> left() const;

  /// Writes the state of a new key.
  /// @returns kAlreadyExists when there is a state: it may belong to a key that is in use
  [[nodiscard]] Outcome<void> begin() const;

  [[nodiscard]] static std::filesystem::path state_path(const std::filesystem::path& key_path);

 private:
  [[nodiscard]] Outcome<HssState> read() const;

  std::filesystem::path key_path_;
  crypto::Sha256Digest key_digest_;
  uint64_t capacity_;
};

}  // namespace tailor::authoring
