// SPDX-License-Identifier: Apache-2.0
// A PKCS#11 module with one session on one token, as this folder uses it: module, session and PIN end with their owner.
// Internal to authoring/signing.
#pragma once

#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

#include <memory>
#include <string>
#include <vector>

#include "hosted/encoding.hpp"
#include "hosted/failure.hpp"
#include "hosted/secret.hpp"

namespace tailor::authoring {

using UriPtr = std::unique_ptr<P11KitUri, decltype(&p11_kit_uri_free)>;

/// A logged-in session.
class Pkcs11Session {
 public:
  /// Loads the module that the URI names, opens a session on the token that it describes, and logs in with the PIN.
  [[nodiscard]] static Outcome<std::unique_ptr<Pkcs11Session>> open(P11KitUri* uri);
  ~Pkcs11Session();
  Pkcs11Session(const Pkcs11Session&) = delete;
  Pkcs11Session& operator=(const Pkcs11Session&) = delete;

  /// The objects that have these attributes; at most two, which is enough to see that one is not alone.
  [[nodiscard]] Outcome<std::vector<CK_OBJECT_HANDLE>> find(std::vector<CK_ATTRIBUTE> attributes);
  /// One attribute of an object. @returns kNotFound when it has none
  [[nodiscard]] Outcome<Bytes> attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
  /// Signs with a mechanism that takes no parameters.
  [[nodiscard]] Outcome<Bytes> sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, ByteView data);

 private:
  Pkcs11Session() = default;
  [[nodiscard]] Outcome<void> load(P11KitUri* uri);
  [[nodiscard]] Outcome<CK_SLOT_ID> find_token(P11KitUri* uri);
  [[nodiscard]] Outcome<void> log_in(P11KitUri* uri);

  CK_FUNCTION_LIST* module_ = nullptr;
  CK_SESSION_HANDLE session_ = 0;
  bool initialized_ = false, open_ = false;
};

}  // namespace tailor::authoring
