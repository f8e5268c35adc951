// SPDX-License-Identifier: Apache-2.0
// The offline trust provisioning authority's work: a trust store from a TOML description, its signature, and a readable
// view of a sealed one. The document's format and the rule that judges signers are the core's (core/trust).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "authoring/component_text.hpp"
#include "authoring/signing/signing_key.hpp"
#include "core/base/uuid.hpp"
#include "core/trust/rights.hpp"
#include "hosted/encoding.hpp"

namespace tailor::authoring {

/// What a signer may do to the components of one prefix.
struct TrustedRight {
  ComponentParts prefix{};                         ///< without parts: every component
  std::optional<std::vector<int64_t>> commands{};  ///< ascending; absent: all
  std::optional<std::vector<int64_t>> parameters{};
  friend bool operator==(const TrustedRight&, const TrustedRight&) = default;
};

struct TrustedSigner {
  trust::Key key;
  trust::Role role = trust::Role::kAuthor;
  std::vector<TrustedRight> rights;
};

/// So many signers of these roles, which ascend.
struct TrustClause {
  unsigned threshold = 1;
  std::vector<trust::Role> roles;
  friend bool operator==(const TrustClause&, const TrustClause&) = default;
};

struct TrustPolicy {
  ComponentParts prefix;
  std::vector<TrustClause> clauses;
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
  std::vector<TrustPolicy> policies;
};

/// The right to have what is installed go on running, and no more: every command that neither writes nor removes
/// content. For a signer that is being replaced while images of its making still run.
[[nodiscard]] std::vector<int64_t> commands_of_installed_images();

/// Reads the TOML form (docs/cli.md, `tailor trust create`); paths in it are relative to the file.
///
/// @returns kConfigMalformed with file, line and key; what reading a named key or certificate gives
[[nodiscard]] Outcome<TrustDescription> read_trust_description(const std::filesystem::path& file);

/// Encodes the document, unsigned.
/// @returns kValueOutOfRange for more entries than a device keeps or a version of 0; kDuplicateKey for a key or a
///          policy's prefix that stands twice
[[nodiscard]] Outcome<Bytes> encode_trust_store(const TrustDescription& description);

/// Decodes an unsigned document.
[[nodiscard]] Outcome<TrustDescription> decode_trust_store(ByteView document);

/// Signs a document: COSE_Sign1 with the payload attached.
[[nodiscard]] Outcome<Bytes> seal_trust_store(ByteView document, const crypto::P256PrivateKey& authority);
/// The same with any key that a factory bundle may have as its anchor.
/// @returns kAlgorithmUnsupported: a key that is neither P-256 nor HSS/LMS; and what signing gives
[[nodiscard]] Outcome<Bytes> seal_trust_store(ByteView document, SigningKey& authority);

/// Verifies a sealed trust store under the authority's key and decodes it.
[[nodiscard]] Outcome<TrustDescription> open_trust_store(ByteView sealed, const trust::Key& anchor);

}  // namespace tailor::authoring
