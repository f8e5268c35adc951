// SPDX-License-Identifier: Apache-2.0
// Reads TOML configuration (or the same as JSON) strictly: a wrong type, a value out of range and a key that nobody
// asked for are errors that name file, line and key. The reader keeps the first error, so that callers ask for
// everything and check once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hosted/failure.hpp"

namespace tailor {

/// A view of one table. Ask for every known key, then call finish() on the object that parse() or read_file() gave.
/// Tables got from it share its error and its list of keys that were asked for.
class Config {
 public:
  /// @returns kNotFound, kFileFailed, or kConfigMalformed with "file:line: reason"
  [[nodiscard]] static Outcome<Config> read_file(const std::filesystem::path& path);
  /// @param source  how errors call the text, usually its file name
  [[nodiscard]] static Outcome<Config> parse(std::string_view text, std::string source);
  /// The same document written as JSON; null and numbers that are no 64-bit integers are refused. Errors have no lines.
  /// @param folder  relative paths are taken from here
  [[nodiscard]] static Outcome<Config> parse_json(std::string_view text, std::string source,
                                                  const std::filesystem::path& folder);

  /// Tells whether a key is there; counts as asking for it.
  [[nodiscard]] bool has(std::string_view key);
  [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise);
  /// Like text(), but a missing key is an error.
  [[nodiscard]] std::string required_text(std::string_view key);
  [[nodiscard]] int64_t integer(std::string_view key, int64_t otherwise, int64_t min, int64_t max);
  [[nodiscard]] bool flag(std::string_view key, bool otherwise);
  /// An array of strings; empty when missing.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);
  /// A sub-table; empty when missing.
  [[nodiscard]] Config table(std::string_view key);
  /// An array of tables ([[key]]); empty when missing.
  [[nodiscard]] std::vector<Config> tables(std::string_view key);
  /// A path; a relative one is taken from the folder of the configuration file.
  [[nodiscard]] std::filesystem::path path(std::string_view key, const std::filesystem::path& otherwise);

  /// Lets the caller refuse a value by its own rule; keeps the place of the key.
  void refuse(std::string_view key, std::string_view reason);

  /// @returns the first error, or kConfigMalformed for the first key that nobody asked for
  [[nodiscard]] Outcome<void> finish() const;

 private:
  struct Document;
  Config(std::shared_ptr<Document> document, const void* table, std::string prefix)
      : document_(std::move(document)), table_(table), prefix_(std::move(prefix)) {}

  std::shared_ptr<Document> document_;
  const void* table_;   ///< a toml::table of the document; nullptr: an absent table
  std::string prefix_;  ///< "a.b." before keys in errors
};

}  // namespace tailor
