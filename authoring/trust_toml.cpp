// SPDX-License-Identifier: Apache-2.0
// The TOML form of a trust store's description: what a person keeps under version control.
#include "authoring/key_file.hpp"
#include "authoring/trust.hpp"
#include "hosted/config.hpp"
#include "pki/certificate.hpp"

namespace tailor::authoring {
namespace {

/// A file that the description names, or the description itself, and that is not there is unreadable input.
template <typename T>
Outcome<T> readable(Outcome<T> read) {
  if (!read.ok() && read.error().code == Error::kNotFound) return fail(Error::kFileFailed, read.error().context);
  return read;
}

/// Reads an update server's or operator's id: `id`, or the certificate that carries it.
Outcome<Uuid> peer_id(Config& peer, pki::Role role) {
  const std::string id = peer.text("id", "");
  const std::filesystem::path file = peer.path("certificate", "");
  if (id.empty() == file.empty()) {
    peer.refuse("id", "either id or certificate names the peer");
    return Uuid{};
  }
  if (!id.empty()) {
    const Result<Uuid> uuid = Uuid::from_text(id);
    if (!uuid.ok()) {
      peer.refuse("id", "is not a UUID");
      return Uuid{};
    }
    return uuid.value();
  }
  TAILOR_TRY_ASSIGN(const pki::Certificate certificate, readable(pki::Certificate::read(file)));
  if (!certificate.identity() || certificate.identity()->role != role) {
    return fail(Error::kRoleNotPermitted,
                file.string() + ": not a certificate of role " + std::string(pki::to_text(role)));
  }
  return certificate.identity()->id;
}

Outcome<TrustedSigner> signer(Config& entry) {
  TrustedSigner out;
  (void)entry.required_text("key");
  const std::filesystem::path file = entry.path("key", "");
  if (!file.empty()) {
    TAILOR_TRY_ASSIGN(out.key, read_public_key(file));
  }
  const std::vector<std::string> components = entry.texts("components");
  if (components.empty()) entry.refuse("components", "a signer needs components; [\"*\"] is every component");
  for (const std::string& text : components) {
    Outcome<ComponentParts> parts = component_from_text(text == "*" ? "" : text);
    if (!parts.ok() || (text != "*" && parts->empty())) {
      entry.refuse("components", "'" + text + "' is no component");
    } else {
      out.rights.push_back(std::move(parts).value());
    }
  }
  return out;
}

/// Reads a serial number as tools print it and gives the content of the DER INTEGER: no leading zero bytes, except one
/// before a byte above 0x7f (X.690 8.3), because that is what a device compares.
Outcome<Bytes> serial(std::string_view text) {
  TAILOR_TRY_ASSIGN(Bytes bytes, from_hex(text));
  while (bytes.size() > 1 && bytes.front() == 0) bytes.erase(bytes.begin());
  if (bytes.empty()) return fail(Error::kValueOutOfRange, "empty");
  if (bytes.front() > 0x7F) bytes.insert(bytes.begin(), 0);
  return bytes;
}

}  // namespace

Outcome<TrustDescription> read_trust_description(const std::filesystem::path& file) {
  TAILOR_TRY_ASSIGN(Config config, readable(Config::read_file(file)));
  TrustDescription out;
  if (!config.has("version")) config.refuse("version", "is missing");
  out.version = static_cast<uint64_t>(config.integer("version", 1, 1, INT64_MAX));
  for (Config& entry : config.tables("signers")) {
    TAILOR_TRY_ASSIGN(TrustedSigner trusted, signer(entry));
    out.signers.push_back(std::move(trusted));
  }
  for (Config& entry : config.tables("servers")) {
    TAILOR_TRY_ASSIGN(const Uuid id, peer_id(entry, pki::Role::kUpdateServer));
    out.servers.push_back(id);
    for (std::string& uri : entry.texts("uris")) out.server_uris.push_back(std::move(uri));
  }
  for (Config& entry : config.tables("operators")) {
    TAILOR_TRY_ASSIGN(const Uuid id, peer_id(entry, pki::Role::kOperator));
    out.operators.push_back(id);
  }
  for (Config& entry : config.tables("authorities")) {
    (void)entry.required_text("certificate");
    const std::filesystem::path path = entry.path("certificate", "");
    if (path.empty()) continue;
    TAILOR_TRY_ASSIGN(const pki::Certificate certificate, readable(pki::Certificate::read(path)));
    if (!certificate.is_authority()) return fail(Error::kCertificateProfile, path.string() + ": not a CA certificate");
    out.authorities.push_back(certificate.der());
  }
  for (const std::string& text : config.texts("revoked")) {
    Outcome<Bytes> revoked = serial(text);
    if (!revoked.ok()) {
      config.refuse("revoked", "'" + text + "' is no serial number in hexadecimal");
    } else {
      out.revoked_serials.push_back(std::move(revoked).value());
    }
  }
  TAILOR_TRY(config.finish());
  return out;
}

}  // namespace tailor::authoring
