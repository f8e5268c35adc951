// SPDX-License-Identifier: Apache-2.0
#include "authoring/signing/pkcs11_module.hpp"

#include <p11-kit/p11-kit.h>

#include <cstdlib>

#include "hosted/file.hpp"

namespace tailor::authoring {
namespace {

Failure module_failure(CK_RV code, const std::string& step) {
  Error error = Error::kCryptoFailed;
  if (code == CKR_PIN_INCORRECT || code == CKR_PIN_LEN_RANGE || code == CKR_PIN_LOCKED || code == CKR_PIN_EXPIRED) {
    error = Error::kNotAuthenticated;
  }
  const char* const text = p11_kit_strerror(code);
  return fail(error, "PKCS#11: " + step + ": " + (text != nullptr ? text : "error " + std::to_string(code)));
}

/// The PIN: from the URI, from the file that it names, or from the environment.
Outcome<SecretString> pin_of(P11KitUri* uri) {
  if (const char* value = p11_kit_uri_get_pin_value(uri)) return SecretString(value);
  if (const char* source = p11_kit_uri_get_pin_source(uri)) {
    std::string_view path(source);
    if (path.starts_with("file:")) path.remove_prefix(5);
    TAILOR_TRY_ASSIGN(std::string content, read_text_file(std::filesystem::path(path), 256));
    std::string_view line(content);
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    SecretString pin(line);
    wipe({reinterpret_cast<uint8_t*>(content.data()), content.size()});
    return pin;
  }
  if (const char* value = std::getenv("TAILOR_PKCS11_PIN")) return SecretString(value);
  return SecretString();
}

}  // namespace

Outcome<std::unique_ptr<Pkcs11Session>> Pkcs11Session::open(P11KitUri* uri) {
  std::unique_ptr<Pkcs11Session> session(new Pkcs11Session);
  TAILOR_TRY(session->load(uri));
  TAILOR_TRY_ASSIGN(const CK_SLOT_ID slot, session->find_token(uri));
  const CK_RV opened = session->module_->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session->session_);
  if (opened != CKR_OK) return module_failure(opened, "opening a session");
  session->open_ = true;
  TAILOR_TRY(session->log_in(uri));
  return session;
}

Pkcs11Session::~Pkcs11Session() {
  // Errors while leaving change nothing any more.
  if (open_) static_cast<void>(module_->C_CloseSession(session_));
  if (initialized_) static_cast<void>(p11_kit_module_finalize(module_));
  if (module_ != nullptr) p11_kit_module_release(module_);
}

Outcome<void> Pkcs11Session::load(P11KitUri* uri) {
  const char* const path = p11_kit_uri_get_module_path(uri);
  if (path == nullptr) return fail(Error::kUsageInvalid, "the PKCS#11 URI lacks module-path");
  module_ = p11_kit_module_load(path, P11_KIT_MODULE_CRITICAL);
  if (module_ == nullptr) {
    const char* const text = p11_kit_message();
    return fail(Error::kFileFailed, std::string(path) + ": " + (text != nullptr ? text : "cannot be loaded"));
  }
  const CK_RV started = p11_kit_module_initialize(module_);
  if (started != CKR_OK) return module_failure(started, path);
  initialized_ = true;
  return kOk;
}

Outcome<CK_SLOT_ID> Pkcs11Session::find_token(P11KitUri* uri) {
  CK_ULONG count = 0;
  CK_RV status = module_->C_GetSlotList(CK_TRUE, nullptr, &count);
  std::vector<CK_SLOT_ID> slots(count);
  if (status == CKR_OK && count > 0) status = module_->C_GetSlotList(CK_TRUE, slots.data(), &count);
  if (status != CKR_OK) return module_failure(status, "list of slots");
  slots.resize(count);
  std::vector<CK_SLOT_ID> found;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO token{};
    status = module_->C_GetTokenInfo(slot, &token);
    if (status != CKR_OK) return module_failure(status, "token");
    const bool usable = (token.flags & CKF_TOKEN_INITIALIZED) != 0;
    if (usable && p11_kit_uri_match_token_info(uri, &token) == 1) found.push_back(slot);
  }
  if (found.empty()) return fail(Error::kNotFound, "no token is the one that the PKCS#11 URI describes");
  if (found.size() > 1) return fail(Error::kUsageInvalid, "the PKCS#11 URI describes more than one token");
  return found.front();
}

Outcome<void> Pkcs11Session::log_in(P11KitUri* uri) {
  TAILOR_TRY_ASSIGN(const SecretString pin, with_context(pin_of(uri), "PIN"));
  if (pin.empty()) return kOk;  // a token without login, or the search finds nothing
  auto* const text = reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(pin.reveal().data()));  // the interface is C's
  const CK_RV status = module_->C_Login(session_, CKU_USER, text, pin.reveal().size());
  if (status != CKR_OK && status != CKR_USER_ALREADY_LOGGED_IN) return module_failure(status, "login");
  return kOk;
}

Outcome<std::vector<CK_OBJECT_HANDLE>> Pkcs11Session::find(std::vector<CK_ATTRIBUTE> attributes) {
  CK_RV status = module_->C_FindObjectsInit(session_, attributes.data(), attributes.size());
  if (status != CKR_OK) return module_failure(status, "search");
  std::vector<CK_OBJECT_HANDLE> found(2);
  CK_ULONG count = 0;
  status = module_->C_FindObjects(session_, found.data(), found.size(), &count);
  const CK_RV ended = module_->C_FindObjectsFinal(session_);
  if (status != CKR_OK || ended != CKR_OK) return module_failure(status != CKR_OK ? status : ended, "search");
  found.resize(count);
  return found;
}

Outcome<Bytes> Pkcs11Session::attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE wanted{type, nullptr, 0};
  CK_RV status = module_->C_GetAttributeValue(session_, object, &wanted, 1);
  if (status == CKR_ATTRIBUTE_TYPE_INVALID || wanted.ulValueLen == CK_UNAVAILABLE_INFORMATION) {
    return fail(Error::kNotFound, "PKCS#11: object lacks an attribute");
  }
  if (status != CKR_OK) return module_failure(status, "attribute");
  Bytes value(wanted.ulValueLen);
  wanted.pValue = value.data();
  status = module_->C_GetAttributeValue(session_, object, &wanted, 1);
  if (status != CKR_OK) return module_failure(status, "attribute");
  value.resize(wanted.ulValueLen);
  return value;
}

Outcome<Bytes> Pkcs11Session::sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, ByteView data) {
  CK_MECHANISM chosen{mechanism, nullptr, 0};
  CK_RV status = module_->C_SignInit(session_, &chosen, key);
  if (status != CKR_OK) return module_failure(status, "signing");
  Bytes signature(256);
  CK_ULONG size = signature.size();
  auto* const input = const_cast<CK_BYTE*>(data.data());  // the interface is C's
  status = module_->C_Sign(session_, input, data.size(), signature.data(), &size);
  if (status != CKR_OK) return module_failure(status, "signing");
  signature.resize(size);
  return signature;
}

}  // namespace tailor::authoring
