// SPDX-License-Identifier: Apache-2.0
// See sql_text.hpp.
#include "services/store/sql_text.hpp"

namespace tailor::store {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

}  // namespace

NamedSql name_parameters(std::string_view sql) {
  NamedSql named;
  named.text.reserve(sql.size() + 16);
  char quote = 0;
  for (const char c : sql) {
    if (quote != 0) {
      if (c == quote) quote = 0;
      named.text.push_back(c);
    } else if (c == '?') {
      named.text += ":p" + std::to_string(++named.parameters);
    } else {
      if (c == '\'' || c == '"') quote = c;
      named.text.push_back(c);
    }
  }
  return named;
}

const char* begin_statement(Dialect dialect, Access access) {
  if (dialect == Dialect::kSqlite) return access == Access::kWrite ? "BEGIN IMMEDIATE" : "BEGIN";
  return access == Access::kWrite ? "BEGIN ISOLATION LEVEL SERIALIZABLE"
                                  : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
}

std::optional<Dialect> dialect_of(std::string_view url) {
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size()) return Dialect::kSqlite;
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) return Dialect::kPostgres;
  return std::nullopt;
}

std::string sqlite_path(std::string_view url) {
  return std::string(url.substr(kSqlite.size()));
}

}  // namespace tailor::store
