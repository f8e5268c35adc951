// SPDX-License-Identifier: Apache-2.0
// Copies a database while it is in use, and puts a copy back. SQLite: one file made by VACUUM INTO. PostgreSQL: the
// custom archive of pg_dump, put back by pg_restore; both programs must be installed.
#pragma once

#include <string>

#include "services/store/database.hpp"

namespace tailor::store {

/// Writes one consistent state of the database to a new file, which is on stable storage when this returns.
///
/// @returns kAlreadyExists when `file` exists; kDiskFull; kStoreFailed; kFileFailed. Nothing half-made is left.
[[nodiscard]] Outcome<void> backup(const StoreConfig& config, const std::string& file);

/// Replaces the database by what backup() wrote. No process may have it open.
///
/// @returns kFileFailed when `file` cannot be read; kRecordMalformed when it is no sound backup; the database is
///          untouched by a failure
[[nodiscard]] Outcome<void> restore(const StoreConfig& config, const std::string& file);

}  // namespace tailor::store
