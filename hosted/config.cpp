// SPDX-License-Identifier: Apache-2.0
// The TOML reader over toml++, whose types stay in this file.
#include "hosted/config.hpp"

// toml++ 3.3 asserts what a malformed file can break ("[/a]"), and takes it for granted with NDEBUG. Here an assertion
// is one more way to refuse a file.
#include <algorithm>
#include <stdexcept>
[[noreturn]] static void refuse_toml() {
  throw std::runtime_error("table header is malformed");
}
#undef NDEBUG
#define TOML_ASSERT(expression)       \
  do {                                \
    if (!(expression)) refuse_toml(); \
  } while (false)
#include <toml++/toml.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "hosted/file.hpp"
#include "hosted/json_error.hpp"

namespace tailor {

struct Config::Document {
  toml::table root;
  std::string source;
  std::filesystem::path folder;
  std::set<const toml::node*> asked;
  std::optional<Failure> first_error;

  void error(uint32_t line, const std::string& reason) {
    if (first_error) return;
    first_error = fail(Error::kConfigMalformed, place(line) + reason);
  }

  /// "file:line: "; what came from JSON has no lines.
  [[nodiscard]] std::string place(uint32_t line) const {
    return source + (line == 0 ? ": " : ":" + std::to_string(line) + ": ");
  }

  const toml::node* find(const void* table, std::string_view key) {
    if (table == nullptr) return nullptr;
    const toml::node* node = static_cast<const toml::table*>(table)->get(key);
    if (node != nullptr) asked.insert(node);
    return node;
  }

  /// Finds the first key, in the order of the file, that nobody asked for.
  void check_asked(const toml::table& table, const std::string& prefix, std::optional<Failure>& out,
                   uint32_t& line) const {
    for (auto&& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      if (!asked.contains(&node)) {
        const uint32_t here = key.source().begin.line;
        if (!out || here < line) {
          out = fail(Error::kConfigMalformed, place(here) + "unknown key " + name);
          line = here;
        }
        continue;
      }
      if (const auto* inner = node.as_table()) check_asked(*inner, name + ".", out, line);
      if (const auto* array = node.as_array()) {
        for (auto&& element : *array) {
          if (const auto* inner = element.as_table()) check_asked(*inner, name + ".", out, line);
        }
      }
    }
  }
};

namespace {

/// Nesting of JSON documents; deeper than any description of ours.
constexpr size_t kJsonDepth = 16;

/// Where a JSON value goes: under a key of a table, or behind the last of an array.
struct Target {
  toml::table* table = nullptr;
  std::string key;
  toml::array* array = nullptr;

  template <typename Value>
  void put(Value&& value) const {
    if (table != nullptr) {
      table->insert(key, std::forward<Value>(value));
    } else {
      array->push_back(std::forward<Value>(value));
    }
  }
};

/// @returns why the value does not go
std::optional<std::string> put_json(const nlohmann::json& value, size_t depth, const Target& target);

std::optional<std::string> fill(toml::table& table, const nlohmann::json& object, size_t depth) {
  for (const auto& [key, value] : object.items()) {
    const auto refused = put_json(value, depth, {.table = &table, .key = key, .array = nullptr});
    if (refused) return key + ": " + *refused;
  }
  return std::nullopt;
}

std::optional<std::string> put_json(const nlohmann::json& value, size_t depth, const Target& target) {
  if (depth == 0) return "too deep";
  if (value.is_string()) {
    target.put(value.get<std::string>());
  } else if (value.is_boolean()) {
    target.put(value.get<bool>());
  } else if (value.is_number_integer() && (!value.is_number_unsigned() || value.get<uint64_t>() <= INT64_MAX)) {
    target.put(value.get<int64_t>());
  } else if (value.is_object()) {
    toml::table inner;
    if (auto refused = fill(inner, value, depth - 1)) return refused;
    target.put(std::move(inner));
  } else if (value.is_array()) {
    toml::array inner;
    for (const nlohmann::json& element : value) {
      auto refused = put_json(element, depth - 1, {.table = nullptr, .key = {}, .array = &inner});
      if (refused) return refused;
    }
    target.put(std::move(inner));
  } else {
    return "neither text, integer, boolean, array nor object";
  }
  return std::nullopt;
}

}  // namespace

Outcome<Config> Config::parse_json(std::string_view text, std::string source, const std::filesystem::path& folder) {
  const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  if (document.is_discarded()) return fail(Error::kConfigMalformed, source + ": " + json_error(text));
  if (!document.is_object()) return fail(Error::kConfigMalformed, source + ": not a JSON object");
  auto made = std::make_shared<Document>();
  if (const auto refused = fill(made->root, document, kJsonDepth)) {
    return fail(Error::kConfigMalformed, source + ": " + *refused);
  }
  made->source = std::move(source);
  made->folder = folder;
  const void* root = &made->root;
  return Config(std::move(made), root, "");
}

Outcome<Config> Config::read_file(const std::filesystem::path& path) {
  TAILOR_TRY_ASSIGN(const std::string text, read_text_file(path));
  TAILOR_TRY_ASSIGN(Config config, parse(text, path.string()));
  config.document_->folder = std::filesystem::absolute(path).parent_path();
  return config;
}

Outcome<Config> Config::parse(std::string_view text, std::string source) {
  // toml++ 3.3 runs into undefined behaviour when it asks whether a letter beyond ASCII is white space.
  const auto foreign =
      std::find_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7f; });
  if (foreign != text.end()) {
    return fail(Error::kConfigMalformed, source + ":" + std::to_string(1 + std::count(text.begin(), foreign, '\n')) +
                                             ": only ASCII is read; in strings write \\uXXXX");
  }
  auto document = std::make_shared<Document>();
  try {
    document->root = toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    return fail(Error::kConfigMalformed,
                source + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description()));
  } catch (const std::exception& error) {
    return fail(Error::kConfigMalformed, source + ": " + error.what());
  }
  document->source = std::move(source);
  const void* root = &document->root;
  return Config(std::move(document), root, "");
}

