// SPDX-License-Identifier: Apache-2.0
// Any bytes: certificates, requests and certificate lists are read or refused, and what is read is the bytes given.
#include "pki/est_format.hpp"
#include "pki/verify.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes(data, size);
  const auto certificate = pki::Certificate::from_der(bytes);
  if (certificate.ok()) {
    if (!equal(certificate->der(), bytes)) __builtin_trap();
    pki::VerifyPolicy policy;
    policy.anchors = std::span(&*certificate, 1);
    const auto identity = pki::verify(*certificate, policy);
    if (identity.ok() && !certificate->identity()) __builtin_trap();
    static_cast<void>(pki::Crl::from_der(bytes, *certificate));
  }
  const auto request = pki::CertificateRequest::from_der(bytes);
  if (!request.ok() && request.error().code != Error::kCsrInvalid) __builtin_trap();
  const auto list = pki::parse_certs_only(bytes);
  if (list.ok() && list->empty()) __builtin_trap();
  return 0;
}
