// SPDX-License-Identifier: Apache-2.0
// HTTP requests and responses as handlers see them, and problem documents (RFC 9457). No sockets, no TLS, no JSON
// library in this header.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hosted/encoding.hpp"
#include "hosted/failure.hpp"
#include "hosted/secret.hpp"

namespace tailor::http {

/// Header fields in their order; names compare without case (RFC 9110 5.1).
class Fields {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  /// The first value, or nullopt.
  [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method;                                      ///< "GET"
  std::string target;                                      ///< as sent: path and query
  std::vector<std::string> segments;                       ///< path, split at '/' and percent-decoded
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded
  Fields headers;
  std::string body;                 ///< empty when it went to a file
  std::filesystem::path body_file;  ///< the handler may move it away; what is left is removed after the handler
  uint64_t content_length = 0;      ///< bytes of body or body_file
  Bytes peer_certificate;           ///< DER, chain verified against the server's client anchors; empty without one
  std::string remote_address;

  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;
  /// "/v1/devices/x"
  [[nodiscard]] std::string path() const;
};

struct Response {
  unsigned status = 200;
  std::string content_type;  ///< empty: no Content-Type field
  std::string body;
  Fields headers;
};

/// Splits a target into segments and query. @returns kValueOutOfRange for malformed percent-encoding or no leading '/'
[[nodiscard]] Outcome<void> parse_target(std::string_view target, Request& into);

/// Percent-encodes everything but unreserved characters (RFC 3986 2.3): for path segments and query values.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// The problem document of a failure: {type, title, status, detail, error, code} as application/problem+json, with the
/// HTTP status that errors.def gives.
[[nodiscard]] Response problem(const Failure& failure);

/// Reads a problem document back into a Failure; any other body of an error status becomes kPeerRefused.
[[nodiscard]] Failure failure_from(const Response& response);

[[nodiscard]] inline Response json_response(std::string text, unsigned status = 200) {
  return {status, "application/json", std::move(text), {}};
}

struct BasicCredentials {
  std::string user;
  SecretString password;
};
/// Reads "Authorization: Basic" (RFC 7617); nullopt when it is absent or malformed.
[[nodiscard]] std::optional<BasicCredentials> basic_credentials(const Request& request);

}  // namespace tailor::http
