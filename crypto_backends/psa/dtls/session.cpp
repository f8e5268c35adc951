// SPDX-License-Identifier: Apache-2.0
#define MBEDTLS_ALLOW_PRIVATE_ACCESS  // in_window_top, in_offt and state have no accessor
#include "crypto_backends/psa/dtls/session.hpp"

#include <algorithm>
#include <memory>

namespace tailor::dtls {

/// What Mbed TLS calls back; all of it finds its session through the context pointer.
struct Session::Hooks {
  static Session& of(void* context) noexcept { return *static_cast<Session*>(context); }

  static int transmit(void* context, const unsigned char* data, size_t length) {
    of(context).handler_.transmit({data, length});
    return static_cast<int>(length);
  }

  static int receive(void* context, unsigned char* out, size_t length) {
    Session& session = of(context);
    const ByteView datagram = session.incoming_;
    session.incoming_ = {};
    if (datagram.empty() || datagram.size() > length) return MBEDTLS_ERR_SSL_WANT_READ;
    std::copy(datagram.begin(), datagram.end(), out);
    return static_cast<int>(datagram.size());
  }

  static void set_timer(void* context, uint32_t intermediate_ms, uint32_t final_ms) {
    Session& session = of(context);
    session.timer_intermediate_ = final_ms == 0 ? kNever : session.now_ + intermediate_ms;
    session.timer_final_ = final_ms == 0 ? kNever : session.now_ + final_ms;
  }

  static int get_timer(void* context) {
    const Session& session = of(context);
    if (session.timer_final_ == kNever) return -1;
    if (session.now_ >= session.timer_final_) return 2;
    return session.now_ >= session.timer_intermediate_ ? 1 : 0;
  }

