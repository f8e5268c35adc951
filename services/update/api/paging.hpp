// SPDX-License-Identifier: Apache-2.0
// Keyset cursors and limits of lists. A cursor names the last item that was seen, so that pages neither skip nor repeat
// when items come and go; clients treat it as opaque.
#pragma once

#include <functional>

#include "net/http/message.hpp"
#include "services/update/api/json.hpp"

namespace tailor::update_server {

inline constexpr size_t kDefaultLimit = 100;
inline constexpr size_t kMaxLimit = 1000;

/// Reads ?limit=. @returns kUsageInvalid unless it is 1 to kMaxLimit
[[nodiscard]] Outcome<size_t> limit_of(const http::Request& request);
/// Reads ?cursor=, empty without one. @returns kUsageInvalid for one that this server did not make
[[nodiscard]] Outcome<std::string> cursor_of(const http::Request& request);
[[nodiscard]] std::string make_cursor(const std::string& key);

[[nodiscard]] Failure bad_cursor();
/// Cursors over UUIDs, digests and numbers; nothing for an empty cursor.
[[nodiscard]] Outcome<std::optional<Uuid>> uuid_cursor(const std::string& cursor);
[[nodiscard]] Outcome<std::optional<Digest>> digest_cursor(const std::string& cursor);
[[nodiscard]] Outcome<std::optional<uint64_t>> number_cursor(const std::string& cursor);

/// Writes a page of what was read with limit + 1: the item too many only tells that there is a next page.
template <typename T>
[[nodiscard]] std::string page_of(std::vector<T> items, size_t limit, const std::function<std::string(const T&)>& key) {
  const bool more = items.size() > limit;
  if (more) items.resize(limit);
  std::vector<std::string> texts;
  for (const T& item : items) texts.push_back(to_json(item));
  return page_json(texts, more ? make_cursor(key(items.back())) : std::string());
}

}  // namespace tailor::update_server
