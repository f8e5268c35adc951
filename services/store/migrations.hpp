// SPDX-License-Identifier: Apache-2.0
// Brings a database from any earlier version of a service's schema to the present one. Each step is one transaction, so
// that a process that dies in between leaves a version that the next start continues from.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "services/store/database.hpp"

namespace tailor::store {

/// One step of a schema. A step that has been released is never edited: what it got wrong is a new step.
struct Migration {
  int version = 0;  ///< 1, 2, 3, ... without gaps
  std::string_view name;
  std::vector<std::string_view> sqlite;
  std::vector<std::string_view> postgres;  ///< empty: as for SQLite
};

/// Applies the steps that the table schema_version does not name yet, in order, under a lock.
///
/// @param service  each service counts its own versions
/// @returns kUnsupportedVersion when the database is newer than the program, or was made by an edited step
[[nodiscard]] Outcome<void> migrate(Database& database, std::string_view service, std::span<const Migration> steps);

/// Tells the version that is in force; 0 for a database without that service's tables.
[[nodiscard]] Outcome<int> schema_version(Database& database, std::string_view service);

}  // namespace tailor::store
