// SPDX-License-Identifier: Apache-2.0
// The offline trust provisioning authority's work: a trust store from a TOML description, its signature, and a readable
// view of a sealed one. The document's format is the core's (core/trust).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "authoring/component_text.hpp"
#include "core/base/uuid.hpp"
#include "core/cose/verification_key.hpp"
#include "hosted/encoding.hpp"

namespace tailor::authoring {

struct TrustedSigner {
  cose::VerificationKey key;
  std::vector<ComponentParts> rights;  ///< prefixes of component identifiers; one without parts is every component
};

/// A trust store that owns its parts; the core's has views.
struct TrustDescription {
  uint64_t version = 0;
  std::vector<TrustedSigner> signers;
  std::vector<Uuid> servers;
  std::vector<Uuid> operators;
  std::vector<std::string> server_uris;
  std::vector<Bytes> authorities;      ///< CA certificates, DER
  std::vector<Bytes> revoked_serials;  ///< as in the certificate's DER
};

/// Reads the TOML form (docs/cli.md, `tailor trust create`); paths in it are relative to the file.
///
/// @returns kConfigMalformed with file, line and key; what reading a named key or certificate gives
[[nodiscard]] Outcome<TrustDescription> read_trust_description(const std::filesystem::path& file);

/// Encodes the document, unsigned.
/// @returns kValueOutOfRange for more entries than a device keeps or a version of 0
[[nodiscard]] Outcome<Bytes> encode_trust_store(const TrustDescription& description);

/// Decodes an unsigned document.
[[nodiscard]] Outcome<TrustDescription> decode_trust_store(ByteView document);

/// Signs a document: COSE_Sign1 with the payload attached.
[[nodiscard]] Outcome<Bytes> seal_trust_store(ByteView document, const crypto::P256PrivateKey& authority);

/// Verifies a sealed trust store under the authority's key and decodes it.
[[nodiscard]] Outcome<TrustDescription> open_trust_store(ByteView sealed, const crypto::P256PublicKey& anchor);

}  // namespace tailor::authoring
