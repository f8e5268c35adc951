// SPDX-License-Identifier: Apache-2.0
// See revocations.hpp.
#include "services/update/api/revocations.hpp"

#include "hosted/file.hpp"
#include "net/http/client.hpp"

namespace tailor::update_server {

Outcome<Bytes> Revocations::read() const {
  if (!source_.starts_with("http://") && !source_.starts_with("https://")) return read_file(source_);
  const size_t host = source_.find("://") + 3;
  const size_t path = source_.find('/', host);
  http::ClientTls tls;
  tls.anchors_pem = anchors_;
  TAILOR_TRY_ASSIGN(const http::Client client, http::Client::create(source_.substr(0, path), std::move(tls)));
  http::ClientRequest request;
  request.target = path == std::string::npos ? "/" : source_.substr(path);
  TAILOR_TRY_ASSIGN(const http::Response response, client.send(request));
  if (response.status != 200) return http::failure_from(response);
  const ByteView body = as_bytes(response.body);
  return Bytes(body.begin(), body.end());
}

Outcome<void> Revocations::refresh() {
  if (source_.empty()) return kOk;
  TAILOR_TRY_ASSIGN(const Bytes list, with_context(read(), "revocation list"));
  TAILOR_TRY(with_context(judge_.take_crl(list), "revocation list"));
  return with_context(policy_.set_revocations(list), "revocation list");
}

}  // namespace tailor::update_server
