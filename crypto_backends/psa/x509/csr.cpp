// SPDX-License-Identifier: Apache-2.0
#include "crypto_backends/psa/x509/csr.hpp"

#include <mbedtls/asn1.h>
#include <mbedtls/x509_csr.h>

#include <algorithm>
#include <cstring>

#include "crypto_backends/psa/x509/identity.hpp"
#include "crypto_backends/psa/x509/key.hpp"

namespace tailor::x509 {
namespace {

int fill_random(void* /*context*/, unsigned char* out, size_t length) {
  return crypto::random({out, length}).ok() ? 0 : MBEDTLS_ERR_PK_BAD_INPUT_DATA;
}

/// A request under construction with the key that it is for.
struct Writer {
  Writer() noexcept {
    mbedtls_x509write_csr_init(&csr);
    mbedtls_pk_init(&key);
  }
  ~Writer() {
    mbedtls_x509write_csr_free(&csr);
    mbedtls_pk_free(&key);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  mbedtls_x509write_csr csr;
  mbedtls_pk_context key;
};

Error error_of(int status) noexcept {
  switch (status) {
    case MBEDTLS_ERR_X509_ALLOC_FAILED:
    case MBEDTLS_ERR_ASN1_ALLOC_FAILED:
      return Error::kAllocationFailed;
    case MBEDTLS_ERR_X509_BUFFER_TOO_SMALL:
    case MBEDTLS_ERR_ASN1_BUF_TOO_SMALL:
      return Error::kBufferTooSmall;
    default:
      return Error::kCryptoFailed;
  }
}

}  // namespace

Result<ByteView> make_csr(const crypto::P256PrivateKey& key, std::string_view tenant, coap::PeerRole role,
                          const Uuid& id, MutableBytes out) noexcept {
  std::array<char, kPeerUriBytes> uri_memory{};
  TAILOR_TRY_ASSIGN(const std::string_view uri, write_peer_uri(tenant, role, id, uri_memory));
  Writer writer;
  TAILOR_TRY(load_key(key, writer.key));
  mbedtls_x509write_csr_set_key(&writer.csr, &writer.key);
  mbedtls_x509write_csr_set_md_alg(&writer.csr, MBEDTLS_MD_SHA256);

  std::array<char, 3 + Uuid::kTextLength + 1> subject{'C', 'N', '='};
  const auto id_text = id.to_text();
  std::copy(id_text.begin(), id_text.end(), subject.begin() + 3);
  int status = mbedtls_x509write_csr_set_subject_name(&writer.csr, subject.data());
  if (status != 0) return error_of(status);

  mbedtls_x509_san_list name{};
  name.node.type = MBEDTLS_X509_SAN_UNIFORM_RESOURCE_IDENTIFIER;
  name.node.san.unstructured_name.tag = MBEDTLS_ASN1_IA5_STRING;
  name.node.san.unstructured_name.p = reinterpret_cast<unsigned char*>(uri_memory.data());
  name.node.san.unstructured_name.len = uri.size();
  status = mbedtls_x509write_csr_set_subject_alternative_name(&writer.csr, &name);
  if (status != 0) return error_of(status);

  // Mbed TLS writes from the end of the buffer backwards.
  const int length = mbedtls_x509write_csr_der(&writer.csr, out.data(), out.size(), &fill_random, nullptr);
  if (length < 0) return error_of(length);
  const auto size = static_cast<size_t>(length);
  std::memmove(out.data(), out.data() + out.size() - size, size);
  return ByteView{out.first(size)};
}

}  // namespace tailor::x509
