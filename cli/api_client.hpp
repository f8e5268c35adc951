// SPDX-License-Identifier: Apache-2.0
// The update server's operator API as commands use it: JSON in, JSON out, failures in the server's own words.
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "cli/profile.hpp"
#include "cli/session.hpp"
#include "net/http/client.hpp"

namespace tailor::cli {

/// Names and values of a query; empty values are left out.
using Query = std::vector<std::pair<std::string, std::string>>;

class ApiClient {
 public:
  /// Opens the profile that the session names. Connects at the first request.
  [[nodiscard]] static Outcome<ApiClient> open(const Session& session);

  [[nodiscard]] Outcome<Json> get(const std::string& path, const Query& query = {}) const;
  /// Follows the cursors of a list to its end, or to `limit` items (0: no limit), and gives one list.
  [[nodiscard]] Outcome<Json> get_all(const std::string& path, Query query, size_t limit) const;
  /// @param idempotency_key  the server does the work once for all requests with this key
  [[nodiscard]] Outcome<Json> post(const std::string& path, const Json& body,
                                   const std::string& idempotency_key = {}) const;
  /// Sends a file as the body.
  [[nodiscard]] Outcome<Json> upload(const std::string& path, const std::filesystem::path& file,
                                     const std::string& content_type, const Query& query,
                                     const std::function<void(uint64_t sent, uint64_t size)>& progress) const;
  /// The body as it came: for envelopes.
  [[nodiscard]] Outcome<std::string> get_octets(const std::string& path) const;

 private:
  explicit ApiClient(http::Client client, std::string url) : client_(std::move(client)), url_(std::move(url)) {}
  [[nodiscard]] Outcome<http::Response> send(const http::ClientRequest& request) const;

  http::Client client_;
  std::string url_;
};

/// A member of a JSON object as text for a table: "-" when it is absent or null.
[[nodiscard]] std::string cell(const Json& object, const char* member);
/// An update state for a table, with what it waits for: "awaiting-trigger (an operator's trigger)".
[[nodiscard]] std::string state_in_words(const Json& object, const char* member);
/// Writes an object's members, one a line, nested ones as JSON.
void write_members(std::ostream& out, const Json& object);

}  // namespace tailor::cli
