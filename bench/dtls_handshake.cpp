// SPDX-License-Identifier: Apache-2.0
// DTLS handshakes a second on one core, server side only: our session beside OpenSSL's, same client, same messages,
// same run. Time is this thread's CPU time inside the server's calls, so that client and wire cost nothing.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "crypto_backends/psa/dtls/session.hpp"
#include "crypto_backends/psa/x509/identity.hpp"
#include "testing/certificates/authority.hpp"

namespace tailor {
namespace {

using namespace literals;
using Bytes = std::vector<uint8_t>;
using testing::Authority;
using testing::Credential;

constexpr auto kPsk = "000102030405060708090a0b0c0d0e0f"_hex;
constexpr auto kSecret = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"_hex;
constexpr auto kAddress = "7f 00 00 01 16 33"_hex;
constexpr auto kCid = "00 01 02 03 04"_hex;
constexpr double kSeconds = 2;  ///< of the server's time, for each row

void demand(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "failed: %s\n", what);
  ERR_print_errors_fp(stderr);
  std::exit(1);
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Owner final : public dtls::SessionHandler {
 public:
  void transmit(ByteView datagram) noexcept override { sent.emplace_back(datagram.begin(), datagram.end()); }
  void on_established() noexcept override {}
  void on_data(ByteView) noexcept override {}
  std::deque<Bytes> sent;
};

/// The measured server's verifier: issuer and profile, as OpenSSL checks the issuer.
class IssuedBy final : public dtls::PeerVerifier {
 public:
  explicit IssuedBy(const Authority& authority) : authority_(authority) {}
  [[nodiscard]] Status verify(std::span<const ByteView> chain) noexcept override {
    const ByteView authorities[] = {authority_.certificate()};
    TAILOR_TRY(x509::verify_peer(chain[0], authorities));
    return kOk;
  }

 private:
  const Authority& authority_;
};

/// The client's, which costs the server nothing.
class AcceptAll final : public dtls::PeerVerifier {
 public:
  [[nodiscard]] Status verify(std::span<const ByteView>) noexcept override { return kOk; }
};

class OneKey final : public dtls::PskSource {
 public:
  [[nodiscard]] Result<ByteView> find(ByteView, MutableBytes out) noexcept override { return copy_into(out, kPsk); }
};

/// A server under measurement: takes datagrams, gives datagrams.
class Server {
 public:
  virtual ~Server() = default;
  virtual void begin() = 0;
  virtual void take(const Bytes& datagram, std::deque<Bytes>& out) = 0;
  [[nodiscard]] virtual bool established() = 0;
};

class OurServer final : public Server {
 public:
  OurServer(const dtls::Settings& settings, const Authority& authority) : verifier_(authority) {
    demand(context_.init(settings).ok(), "our server's context");
  }
  void begin() override {
    session_.reset();
    session_ = std::make_unique<dtls::Session>(context_, owner_, &verifier_);
    demand(session_->accept(kAddress, kCid).ok(), "accept");
  }
  void take(const Bytes& datagram, std::deque<Bytes>& out) override {
    demand(session_->on_datagram(datagram, 1).ok(), "our server's handshake");
    out = std::exchange(owner_.sent, {});
  }
  [[nodiscard]] bool established() override { return session_->established(); }

 private:
  dtls::Context context_;
  IssuedBy verifier_;
  Owner owner_;
  std::unique_ptr<dtls::Session> session_;
};

X509* to_openssl(const Bytes& der) {
  const unsigned char* at = der.data();
  return d2i_X509(nullptr, &at, static_cast<long>(der.size()));
}

EVP_PKEY* to_openssl(const crypto::P256PrivateKey& key) {
  constexpr auto kBefore = "30 31 02 01 01 04 20"_hex;
  constexpr auto kAfter = "a0 0a 06 08 2a 86 48 ce 3d 03 01 07"_hex;
  Bytes der(kBefore.begin(), kBefore.end());
  der.insert(der.end(), key.secret_scalar().begin(), key.secret_scalar().end());
  der.insert(der.end(), kAfter.begin(), kAfter.end());
  const unsigned char* at = der.data();
  return d2i_PrivateKey(EVP_PKEY_EC, nullptr, &at, static_cast<long>(der.size()));
}

/// OpenSSL behind memory buffers; it has no Connection ID.
class OpensslServer final : public Server {
 public:
  OpensslServer(const Credential* own, const Authority* authority) : context_(SSL_CTX_new(DTLS_server_method())) {
    SSL_CTX_set_min_proto_version(context_, DTLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context_, DTLS1_2_VERSION);
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context_, SSL_OP_COOKIE_EXCHANGE | SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET);
    SSL_CTX_set_cookie_generate_cb(context_, [](SSL*, unsigned char* cookie, unsigned* length) {
      *length = 16;
      std::memset(cookie, 7, 16);
      return 1;
    });
    SSL_CTX_set_cookie_verify_cb(context_, [](SSL*, const unsigned char*, unsigned) { return 1; });
    if (own != nullptr) {
      demand(SSL_CTX_set_cipher_list(context_, "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0") == 1, "cipher");
      demand(SSL_CTX_use_certificate(context_, to_openssl(own->certificate)) == 1, "certificate");
      demand(SSL_CTX_use_PrivateKey(context_, to_openssl(own->key)) == 1, "key");
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), to_openssl(authority->certificate()));
      SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    } else {
      demand(SSL_CTX_set_cipher_list(context_, "PSK-AES128-CCM8:@SECLEVEL=0") == 1, "cipher");
      SSL_CTX_set_psk_server_callback(context_, [](SSL*, const char*, unsigned char* key, unsigned) -> unsigned {
        std::memcpy(key, kPsk.data(), kPsk.size());
        return static_cast<unsigned>(kPsk.size());
      });
    }
  }
  ~OpensslServer() override {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  void begin() override {
    SSL_free(ssl_);
    ssl_ = SSL_new(context_);
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in_, -1);
    SSL_set_bio(ssl_, in_, out_);
    DTLS_set_link_mtu(ssl_, 1400);
    SSL_set_accept_state(ssl_);
  }
  void take(const Bytes& datagram, std::deque<Bytes>& out) override {
    BIO_write(in_, datagram.data(), static_cast<int>(datagram.size()));
    const int status = SSL_do_handshake(ssl_);
    demand(status == 1 || SSL_get_error(ssl_, status) == SSL_ERROR_WANT_READ, "OpenSSL's handshake");
    Bytes flight(BIO_ctrl_pending(out_));
    if (flight.empty()) return;
    BIO_read(out_, flight.data(), static_cast<int>(flight.size()));
    out.push_back(std::move(flight));  // records of a flight in one datagram: the client takes up to 4 KiB
  }
  [[nodiscard]] bool established() override { return SSL_is_init_finished(ssl_) == 1; }

 private:
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  BIO* in_ = nullptr;
  BIO* out_ = nullptr;
};