bool Config::has(std::string_view key) {
  return document_->find(table_, key) != nullptr;
}

std::string Config::text(std::string_view key, std::string_view otherwise) {
  const toml::node* node = document_->find(table_, key);
  if (node == nullptr) return std::string(otherwise);
  if (const auto* value = node->as_string()) return value->get();
  document_->error(node->source().begin.line, prefix_ + std::string(key) + " is not a string");
  return std::string(otherwise);
}

std::string Config::required_text(std::string_view key) {
  const toml::node* node = document_->find(table_, key);
  if (node == nullptr) {
    const uint32_t line = table_ == nullptr ? 1 : static_cast<const toml::table*>(table_)->source().begin.line;
    document_->error(line, "key " + prefix_ + std::string(key) + " is missing");
    return {};
  }
  return text(key, "");
}

int64_t Config::integer(std::string_view key, int64_t otherwise, int64_t min, int64_t max) {
  const toml::node* node = document_->find(table_, key);
  if (node == nullptr) return otherwise;
  const auto* value = node->as_integer();
  if (value == nullptr) {
    document_->error(node->source().begin.line, prefix_ + std::string(key) + " is not an integer");
    return otherwise;
  }
  if (value->get() < min || value->get() > max) {
    document_->error(node->source().begin.line, prefix_ + std::string(key) + " is not between " + std::to_string(min) +
                                                    " and " + std::to_string(max));
    return otherwise;
  }
  return value->get();
}

bool Config::flag(std::string_view key, bool otherwise) {
  const toml::node* node = document_->find(table_, key);
  if (node == nullptr) return otherwise;
  if (const auto* value = node->as_boolean()) return value->get();
  document_->error(node->source().begin.line, prefix_ + std::string(key) + " is not true or false");
  return otherwise;
}

std::vector<std::string> Config::texts(std::string_view key) {
  std::vector<std::string> out;
  const toml::node* node = document_->find(table_, key);
  if (node == nullptr) return out;
  const auto* array = node->as_array();
  if (array == nullptr) {
    document_->error(node->source().begin.line, prefix_ + std::string(key) + " is not an array");
    return out;
  }
  for (auto&& element : *array) {
    if (const auto* value = element.as_string()) {
      out.push_back(value->get());
    } else {
      document_->error(element.source().begin.line, prefix_ + std::string(key) + " holds something that is no string");
    }
  }
  return out;
}

Config Config::table(std::string_view key) {
  const toml::node* node = document_->find(table_, key);
  const toml::table* inner = node == nullptr ? nullptr : node->as_table();
  if (node != nullptr && inner == nullptr) {
    document_->error(node->source().begin.line, prefix_ + std::string(key) + " is not a table");
  }
  return {document_, inner, prefix_ + std::string(key) + "."};
}

std::vector<Config> Config::tables(std::string_view key) {
  std::vector<Config> out;
  const toml::node* node = document_->find(table_, key);
  if (node == nullptr) return out;
  const auto* array = node->as_array();
  if (array == nullptr) {
    document_->error(node->source().begin.line, prefix_ + std::string(key) + " is not an array of tables");
    return out;
  }
  for (auto&& element : *array) {
    if (const auto* inner = element.as_table()) {
      out.push_back(Config(document_, inner, prefix_ + std::string(key) + "."));
    } else {
      document_->error(element.source().begin.line, prefix_ + std::string(key) + " holds something that is no table");
    }
  }
  return out;
}

std::filesystem::path Config::path(std::string_view key, const std::filesystem::path& otherwise) {
  std::filesystem::path value = text(key, otherwise.string());
  if (value.empty() || value.is_absolute() || document_->folder.empty()) return value;
  return document_->folder / value;
}

void Config::refuse(std::string_view key, std::string_view reason) {
  const toml::node* node = document_->find(table_, key);
  const auto* table = static_cast<const toml::table*>(table_);
  const uint32_t otherwise = table == nullptr ? 0 : table->source().begin.line;
  document_->error(node == nullptr ? otherwise : node->source().begin.line,
                   prefix_ + std::string(key) + ": " + std::string(reason));
}

Outcome<void> Config::finish() const {
  if (document_->first_error) return *document_->first_error;
  std::optional<Failure> unknown;
  uint32_t line = 0;
  document_->check_asked(document_->root, "", unknown, line);
  if (unknown) return *unknown;
  return kOk;
}

}  // namespace tailor
