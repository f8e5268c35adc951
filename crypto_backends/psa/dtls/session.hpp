// SPDX-License-Identifier: Apache-2.0
// One DTLS 1.2 session (RFC 6347), client or server, with Connection ID (RFC 9146), over Mbed TLS. Sans-I/O: datagrams
// and the time come in, datagrams, application data and deadlines go out. Devices and servers run this same code.
//
//   Context context;  context.init({.side = Side::kClient, .psk_identity = id, .psk = key, ...});
//   Session session{context, handler, verifier};
//   session.connect(now);
//   loop: session.on_datagram(bytes, now) when one arrives; session.tick(now) at next_deadline().
//   handler.on_established() comes once; then session.send(message, now), and handler.on_data(message).
#pragma once

#include <mbedtls/ssl.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "crypto_backends/psa/dtls/context.hpp"

namespace tailor::dtls {

/// The owner of a session. Calls come from inside connect(), on_datagram(), tick(), send() and close(). The session may
/// not be destroyed, loaded or saved from within.
class SessionHandler {
 public:
  /// Sends a datagram to the peer. What cannot be sent is lost, as on the wire.
  virtual void transmit(ByteView datagram) noexcept = 0;
  /// The handshake is complete and the peer is who it proved to be. send() may be called.
  virtual void on_established() noexcept = 0;
  /// Takes one record's application data, authentic and not seen before; the view ends with the call.
  virtual void on_data(ByteView data) noexcept = 0;

 protected:
  ~SessionHandler() = default;
};

/// How the peer has authenticated itself.
enum class PeerProof : uint8_t { kNone, kCertificate, kPsk };

class Session {
 public:
  enum class State : uint8_t {
    kIdle,  ///< nothing sent, nothing kept; a server that only handed out cookies stays here
    kHandshaking,
    kEstablished,
    kClosed,  ///< failed, closed or saved; only connect(), accept() and load() lead out of it
  };

  /// @param verifier  judges certificates; null when the context has verify_peers off
  /// @pre context.init() succeeded
  Session(Context& context, SessionHandler& handler, PeerVerifier* verifier = nullptr) noexcept;
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // --- start ---------------------------------------------------------------------------------------------------------

  /// Client: sends the first ClientHello.
  ///
  /// @param own_cid  Settings::own_cid_bytes bytes: what the peer will put into its records
  /// @returns kStateConflict unless idle or closed
  [[nodiscard]] Status connect(MonotonicMs now, ByteView own_cid = {}) noexcept;
  /// Server: waits for a ClientHello from `peer_address` (its bytes in any form; the cookie binds to them).
  ///
  /// May be called again with another address as long as the session is idle: one idle session can serve all clients
  /// that have not shown a cookie yet.
  [[nodiscard]] Status accept(ByteView peer_address, ByteView own_cid = {}) noexcept;

  // --- the owner's loop ----------------------------------------------------------------------------------------------

  /// Takes a datagram. Forged, replayed and damaged records are dropped without an error, as RFC 6347 4.1.2.7 wants.
  ///
  /// @returns an error when the session has ended by it: what the PeerVerifier or PskSource said, kHandshakeFailed,
  ///          kSessionClosed when the peer closed, kAllocationFailed
  [[nodiscard]] Status on_datagram(ByteView datagram, MonotonicMs now) noexcept;
  /// Does what is due at `now`: retransmits a flight of the handshake.
  /// @returns kTimeout when the peer has not answered until the last retransmission; the session has ended
  [[nodiscard]] Status tick(MonotonicMs now) noexcept;
  /// When tick() is to be called; kNever when nothing is under way.
  [[nodiscard]] MonotonicMs next_deadline() const noexcept;

  /// Sends one record of application data.
  /// @returns kStateConflict unless established; kDatagramTooLarge; kSessionClosed, kCryptoFailed when the session
  /// ended
  [[nodiscard]] Status send(ByteView data, MonotonicMs now) noexcept;
  /// Tells the peer that the session ends, and ends it.
  void close() noexcept;

  // --- what is known -------------------------------------------------------------------------------------------------

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] bool established() const noexcept { return state_ == State::kEstablished; }
  [[nodiscard]] PeerProof peer_proof() const noexcept { return proof_; }
  /// The identity under which the PSK was found; empty for certificates. Known from the handshake on, not after load().
#if TAILOR_DTLS_SERVER
  [[nodiscard]] ByteView psk_identity() const noexcept {
    return {psk_identity_.data(), psk_identity_length_};
  }
#endif
  [[nodiscard]] ByteView own_cid() const noexcept {
    return {own_cid_.data(), own_cid_length_};
  }
  /// True when the peer puts our Connection ID into its records, so that its address may change.
  [[nodiscard]] bool cid_in_use() const noexcept;
  /// Number of the newest authentic record. A datagram after which it is higher was newer than all before, which is
  /// what RFC 9146 6 asks before a changed address of the peer is believed.
  [[nodiscard]] uint64_t newest_record() const noexcept;
  /// Bytes that a record adds to what send() is given.
  [[nodiscard]] size_t overhead() const noexcept;

#if defined(MBEDTLS_SSL_CONTEXT_SERIALIZATION)
  // --- keeping an idle session elsewhere -----------------------------------------------------------------------------

  /// Writes the session into `out` and ends it here.
  ///
  /// Loading the same bytes twice would use nonces twice: whoever keeps them gives them out once.
  /// @returns kStateConflict while a handshake is not over (a server's is when the first data came); kBufferTooSmall
  ///          with the session alive; about 200 bytes are needed
  [[nodiscard]] Result<ByteView> save(MutableBytes out) noexcept;
  /// Goes on with a saved session; the bytes are of no use any more, whatever is returned.
  /// @returns kStateConflict unless idle or closed; kRecordMalformed
  [[nodiscard]] Status load(ByteView saved) noexcept;
#endif

 private:
  friend class Context;
  struct Hooks;  // the functions that Mbed TLS calls back

  [[nodiscard]] ByteView whole_records(ByteView datagram) const noexcept;
  [[nodiscard]] Status begin(ByteView own_cid) noexcept;
  [[nodiscard]] Status progress(MonotonicMs now) noexcept;
  [[nodiscard]] Status shake_hands() noexcept;
  [[nodiscard]] Status read_all() noexcept;
#if TAILOR_DTLS_SERVER
  [[nodiscard]] Status listen_again() noexcept;
#endif
  [[nodiscard]] Status end(int mbedtls_error, Error otherwise) noexcept;
  void release() noexcept;

  Context& context_;
  SessionHandler& handler_;
  PeerVerifier* verifier_;
  mbedtls_ssl_context ssl_;
  ByteView incoming_;  ///< the datagram that Mbed TLS has not fetched yet
  MonotonicMs now_ = 0;
  MonotonicMs timer_intermediate_ = kNever;
  MonotonicMs timer_final_ = kNever;
  State state_ = State::kClosed;
  PeerProof proof_ = PeerProof::kNone;
  Error verdict_ = Error::kHandshakeFailed;  ///< what the handshake's failure is called: a callback may say why
  uint8_t own_cid_length_ = 0;
  bool set_up_ = false;  ///< Mbed TLS holds buffers for this session
  bool busy_ = false;    ///< inside a call that may call the handler
  std::array<uint8_t, kOwnCidBytes> own_cid_{};
#if TAILOR_DTLS_SERVER
  uint8_t psk_identity_length_ = 0;
  uint8_t address_length_ = 0;
  std::array<uint8_t, kPskIdentityBytes> psk_identity_{};
  std::array<uint8_t, 32> address_{};
#endif
};

}  // namespace tailor::dtls
