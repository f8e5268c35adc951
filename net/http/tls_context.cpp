// SPDX-License-Identifier: Apache-2.0
// TLS 1.2 and 1.3 without session resumption: a resumed session would let a certificate in that was revoked or ran out
// since, and operators' connections are few.
#include "net/http/tls_context.hpp"

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <string>

namespace tailor::http {
namespace {

namespace ssl = boost::asio::ssl;

boost::asio::const_buffer buffer_of(std::string_view text) {
  return {text.data(), text.size()};
}

Outcome<void> load_own(ssl::context& context, std::string_view certificate_pem, const SecretString& key_pem) {
  boost::system::error_code error;
  context.use_certificate_chain(buffer_of(certificate_pem), error);
  if (error) return fail(Error::kDerMalformed, "TLS certificate: " + error.message());
  context.use_private_key(buffer_of(key_pem.reveal()), ssl::context::pem, error);
  if (error) return fail(Error::kDerMalformed, "TLS private key: " + error.message());
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    return fail(Error::kDerMalformed, "TLS private key does not belong to the certificate");
  }
  return kOk;
}

Outcome<void> load_anchors(ssl::context& context, std::string_view anchors_pem) {
  boost::system::error_code error;
  context.add_certificate_authority(buffer_of(anchors_pem), error);
  if (error) return fail(Error::kDerMalformed, "TLS anchors: " + error.message());
  return kOk;
}

TlsContext make_base(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(native, 0);
  return context;
}

}  // namespace

Outcome<TlsContext> make_context(const ServerTls& tls) {
  TlsContext context = make_base(ssl::context::tls_server);
  TAILOR_TRY(load_own(*context, tls.certificate_pem, tls.key_pem));
  if (tls.client_certificate == ClientCertificate::kNone) return context;
  TAILOR_TRY(load_anchors(*context, tls.client_anchors_pem));
  int mode = SSL_VERIFY_PEER;
  if (tls.client_certificate == ClientCertificate::kRequired) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  context->set_verify_mode(mode);
  return context;
}

Outcome<TlsContext> make_context(const ClientTls& tls) {
  TlsContext context = make_base(ssl::context::tls_client);
  context->set_verify_mode(ssl::verify_peer);
  if (!tls.anchors_pem.empty()) TAILOR_TRY(load_anchors(*context, tls.anchors_pem));
  if (!tls.certificate_pem.empty()) TAILOR_TRY(load_own(*context, tls.certificate_pem, tls.key_pem));
  return context;
}

}  // namespace tailor::http
