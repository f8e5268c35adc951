// SPDX-License-Identifier: Apache-2.0
// The text side of the two dialects: parameter marks, transaction starts, store URLs. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/store/database.hpp"

namespace tailor::store {

struct NamedSql {
  std::string text;
  size_t parameters = 0;
};

/// Writes each `?` outside of quotes as `:p1`, `:p2`, ... , the form that SOCI takes for both databases.
[[nodiscard]] NamedSql name_parameters(std::string_view sql);

/// SQLite: a writer takes the lock at once, so that it cannot lose a conflict later. PostgreSQL: serializable.
[[nodiscard]] const char* begin_statement(Dialect dialect, Access access);

/// Tells the dialect of a store URL; nothing for a scheme that we do not speak or an empty path.
[[nodiscard]] std::optional<Dialect> dialect_of(std::string_view url);

/// The path of a `sqlite:` URL.
[[nodiscard]] std::string sqlite_path(std::string_view url);

}  // namespace tailor::store
