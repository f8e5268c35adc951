// SPDX-License-Identifier: Apache-2.0
// What must be said to SQLite outside of a transaction and of the pool: copying a database file and checking one.
#pragma once

#include <string>

#include "hosted/failure.hpp"

namespace tailor::store {

/// Writes one consistent state of `database_path`, also while others write to it, to the new file `copy`.
[[nodiscard]] Outcome<void> vacuum_into(const std::string& database_path, const std::string& copy);

/// @returns kRecordMalformed unless `path` is a database that passes SQLite's own integrity check
[[nodiscard]] Outcome<void> check_sqlite_file(const std::string& path);

}  // namespace tailor::store
