// SPDX-License-Identifier: Apache-2.0
#include "cli/dev_folder.hpp"

#include "authoring/trust.hpp"
#include "cli/files.hpp"
#include "cli/profile.hpp"
#include "hosted/uuid_make.hpp"
#include "pki/key.hpp"

namespace tailor::cli {
namespace {

/// A certificate is renewed at a start when less than this is left of it.
constexpr std::chrono::hours kRenewBefore{24 * 14};

Outcome<void> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Error::kFileFailed, folder.string() + ": " + error.message());
  return kOk;
}

/// Gives a role a certificate in a folder of its own, under the id that it had before.
Outcome<void> grant(const std::filesystem::path& folder, ca::Authority& authority, pki::Role role,
                    const std::vector<std::string>& host_names, const UtcClock& clock) {
  TAILOR_TRY(make_folder(folder));
  ca::NewCode wanted;
  wanted.role = role;
  wanted.host_names = host_names;
  const auto current = pki::Certificate::read(folder / "cert.pem");
  if (current.ok() && current->identity()) {
    if (current->not_after() > clock.now() + kRenewBefore) return kOk;
    wanted.id = current->identity()->id;
  }
  TAILOR_TRY_ASSIGN(const pki::PrivateKey key, pki::PrivateKey::generate());
  TAILOR_TRY_ASSIGN(const Bytes request, pki::make_request(key));
  TAILOR_TRY_ASSIGN(const ca::IssuedCode issued, authority.issue_code(wanted));
  TAILOR_TRY_ASSIGN(const pki::Certificate certificate,
                    authority.enrol_with_code(pki::to_text(role), issued.code, request));
  TAILOR_TRY(key.write(folder / "key.pem"));
  TAILOR_TRY(write_output(folder / "cert.pem", as_bytes(certificate.to_pem()), FileMode::kPublic, Overwrite::kAllow));
  return write_output(folder / "ca.pem", as_bytes(authority.root().to_pem()), FileMode::kPublic, Overwrite::kAllow);
}

Outcome<void> make_key(const std::filesystem::path& folder, const std::string& name) {
  if (std::filesystem::exists(folder / (name + ".key"))) return kOk;
  TAILOR_TRY_ASSIGN(const pki::PrivateKey key, pki::PrivateKey::generate());
  TAILOR_TRY_ASSIGN(const std::string open, pki::public_key_to_pem(key.public_key()));
  TAILOR_TRY(write_output(folder / (name + ".pub"), as_bytes(open), FileMode::kPublic, Overwrite::kAllow));
  return key.write(folder / (name + ".key"));
}

std::string trust_toml(uint64_t version, const std::string& server_coaps) {
  return "# What devices of `tailor dev` trust; see docs/cli.md, tailor trust create.\nversion = " +
         std::to_string(version) +
         "\n\n[[signers]]\nkey = \"keys/author.pub\"\ncomponents = [\"*\"]\n\n[[servers]]\ncertificate = "
         "\"server/cert.pem\"\nuris = [\"coaps://" +
         server_coaps +
         "\"]\n\n[[operators]]\ncertificate = \"operator/cert.pem\"\n\n[[authorities]]\ncertificate = "
         "\"ca/ca.pem\"\n";
}

}  // namespace

Outcome<void> prepare_dev_folder(const std::filesystem::path& folder, ca::Authority& authority,
                                 const std::vector<std::string>& host_names, const UtcClock& clock) {
  TAILOR_TRY(grant(folder / "server", authority, pki::Role::kUpdateServer, host_names, clock));
  TAILOR_TRY(grant(folder / "operator", authority, pki::Role::kOperator, {}, clock));
  TAILOR_TRY(make_folder(folder / "keys"));
  TAILOR_TRY(make_key(folder / "keys", "authority"));
  return make_key(folder / "keys", "author");
}

Outcome<void> write_dev_profile(const std::filesystem::path& folder, const DevAddresses& addresses) {
  const Profile profile{.server_url = "https://" + addresses.server_https,
                        .ca_url = "https://" + addresses.ca_https,
                        .certificate = "operator/cert.pem",
                        .key = "operator/key.pem",
                        .authorities = "operator/ca.pem"};
  TAILOR_TRY(
      write_output(folder / "tailor.toml", as_bytes(profile_to_toml(profile)), FileMode::kPublic, Overwrite::kAllow));
  // The author of the description may have changed it since; it is signed anew only where it is missing.
  if (!std::filesystem::exists(folder / "trust.toml")) {
    TAILOR_TRY(write_output(folder / "trust.toml", as_bytes(trust_toml(1, addresses.server_coaps)), FileMode::kPublic,
                            Overwrite::kRefuse));
  }
  if (std::filesystem::exists(folder / "trust.cbor")) return kOk;
  TAILOR_TRY_ASSIGN(const authoring::TrustDescription description,
                    authoring::read_trust_description(folder / "trust.toml"));
  TAILOR_TRY_ASSIGN(const Bytes document, authoring::encode_trust_store(description));
  TAILOR_TRY_ASSIGN(const crypto::P256PrivateKey key, read_private_key(folder / "keys" / "authority.key"));
  TAILOR_TRY_ASSIGN(const Bytes sealed, authoring::seal_trust_store(document, key));
  return write_output(folder / "trust.cbor", sealed, FileMode::kPublic, Overwrite::kRefuse);
}

}  // namespace tailor::cli
