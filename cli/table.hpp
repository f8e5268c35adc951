// SPDX-License-Identifier: Apache-2.0
// Columns of text for people: headings in capitals, two blanks between columns, nothing at the end of a line.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace tailor::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> headings) : rows_{std::move(headings)} {}

  /// Adds a line; cells that are missing at its end are blank.
  /// @pre no more cells than headings
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const noexcept { return rows_.size() == 1; }

  /// Writes headings and lines; control characters from a peer's data are shown as '?', so that no device can write
  /// escape sequences to an operator's terminal.
  void write(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// Replaces control characters (C0, DEL) by '?'; UTF-8 passes.
[[nodiscard]] std::string printable(const std::string& text);

}  // namespace tailor::cli
