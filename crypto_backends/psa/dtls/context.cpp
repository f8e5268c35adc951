// SPDX-License-Identifier: Apache-2.0
#include "crypto_backends/psa/dtls/context.hpp"

#include <mbedtls/ssl_ciphersuites.h>

#include "crypto_backends/psa/platform.hpp"
#include "crypto_backends/psa/x509/key.hpp"

namespace tailor::dtls {
namespace {

constexpr int kBothSuites[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8, 0};
constexpr int kCertificateSuite[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, 0};
constexpr int kPskSuite[] = {MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8, 0};
constexpr uint16_t kSignatures[] = {MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_NONE};
constexpr uint16_t kGroups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_NONE};

int fill_random(void* /*context*/, unsigned char* out, size_t length) {
  return crypto::random({out, length}).ok() ? 0 : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

// No authority is known to Mbed TLS: the PeerVerifier judges. Without this callback it would refuse to start.
int no_authorities(void* /*context*/, const mbedtls_x509_crt* /*child*/, mbedtls_x509_crt** candidates) {
  *candidates = nullptr;
  return 0;
}

#if TAILOR_DTLS_SERVER
int write_cookie(void* context, unsigned char** at, unsigned char* end, const unsigned char* address, size_t length) {
  const auto cookie = static_cast<const Cookies*>(context)->make({address, length});
  if (!cookie.ok()) return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
  const auto written = copy_into({*at, static_cast<size_t>(end - *at)}, *cookie);
  if (!written.ok()) return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
  *at += written->size();
  return 0;
}

int check_cookie(void* context, const unsigned char* cookie, size_t cookie_length, const unsigned char* address,
                 size_t length) {
  return static_cast<const Cookies*>(context)->check({address, length}, {cookie, cookie_length}) ? 0 : -1;
}
#endif

Status check_settings(const Settings& settings) noexcept {
  const bool client = settings.side == Side::kClient;
  const bool certificates = settings.verify_peers && !settings.certificate.empty() && settings.key != nullptr;
  const bool some_certificate_setting =
      settings.verify_peers || !settings.certificate.empty() || settings.key != nullptr;
  const bool psk = client ? !settings.psk.empty() : settings.psk_source != nullptr;
  if (some_certificate_setting != certificates || (!certificates && !psk)) return Error::kValueOutOfRange;
  if (settings.own_cid_bytes > kOwnCidBytes) return Error::kValueOutOfRange;
  if (client && psk &&
      (settings.psk.size() > kPskBytes || settings.psk_identity.empty() ||
       settings.psk_identity.size() > kPskIdentityBytes)) {
    return Error::kValueOutOfRange;
  }
  return kOk;
}

}  // namespace

Error error_of(int mbedtls_error, Error otherwise) noexcept {
  switch (mbedtls_error) {
    case MBEDTLS_ERR_SSL_ALLOC_FAILED:
    case MBEDTLS_ERR_X509_ALLOC_FAILED:
    case MBEDTLS_ERR_PK_ALLOC_FAILED:
      return Error::kAllocationFailed;
    case MBEDTLS_ERR_SSL_TIMEOUT:
      return Error::kTimeout;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      return Error::kSessionClosed;
    case MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL:
      return Error::kBufferTooSmall;
    default:
      return otherwise;
  }
}

Context::Context() noexcept {
  mbedtls_ssl_config_init(&config_);
  mbedtls_x509_crt_init(&certificate_);
  mbedtls_pk_init(&key_);
}

Context::~Context() {
  mbedtls_ssl_config_free(&config_);
  mbedtls_x509_crt_free(&certificate_);
  mbedtls_pk_free(&key_);
}

Status Context::init(const Settings& settings) noexcept {
  if (ready_) return Error::kStateConflict;
  if (TAILOR_DTLS_SERVER == 0 && settings.side == Side::kServer) return Error::kAlgorithmUnsupported;
  TAILOR_TRY(check_settings(settings));
#if defined(MBEDTLS_USE_PSA_CRYPTO)
  TAILOR_TRY(crypto::psa::ensure_started());
#endif
  settings_ = settings;
  const bool client = settings.side == Side::kClient;
  const bool certificates = settings.key != nullptr;
  const bool psk = client ? !settings.psk.empty() : settings.psk_source != nullptr;

  int status = mbedtls_ssl_config_defaults(&config_, client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
                                           MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT);
  if (status != 0) return error_of(status, Error::kCryptoFailed);
  mbedtls_ssl_conf_rng(&config_, &fill_random, nullptr);
  mbedtls_ssl_conf_ciphersuites(&config_, certificates ? (psk ? kBothSuites : kCertificateSuite) : kPskSuite);
  mbedtls_ssl_conf_sig_algs(&config_, kSignatures);
  mbedtls_ssl_conf_groups(&config_, kGroups);
  mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_ca_cb(&config_, &no_authorities, nullptr);
  mbedtls_ssl_conf_handshake_timeout(&config_, settings.retransmit_min_ms, settings.retransmit_max_ms);
  status = mbedtls_ssl_conf_cid(&config_, settings.own_cid_bytes, MBEDTLS_SSL_UNEXPECTED_CID_IGNORE);
  if (status != 0) return error_of(status, Error::kCryptoFailed);

  if (certificates) {
    if (mbedtls_x509_crt_parse_der_nocopy(&certificate_, settings.certificate.data(), settings.certificate.size()) !=
        0) {
      return Error::kDerMalformed;
    }
    TAILOR_TRY(x509::load_key(*settings.key, key_));
    if (mbedtls_pk_check_pair(&certificate_.pk, &key_, &fill_random, nullptr) != 0) return Error::kCertificateProfile;
    status = mbedtls_ssl_conf_own_cert(&config_, &certificate_, &key_);
    if (status != 0) return error_of(status, Error::kCryptoFailed);
  }
  if (client && psk) {
    status = mbedtls_ssl_conf_psk(&config_, settings.psk.data(), settings.psk.size(), settings.psk_identity.data(),
                                  settings.psk_identity.size());
    if (status != 0) return error_of(status, Error::kCryptoFailed);
  }
#if TAILOR_DTLS_SERVER
  if (!client) {
    if (psk) mbedtls_ssl_conf_psk_cb(&config_, &Context::find_psk, settings.psk_source);
    if (settings.cookie_secret.empty()) {
      mbedtls_ssl_conf_dtls_cookies(&config_, nullptr, nullptr, nullptr);
    } else {
      TAILOR_TRY(cookies_.set_secret(settings.cookie_secret));
      mbedtls_ssl_conf_dtls_cookies(&config_, &write_cookie, &check_cookie, &cookies_);
    }
  }
#endif
  ready_ = true;
  return kOk;
}

}  // namespace tailor::dtls
