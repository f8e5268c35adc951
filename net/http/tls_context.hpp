// SPDX-License-Identifier: Apache-2.0
// TLS contexts of server and client, with one policy. Only server.cpp and client.cpp include this: it names Boost.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "net/http/client.hpp"
#include "net/http/server.hpp"

namespace tailor::http {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

/// @returns kDerMalformed when a certificate or key does not load or they do not belong together
[[nodiscard]] Outcome<TlsContext> make_context(const ServerTls& tls);
[[nodiscard]] Outcome<TlsContext> make_context(const ClientTls& tls);

}  // namespace tailor::http
