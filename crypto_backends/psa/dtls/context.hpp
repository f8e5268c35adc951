// SPDX-License-Identifier: Apache-2.0
// What many DTLS sessions share: the own identity, how peers are judged, timers and sizes. A Context belongs to one
// thread and outlives its sessions. Policy (who is welcome) stands behind the interfaces here, never in this folder.
#pragma once

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/crypto/crypto.hpp"
#include "crypto_backends/psa/dtls/cookies.hpp"

namespace tailor::dtls {

/// Longest Connection ID of ours, and of a peer that we remember (RFC 9146 allows 255; Mbed TLS's build bounds it).
inline constexpr size_t kOwnCidBytes = MBEDTLS_SSL_CID_IN_LEN_MAX;
inline constexpr size_t kPeerCidBytes = MBEDTLS_SSL_CID_OUT_LEN_MAX;
/// Longest PSK identity: RFC 7925 4.2.1 asks for 128 bytes at least.
inline constexpr size_t kPskIdentityBytes = 128;
inline constexpr size_t kPskBytes = MBEDTLS_PSK_MAX_LEN;
/// Certificates of a peer's message that are shown to its PeerVerifier.
inline constexpr size_t kChainCertificates = 3;

/// Whether sessions can be a server's: a build of Mbed TLS for devices that open every session themselves has none.
#if defined(MBEDTLS_SSL_SRV_C)
#define TAILOR_DTLS_SERVER 1
#else
#define TAILOR_DTLS_SERVER 0
#endif

enum class Side : uint8_t { kClient, kServer };

/// Judges the certificate that a peer presents, during the handshake. All of it: Mbed TLS's own check is not used, only
/// key usage and the proof that the peer holds the key are enforced beside this.
class PeerVerifier {
 public:
  /// @param chain  DER, the peer's own first; views end with the call
  /// @returns kOk to accept; any error ends the handshake, and is what the session's owner gets to see
  [[nodiscard]] virtual Status verify(std::span<const ByteView> chain) noexcept = 0;

 protected:
  ~PeerVerifier() = default;
};

/// Knows the pre-shared keys of a server.
class PskSource {
 public:
  /// Writes the key that belongs to `identity` into `out` (kPskBytes) and returns what was written.
  ///
  /// @returns an error to end the handshake, e.g. kPskUnknown or kPskSpent; the session's owner gets to see it, the
  ///          peer only that the handshake failed
  [[nodiscard]] virtual Result<ByteView> find(ByteView identity, MutableBytes out) noexcept = 0;

 protected:
  ~PskSource() = default;
};

/// What one side of many sessions is and wants. Everything that is pointed to outlives the Context.
struct Settings {
  Side side = Side::kClient;

  // Certificate mode (TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, both sides authenticate): all three or none.
  ByteView certificate{};                       ///< own, DER
  const crypto::P256PrivateKey* key = nullptr;  ///< of `certificate`
  bool verify_peers = false;                    ///< the sessions bring a PeerVerifier

  // PSK mode (TLS_PSK_WITH_AES_128_CCM_8).
  PskSource* psk_source = nullptr;  ///< server
  ByteView psk_identity{};          ///< client: 1 to kPskIdentityBytes bytes
  ByteView psk{};                   ///< client: 1 to kPskBytes bytes

  /// Server: HelloVerifyRequest with stateless cookies (RFC 6347 4.2.1), so that a forged source address costs nothing.
  /// Empty: no cookies. Threads that serve one port share the secret.
  ByteView cookie_secret{};

  /// Length of the Connection ID that our sessions receive under; 0: none is asked for, the peer's is used all the
  /// same.
  uint8_t own_cid_bytes = 0;

  /// Handshake messages are cut into datagrams of at most this many bytes (record included).
  uint16_t handshake_mtu = 1152;
  /// First retransmission, doubled up to the second (RFC 6347 4.2.4.1; RFC 7925 11 asks constrained nodes for 9 s).
  uint32_t retransmit_min_ms = 1000;
  uint32_t retransmit_max_ms = 60'000;
};

/// Settings made ready. Not movable: sessions and Mbed TLS point into it.
class Context {
 public:
  Context() noexcept;
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Makes the context ready; sessions may be made after it.
  ///
  /// @returns kStateConflict when called twice; kAlgorithmUnsupported for a server in a build without; kValueOutOfRange
  /// for settings that contradict each other or a PSK of a
  ///          wrong length; kDerMalformed, kCertificateProfile for an own certificate that cannot be used with the key;
  ///          kAllocationFailed, kCryptoFailed
  [[nodiscard]] Status init(const Settings& settings) noexcept;

  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }

 private:
  friend class Session;

  Settings settings_;
  bool ready_ = false;
#if TAILOR_DTLS_SERVER
  static int find_psk(void* source, mbedtls_ssl_context* ssl, const unsigned char* identity, size_t length);

  Cookies cookies_;
#endif
  mbedtls_ssl_config config_;
  mbedtls_x509_crt certificate_;
  mbedtls_pk_context key_;
};

/// Maps an error of Mbed TLS to ours; `otherwise` for those that say nothing more precise.
[[nodiscard]] Error error_of(int mbedtls_error, Error otherwise) noexcept;

}  // namespace tailor::dtls