/// Handshakes until the server has used its time. @returns handshakes a second
double measure(Server& server, const dtls::Settings& client_settings) {
  dtls::Context context;
  demand(context.init(client_settings).ok(), "client's context");
  AcceptAll accept_all;
  double used = 0;
  int count = 0;
  while (used < kSeconds) {
    Owner owner;
    dtls::Session client{context, owner, &accept_all};
    double start = cpu_seconds();
    server.begin();
    used += cpu_seconds() - start;
    demand(client.connect(1).ok(), "client's hello");
    while (!owner.sent.empty()) {
      const Bytes datagram = std::move(owner.sent.front());
      owner.sent.pop_front();
      std::deque<Bytes> answers;
      start = cpu_seconds();
      server.take(datagram, answers);
      used += cpu_seconds() - start;
      for (const Bytes& answer : answers) demand(client.on_datagram(answer, 1).ok(), "client's handshake");
    }
    demand(client.established() && server.established(), "handshake");
    ++count;
  }
  return count / used;
}

struct Row {
  const char* mode;
  const char* server;
  double per_second;
};

int run(int argc, char** argv) {
  const char* json = argc == 3 && std::strcmp(argv[1], "--json") == 0 ? argv[2] : nullptr;
  Authority authority;
  const Credential own = authority.issue({.uri = ""});
  const Credential device =
      authority.issue({.uri = testing::peer_uri("device", "2f5ac4b8-7f1c-4a0e-9c1d-000000000001")});
  OneKey key;
  const dtls::Settings psk_client{.side = dtls::Side::kClient, .psk_identity = as_bytes("device"), .psk = kPsk};
  const dtls::Settings certificate_client{
      .side = dtls::Side::kClient, .certificate = device.certificate, .key = &device.key, .verify_peers = true};
  OurServer our_psk{{.side = dtls::Side::kServer, .psk_source = &key, .cookie_secret = kSecret, .own_cid_bytes = 5},
                    authority};
  OurServer our_certificates{{.side = dtls::Side::kServer,
                              .certificate = own.certificate,
                              .key = &own.key,
                              .verify_peers = true,
                              .cookie_secret = kSecret,
                              .own_cid_bytes = 5},
                             authority};
  OpensslServer their_psk{nullptr, nullptr};
  OpensslServer their_certificates{&own, &authority};
  const Row rows[] = {{"psk", "tailor", measure(our_psk, psk_client)},
                      {"psk", "openssl", measure(their_psk, psk_client)},
                      {"mutual certificates", "tailor", measure(our_certificates, certificate_client)},
                      {"mutual certificates", "openssl", measure(their_certificates, certificate_client)}};
  std::printf("DTLS 1.2 handshakes a second of one core, server side, with cookie\n");
  for (const Row& row : rows) std::printf("  %-20s %-8s %8.0f\n", row.mode, row.server, row.per_second);
  if (json != nullptr) {
    std::ofstream file{json};
    file << "[";
    for (const Row& row : rows) {
      file << (&row == rows ? "" : ",") << "\n {\"mode\": \"" << row.mode << "\", \"server\": \"" << row.server
           << "\", \"handshakes_per_second\": " << static_cast<long>(row.per_second) << "}";
    }
    file << "\n]\n";
  }
  return 0;
}

}  // namespace
}  // namespace tailor

int main(int argc, char** argv) {
  return tailor::run(argc, argv);
}
