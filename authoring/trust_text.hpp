// SPDX-License-Identifier: Apache-2.0
// A trust store in words: who may do what, what is odd about it, and what another one changes. The same words for
// people and, line by line, for programs.
#pragma once

#include <string>
#include <vector>

#include "authoring/trust.hpp"

namespace tailor::authoring {

/// "6967f861…" (the thumbprint, RFC 9679) or, since that of a secret is not shown, "an HMAC key of 32 bytes".
[[nodiscard]] std::string key_to_text(const trust::Key& key);
/// "P-256", "Ed25519", "HSS/LMS" or "HMAC".
[[nodiscard]] std::string key_kind_to_text(const trust::Key& key);
/// "app", or "*" for every component.
[[nodiscard]] std::string prefix_to_text(const ComponentParts& prefix);

/// "may do everything to app"; "keeps what it has installed as app, and installs nothing"; "may use image-match to app,
/// and set uri"; one line for each right.
[[nodiscard]] std::vector<std::string> rights_to_text(const TrustedSigner& signer);
/// "1 author and 2 of author, operator".
[[nodiscard]] std::string demand_to_text(const TrustPolicy& policy);

/// What is allowed and yet hardly meant: a policy that the signers cannot fulfil, a signer without rights, no server,
/// no CA, a secret key in a public document.
[[nodiscard]] std::vector<std::string> doubts_about(const TrustDescription& store);

/// One difference between two trust stores.
struct TrustChange {
  std::string what;    ///< "signer 6967f861…", "server 1111…"
  std::string before;  ///< empty: it was added
  std::string after;   ///< empty: it was removed
};

/// @returns in the order of the document; none when both say the same
[[nodiscard]] std::vector<TrustChange> diff_trust(const TrustDescription& before, const TrustDescription& after);

}  // namespace tailor::authoring
