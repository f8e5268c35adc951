// SPDX-License-Identifier: Apache-2.0
// See paging.hpp.
#include "services/update/api/paging.hpp"

#include <charconv>

namespace tailor::update_server {

Outcome<size_t> limit_of(const http::Request& request) {
  const std::optional<std::string> text = request.query_value("limit");
  if (!text) return kDefaultLimit;
  size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit < 1 || limit > kMaxLimit) {
    return fail(Error::kUsageInvalid, "limit is 1 to " + std::to_string(kMaxLimit));
  }
  return limit;
}

Failure bad_cursor() {
  return fail(Error::kUsageInvalid, "cursor is not one of this list");
}

Outcome<std::string> cursor_of(const http::Request& request) {
  const std::optional<std::string> text = request.query_value("cursor");
  if (!text || text->empty()) return std::string();
  const Outcome<Bytes> key = from_base64url(*text);
  if (!key.ok() || key.value().empty()) return bad_cursor();
  return std::string(as_text(key.value()));
}

std::string make_cursor(const std::string& key) {
  return to_base64url(as_bytes(key));
}

Outcome<std::optional<Uuid>> uuid_cursor(const std::string& cursor) {
  if (cursor.empty()) return std::optional<Uuid>();
  const auto id = Uuid::from_text(cursor);
  if (!id.ok()) return bad_cursor();
  return std::optional<Uuid>(id.value());
}

Outcome<std::optional<Digest>> digest_cursor(const std::string& cursor) {
  if (cursor.empty()) return std::optional<Digest>();
  const Outcome<Digest> digest = digest_from_text(cursor);
  if (!digest.ok()) return bad_cursor();
  return std::optional<Digest>(digest.value());
}

Outcome<std::optional<uint64_t>> number_cursor(const std::string& cursor) {
  if (cursor.empty()) return std::optional<uint64_t>();
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
  if (error != std::errc() || end != cursor.data() + cursor.size()) return bad_cursor();
  return std::optional<uint64_t>(number);
}

}  // namespace tailor::update_server
