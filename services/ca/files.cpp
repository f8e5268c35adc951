// SPDX-License-Identifier: Apache-2.0
// Making and loading what an authority keeps outside of its database.
#include "services/ca/files.hpp"

#include "hosted/file.hpp"
#include "hosted/log.hpp"
#include "hosted/uuid_make.hpp"
#include "pki/verify.hpp"

namespace tailor::ca {
namespace {

constexpr std::chrono::hours kBackdate{1};

Outcome<void> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error); error) {
    return fail(Error::kFileFailed, folder.string() + ": " + error.message());
  }
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error) return fail(Error::kFileFailed, folder.string() + ": " + error.message());
  return kOk;
}

/// Writes the key first: a root certificate without its key would be trusted and useless.
Outcome<pki::Issuer> make_authority(const std::filesystem::path& certificate_path,
                                    const std::filesystem::path& key_path, const pki::Identity& identity,
                                    const std::string& name, const pki::Validity& validity) {
  for (const auto& path : {key_path, certificate_path}) {
    if (std::filesystem::exists(path)) return fail(Error::kAlreadyExists, path.string());
  }
  TAILOR_TRY_ASSIGN(const pki::PrivateKey key, pki::PrivateKey::generate());
  TAILOR_TRY_ASSIGN(pki::Issuer issuer, pki::make_root(key, identity, name, validity));
  TAILOR_TRY(key.write(key_path));
  TAILOR_TRY(write_file(certificate_path, as_bytes(issuer.certificate.to_pem())));
  return issuer;
}

bool is_current(const pki::Certificate& certificate, const pki::PrivateKey& key, const CaConfig& config,
                const Authority& authority, UtcTime now) {
  const auto whole = certificate.not_after() - certificate.not_before();
  pki::VerifyPolicy policy;
  policy.anchors = std::span(&authority.root(), 1);
  policy.now = now;
  policy.usage = pki::Usage::kServer;
  return certificate.public_key() == key.public_key() && certificate.host_names() == config.host_names &&
         now < certificate.not_after() - whole / 3 && pki::verify(certificate, policy).ok();
}

}  // namespace

Outcome<pki::Certificate> init_ca(const CaInit& init, const UtcClock& clock) {
  TAILOR_TRY(make_folder(init.folder));
  const UtcTime now = clock.now();
  TAILOR_TRY_ASSIGN(const Uuid id, uuid4());
  TAILOR_TRY_ASSIGN(
      const pki::Issuer issuer,
      make_authority(init.folder / CaFiles::kRootCertificate, init.folder / CaFiles::kRootKey,
                     {init.tenant, pki::Role::kCa, id}, init.name, {now - kBackdate, now + init.validity}));
  TAILOR_TRY(Vault::create_key(init.folder / CaFiles::kSecretsKey));
  return issuer.certificate;
}

Outcome<LoadedFiles> load_files(const CaConfig& config) {
  TAILOR_TRY_ASSIGN(pki::Certificate root, pki::Certificate::read(config.folder / CaFiles::kRootCertificate));
  TAILOR_TRY_ASSIGN(pki::PrivateKey key, pki::PrivateKey::read(config.folder / CaFiles::kRootKey));
  TAILOR_TRY_ASSIGN(pki::Issuer issuer, pki::load_issuer(std::move(root), std::move(key)));
  TAILOR_TRY_ASSIGN(Vault vault, Vault::open_key(config.folder / CaFiles::kSecretsKey));
  std::vector<pki::Certificate> anchors;
  for (const auto& path : config.factory_anchors) {
    TAILOR_TRY_ASSIGN(const auto some, pki::read_certificates(path));
    anchors.insert(anchors.end(), some.begin(), some.end());
  }
  return LoadedFiles{std::move(issuer), std::move(vault), std::move(anchors)};
}

Outcome<ServiceIdentity> service_identity(const CaConfig& config, Authority& authority, const UtcClock& clock) {
  const auto key_path = config.folder / CaFiles::kServiceKey;
  const auto certificate_path = config.folder / CaFiles::kServiceCertificate;
  auto key = pki::PrivateKey::read(key_path);
  if (!key.ok() && key.error().code != Error::kNotFound) return key.error();
  if (key.ok()) {
    auto certificate = pki::Certificate::read(certificate_path);
    if (certificate.ok() && is_current(*certificate, *key, config, authority, clock.now())) {
      return ServiceIdentity{std::move(*certificate), std::move(*key)};
    }
  }
  TAILOR_TRY_ASSIGN(const pki::PrivateKey fresh, pki::PrivateKey::generate());
  TAILOR_TRY_ASSIGN(const Uuid id, uuid4());
  const std::string tenant = authority.root().identity() ? authority.root().identity()->tenant : "default";
  TAILOR_TRY_ASSIGN(pki::Certificate certificate,
                    authority.issue_for_service({tenant, pki::Role::kCa, id}, fresh.public_key(), config.host_names));
  TAILOR_TRY(fresh.write(key_path));
  TAILOR_TRY(write_file(certificate_path, as_bytes(certificate.to_pem())));
  log(LogLevel::kInfo, "ca", "service certificate renewed", {{"serial", certificate.serial()}});
  return ServiceIdentity{std::move(certificate), fresh};
}

}  // namespace tailor::ca