  static int verify(void* context, mbedtls_x509_crt* certificate, int depth, uint32_t* flags) {
    *flags = 0;  // what Mbed TLS found is not asked: it knows no authority and no time
    if (depth != 0) return 0;
    Session& session = of(context);
    std::array<ByteView, kChainCertificates> chain;
    size_t count = 0;
    for (const mbedtls_x509_crt* one = certificate; one != nullptr && count < chain.size(); one = one->next) {
      chain[count++] = {one->raw.p, one->raw.len};
    }
    const Status verdict = session.verifier_ != nullptr
                               ? session.verifier_->verify(std::span<const ByteView>{chain}.first(count))
                               : Status{Error::kCertificateInvalid};
    if (verdict.ok()) {
      session.proof_ = PeerProof::kCertificate;
      return 0;
    }
    session.verdict_ = verdict.error();
    switch (verdict.error()) {
      case Error::kCertificateExpired:
        *flags = MBEDTLS_X509_BADCERT_EXPIRED;
        break;
      case Error::kCertificateRevoked:
        *flags = MBEDTLS_X509_BADCERT_REVOKED;
        break;
      case Error::kCertificateInvalid:
        *flags = MBEDTLS_X509_BADCERT_NOT_TRUSTED;
        break;
      default:
        *flags = MBEDTLS_X509_BADCERT_OTHER;
    }
    return 0;
  }
};

#if TAILOR_DTLS_SERVER
// The first argument is the source's, shared by all sessions; the session hangs on the context.
int Context::find_psk(void* source, mbedtls_ssl_context* ssl, const unsigned char* identity, size_t length) {
  Session& session = Session::Hooks::of(mbedtls_ssl_get_user_data_p(ssl));
  if (length > kPskIdentityBytes) return MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
  std::array<uint8_t, kPskBytes> memory{};
  const auto key = static_cast<PskSource*>(source)->find({identity, length}, memory);
  int status = MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
  if (key.ok()) {
    status = mbedtls_ssl_set_hs_psk(ssl, key->data(), key->size());
  } else {
    session.verdict_ = key.error();
  }
  wipe(memory);
  if (status != 0) return status;
  std::copy_n(identity, length, session.psk_identity_.begin());
  session.psk_identity_length_ = static_cast<uint8_t>(length);
  session.proof_ = PeerProof::kPsk;
  return 0;
}
#endif

Session::Session(Context& context, SessionHandler& handler, PeerVerifier* verifier) noexcept
    : context_(context), handler_(handler), verifier_(verifier) {
  mbedtls_ssl_init(&ssl_);
}

Session::~Session() {
  mbedtls_ssl_free(&ssl_);
}

// Gives Mbed TLS's buffers back; called when nothing of it is on the stack.
void Session::release() noexcept {
  if (!set_up_) return;
  mbedtls_ssl_free(&ssl_);
  mbedtls_ssl_init(&ssl_);
  set_up_ = false;
}

Status Session::begin(ByteView own_cid) noexcept {
  if (state_ != State::kClosed && state_ != State::kIdle) return Error::kStateConflict;
  if (own_cid.size() != context_.settings().own_cid_bytes) return Error::kValueOutOfRange;
  timer_final_ = timer_intermediate_ = kNever;
  proof_ = PeerProof::kNone;
  verdict_ = Error::kHandshakeFailed;
#if TAILOR_DTLS_SERVER
  psk_identity_length_ = 0;
#endif
  std::copy(own_cid.begin(), own_cid.end(), own_cid_.begin());
  own_cid_length_ = static_cast<uint8_t>(own_cid.size());
  if (!set_up_) {
    const int status = mbedtls_ssl_setup(&ssl_, &context_.config_);
    if (status != 0) {
      release();
      return error_of(status, Error::kCryptoFailed);
    }
    set_up_ = true;
    mbedtls_ssl_set_user_data_p(&ssl_, this);
    mbedtls_ssl_set_bio(&ssl_, this, &Hooks::transmit, &Hooks::receive, nullptr);
    mbedtls_ssl_set_timer_cb(&ssl_, this, &Hooks::set_timer, &Hooks::get_timer);
    mbedtls_ssl_set_verify(&ssl_, &Hooks::verify, this);
    if (context_.settings().side == Side::kClient) {
      // Identity is judged by the PeerVerifier, not by a host name.
      if (mbedtls_ssl_set_hostname(&ssl_, nullptr) != 0) return Error::kCryptoFailed;
    }
  }
  mbedtls_ssl_set_mtu(&ssl_, context_.settings().handshake_mtu);
  const int status = mbedtls_ssl_set_cid(&ssl_, MBEDTLS_SSL_CID_ENABLED, own_cid_.data(), own_cid_length_);
  if (status != 0) return error_of(status, Error::kCryptoFailed);
  return kOk;
}

Status Session::connect(MonotonicMs now, ByteView own_cid) noexcept {
  if (context_.settings().side != Side::kClient) return Error::kStateConflict;
  TAILOR_TRY(begin(own_cid));
  state_ = State::kHandshaking;
  return progress(now);
}

#if TAILOR_DTLS_SERVER
Status Session::accept(ByteView peer_address, ByteView own_cid) noexcept {
  if (context_.settings().side != Side::kServer) return Error::kStateConflict;
  if (peer_address.empty() || peer_address.size() > address_.size()) return Error::kValueOutOfRange;
  TAILOR_TRY(begin(own_cid));
  state_ = State::kIdle;
  std::copy(peer_address.begin(), peer_address.end(), address_.begin());
  address_length_ = static_cast<uint8_t>(peer_address.size());
  return kOk;
}
#else
Status Session::accept(ByteView /*peer_address*/, ByteView /*own_cid*/) noexcept {
  return Error::kStateConflict;  // no context here is a server's
}
#endif

// Cuts off what follows the last whole record (RFC 6347 4.1: a record never spans datagrams). Mbed TLS 3.6.6 ends a
// session over a record that it skips (replayed, of another epoch) when fewer bytes than a header follow it, and
// anybody can send that.
ByteView Session::whole_records(ByteView datagram) const noexcept {
  constexpr size_t kHeader = 13;
  constexpr uint8_t kTls12Cid = 25;
  size_t at = 0;
  while (datagram.size() - at >= kHeader) {
    const size_t header = kHeader + (datagram[at] == kTls12Cid ? own_cid_length_ : 0U);
    if (datagram.size() - at < header) break;
    const size_t body = (size_t{datagram[at + header - 2]} << 8U) | datagram[at + header - 1];
    if (datagram.size() - at - header < body) break;
    at += header + body;
  }
  return datagram.first(at);
}

Status Session::on_datagram(ByteView datagram, MonotonicMs now) noexcept {
  if (state_ == State::kClosed) return Error::kSessionClosed;
  incoming_ = whole_records(datagram);
  if (incoming_.empty()) return kOk;
  const Status status = progress(now);
  incoming_ = {};
  return status;
}

Status Session::tick(MonotonicMs now) noexcept {
  if (state_ == State::kClosed || state_ == State::kIdle) return kOk;
  return progress(now);
}

MonotonicMs Session::next_deadline() const noexcept {
  return state_ == State::kHandshaking ? timer_final_ : kNever;
}

Status Session::progress(MonotonicMs now) noexcept {
  now_ = now;
  busy_ = true;
  const Status status = state_ == State::kEstablished ? read_all() : shake_hands();
  busy_ = false;
  if (state_ == State::kClosed) release();
  return status;
}

Status Session::shake_hands() noexcept {
#if TAILOR_DTLS_SERVER
  const bool idle = state_ == State::kIdle;
  if (idle) {
    context_.cookies_.set_now(now_);
    const int set = mbedtls_ssl_set_client_transport_id(&ssl_, address_.data(), address_length_);
    if (set != 0) return end(set, Error::kCryptoFailed);
  }
#endif
  int status = mbedtls_ssl_handshake(&ssl_);
  // A timer that is due goes first in Mbed TLS; the datagram is still to be read then.
  if (status == MBEDTLS_ERR_SSL_WANT_READ && !incoming_.empty()) status = mbedtls_ssl_handshake(&ssl_);
  if (status == 0) {
    state_ = State::kEstablished;
    mbedtls_ssl_set_mtu(&ssl_, 0);  // from here on the application knows how large its messages may be
    if (context_.settings().side == Side::kClient && proof_ == PeerProof::kNone) proof_ = PeerProof::kPsk;
    handler_.on_established();
    return state_ == State::kEstablished ? read_all() : kOk;
  }
  const bool waiting = status == MBEDTLS_ERR_SSL_WANT_READ || status == MBEDTLS_ERR_SSL_WANT_WRITE;
#if TAILOR_DTLS_SERVER
  if (idle) {
    if (waiting && ssl_.state > MBEDTLS_SSL_CLIENT_HELLO) {
      state_ = State::kHandshaking;
      return kOk;
    }
    TAILOR_TRY(listen_again());
    if (waiting || status == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED) return kOk;
    return error_of(status, verdict_);
  }
#endif
  if (waiting) return kOk;
  // For all other reasons Mbed TLS has told the peer; without this it would wait for an answer until its timeout.
  if (status == MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE) {
    static_cast<void>(
        mbedtls_ssl_send_alert_message(&ssl_, MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE));
  }
  return end(status, verdict_);
}

#if TAILOR_DTLS_SERVER
// A server that has not seen a valid cookie keeps nothing of what it was sent.
Status Session::listen_again() noexcept {
  const int status = mbedtls_ssl_session_reset(&ssl_);
  if (status != 0) return end(status, Error::kCryptoFailed);
  return kOk;
}
#endif

Status Session::read_all() noexcept {
  for (;;) {
    // Reading nothing makes Mbed TLS fetch and decrypt the next record, and leave it where it is.
    const int status = mbedtls_ssl_read(&ssl_, nullptr, 0);
    if (status == MBEDTLS_ERR_SSL_WANT_READ || status == MBEDTLS_ERR_SSL_WANT_WRITE) return kOk;
    if (status < 0) return end(status, Error::kSessionClosed);
    size_t left = mbedtls_ssl_get_bytes_avail(&ssl_);
    if (left == 0) continue;  // an empty record
    handler_.on_data({ssl_.in_offt, left});
    while (left > 0) {
      std::array<uint8_t, 64> consumed;
      const int count = mbedtls_ssl_read(&ssl_, consumed.data(), std::min(consumed.size(), left));
      wipe(consumed);
      if (count <= 0) return end(count, Error::kCryptoFailed);
      left -= static_cast<size_t>(count);
    }
    if (state_ != State::kEstablished) return kOk;  // the handler closed it
  }
}

Status Session::end(int mbedtls_error, Error otherwise) noexcept {
  state_ = State::kClosed;
  timer_final_ = timer_intermediate_ = kNever;
  return error_of(mbedtls_error, otherwise);
}

Status Session::send(ByteView data, MonotonicMs now) noexcept {
  if (state_ != State::kEstablished) return Error::kStateConflict;
  now_ = now;
  const int limit = mbedtls_ssl_get_max_out_record_payload(&ssl_);
  if (limit < 0 || data.size() > static_cast<size_t>(limit)) return Error::kDatagramTooLarge;
  const int written = mbedtls_ssl_write(&ssl_, data.data(), data.size());
  if (written < 0) return end(written, Error::kCryptoFailed);
  return kOk;
}

void Session::close() noexcept {
  if (state_ == State::kEstablished) static_cast<void>(mbedtls_ssl_close_notify(&ssl_));
  if (state_ == State::kHandshaking) {
    static_cast<void>(
        mbedtls_ssl_send_alert_message(&ssl_, MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_USER_CANCELED));
  }
  static_cast<void>(end(0, Error::kSessionClosed));
  if (!busy_) release();
}

bool Session::cid_in_use() const noexcept {
  if (state_ != State::kEstablished || own_cid_length_ == 0) return false;
  int enabled = MBEDTLS_SSL_CID_DISABLED;
  const int status =
      mbedtls_ssl_get_peer_cid(const_cast<mbedtls_ssl_context*>(&ssl_), &enabled, nullptr, nullptr);  // only reads
  return status == 0 && enabled == MBEDTLS_SSL_CID_ENABLED;
}

uint64_t Session::newest_record() const noexcept {
  return ssl_.in_window_top;
}

size_t Session::overhead() const noexcept {
  const int bytes = set_up_ ? mbedtls_ssl_get_record_expansion(&ssl_) : 0;
  return bytes > 0 ? static_cast<size_t>(bytes) : 0;
}

#if defined(MBEDTLS_SSL_CONTEXT_SERIALIZATION)
namespace {
constexpr uint8_t kSavedVersion = 1;
}  // namespace

Result<ByteView> Session::save(MutableBytes out) noexcept {
  if (state_ != State::kEstablished || busy_) return Error::kStateConflict;
  const size_t head = 3U + own_cid_length_;
  if (out.size() < head) return Error::kBufferTooSmall;
  size_t written = 0;
  const int status = mbedtls_ssl_context_save(&ssl_, out.data() + head, out.size() - head, &written);
  if (status == MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL) return Error::kBufferTooSmall;
  if (status == MBEDTLS_ERR_SSL_BAD_INPUT_DATA) return Error::kStateConflict;
  static_cast<void>(end(0, Error::kSessionClosed));
  release();
  if (status != 0) return error_of(status, Error::kCryptoFailed);
  out[0] = kSavedVersion;
  out[1] = static_cast<uint8_t>(proof_);
  out[2] = own_cid_length_;
  std::copy_n(own_cid_.begin(), own_cid_length_, out.begin() + 3);
  return ByteView{out.first(head + written)};
}

Status Session::load(ByteView saved) noexcept {
  Cursor cursor{saved};
  const auto head = cursor.take(3);
  if (!head.ok() || (*head)[0] != kSavedVersion || (*head)[1] > static_cast<uint8_t>(PeerProof::kPsk)) {
    return Error::kRecordMalformed;
  }
  const auto cid = cursor.take((*head)[2]);
  if (!cid.ok() || cid->size() != context_.settings().own_cid_bytes) return Error::kRecordMalformed;
  release();
  TAILOR_TRY(begin(*cid));
  const int status = mbedtls_ssl_context_load(&ssl_, cursor.rest().data(), cursor.rest().size());
  if (status != 0) {
    static_cast<void>(end(0, Error::kRecordMalformed));
    release();
    return error_of(status, Error::kRecordMalformed);
  }
  mbedtls_ssl_set_mtu(&ssl_, 0);
  proof_ = static_cast<PeerProof>((*head)[1]);
  state_ = State::kEstablished;
  return kOk;
}
#endif

}  // namespace tailor::dtls
