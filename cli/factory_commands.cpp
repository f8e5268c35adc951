// SPDX-License-Identifier: Apache-2.0
// `tailor factory create|show|kek`: what a device is born with, and the record by which the CA will know it.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/factory.hpp"
#include "authoring/signing/key_formats.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "core/cbor/writer.hpp"
#include "core/trust/kek.hpp"
#include "core/trust/trust_store.hpp"
#include "hosted/uuid_make.hpp"
#include "pki/certificate.hpp"
#include "pki/issue.hpp"
#include "pki/key.hpp"

namespace tailor::cli {
namespace {

struct CreateOptions {
  std::string vendor, class_name, device, tenant = "default", ca_uri, trust, anchor, mode = "psk";
  int key_pairs = 1;
  std::string factory_ca, factory_ca_key, record, out;
};

/// Issues the factory certificate of `idevid` mode under the manufacturer's own CA.
Outcome<authoring::FactoryIdentity> make_identity(const CreateOptions& options, const Uuid& device) {
  if (options.factory_ca.empty() || options.factory_ca_key.empty()) {
    return fail(Error::kUsageInvalid, "mode idevid needs --factory-ca and --factory-ca-key");
  }
  TAILOR_TRY_ASSIGN(const Bytes pem, read_input(options.factory_ca));
  TAILOR_TRY_ASSIGN(const pki::Certificate authority,
                    with_context(pki::Certificate::from_pem(as_text(pem)), options.factory_ca));
  TAILOR_TRY_ASSIGN(const Bytes key_pem, read_input(options.factory_ca_key));
  TAILOR_TRY_ASSIGN(const pki::PrivateKey authority_key,
                    with_context(pki::PrivateKey::from_pem(as_text(key_pem)), options.factory_ca_key));
  TAILOR_TRY_ASSIGN(const pki::Issuer issuer, pki::load_issuer(authority, authority_key));
  TAILOR_TRY_ASSIGN(const pki::PrivateKey key, pki::PrivateKey::generate());
  const pki::Identity identity{.tenant = options.tenant, .role = pki::Role::kDevice, .id = device};
  const pki::Validity validity{.not_before = authority.not_before(), .not_after = pki::kNoExpiry};
  TAILOR_TRY_ASSIGN(const pki::Certificate certificate, pki::issue(issuer, identity, key.public_key(), validity));
  TAILOR_TRY_ASSIGN(const crypto::P256PrivateKey core_key, key.to_core());
  return authoring::FactoryIdentity{.certificate = certificate.der(), .key = core_key};
}

Outcome<ExitCode> create(Session& session, const CreateOptions& options) {
  authoring::FactoryRequest request;
  if (options.device.empty()) {
    TAILOR_TRY_ASSIGN(const Uuid device, uuid4());
    request.device = device;
  } else {
    TAILOR_TRY_ASSIGN(const Uuid device, with_context(Uuid::from_text(options.device), "--device"));
    request.device = device;
  }
  request.vendor_domain = options.vendor;
  request.class_name = options.class_name;
  request.tenant = options.tenant;
  request.ca_uri = options.ca_uri;
  request.key_pairs = static_cast<uint8_t>(options.key_pairs);
  TAILOR_TRY_ASSIGN(request.mode, with_context(trust::bootstrap_mode_from_name(options.mode), "--mode"));
  TAILOR_TRY_ASSIGN(request.trust_store, read_input(options.trust));
  TAILOR_TRY_ASSIGN(request.anchor, authoring::read_verification_key(options.anchor));
  if (request.mode == trust::BootstrapMode::kIdevid) {
    TAILOR_TRY_ASSIGN(request.identity, make_identity(options, *request.device));
  }
  TAILOR_TRY_ASSIGN(const authoring::FactoryDevice made, authoring::make_factory_device(request));

  const std::string record_file = options.record.empty() ? options.out + ".json" : options.record;
  const SecretString record = authoring::record_to_json(made.record);
  TAILOR_TRY(write_output(options.out, made.bundle.reveal(), FileMode::kPrivate, Overwrite::kRefuse));
  TAILOR_TRY(write_output(record_file, as_bytes(record.reveal()), FileMode::kPrivate, Overwrite::kRefuse));
  const Json document = {{"device", uuid_text(made.record.device)},
                         {"vendor", uuid_text(made.record.vendor)},
                         {"class", uuid_text(made.record.device_class)},
                         {"mode", options.mode},
                         {"key_pairs", options.key_pairs},
                         {"bundle", options.out},
                         {"record", record_file}};
  session.print(document, [&](std::ostream& out) {
    out << "device  " << document["device"].get<std::string>() << "\n"
        << "bundle  " << options.out << " (for the device; secret)\n"
        << "record  " << record_file << " (for the CA: tailor ca devices add; secret)\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> show(Session& session, const std::string& file) {
  TAILOR_TRY_ASSIGN(Bytes bytes, read_input(file));
  const SecretBytes kept(bytes);
  wipe(bytes);
  TAILOR_TRY_ASSIGN(const trust::FactoryBundle bundle, with_context(trust::decode_factory_bundle(kept.reveal()), file));
  const auto store = trust::open_trust_store(bundle.trust_store, bundle.anchor, 0);
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest anchor, with_context(cose::thumbprint(bundle.anchor), "anchor"));
  const Json document = {{"device", uuid_text(bundle.device)},
                         {"vendor", uuid_text(bundle.vendor)},
                         {"class", uuid_text(bundle.device_class)},
                         {"tenant", bundle.tenant},
                         {"ca_uri", bundle.ca_uri},
                         {"mode", trust::name_of(bundle.mode)},
                         {"key_pairs", bundle.key_pairs},
                         {"anchor", to_hex(anchor)},
                         {"trust_store_version", store.ok() ? Json(store->version) : Json(nullptr)},
                         {"factory_secret_bits", bundle.factory_secret.size() * 8},
                         {"factory_certificate", !bundle.factory_certificate.empty()}};
  session.print(document, [&](std::ostream& out) {
    for (const auto& [name, value] : document.items()) {
      out << name << std::string(22 - name.size(), ' ') << (value.is_string() ? value.get<std::string>() : value.dump())
          << "\n";
    }
  });
  if (!store.ok()) return fail(store.error(), file + ": trust store of the bundle");
  return ExitCode::kOk;
}

/// Writes the key-encryption key that follows from a device's factory secret, as a COSE_Key (RFC 9052 7, RFC 9053 7.3).
Outcome<ExitCode> write_kek(Session& session, const std::string& record_file, const std::string& out_file) {
  TAILOR_TRY_ASSIGN(Bytes content, read_input(record_file));
  Outcome<authoring::FactoryRecord> record = authoring::record_from_json(as_text(content));
  wipe(content);
  if (!record.ok()) return fail(record.error().code, record_file + ": " + record.error().context);
  TAILOR_TRY_ASSIGN(const trust::Kek kek,
                    with_context(trust::derive_kek(record->factory_secret.reveal(), record->device), record_file));
  constexpr uint64_t kKeyType = 1, kSymmetric = 4, kKeyId = 2;
  std::array<uint8_t, 64> buffer{};
  cbor::Writer writer(buffer);
  writer.put_map(3).put_unsigned(kKeyType).put_unsigned(kSymmetric).put_unsigned(kKeyId);
  writer.put_bytes(as_bytes(trust::kKekId)).put_int(-1).put_bytes(kek.secret_bytes());
  const auto encoded = writer.finish();
  const Outcome<void> written = encoded.ok() ? write_output(out_file, *encoded, FileMode::kPrivate, Overwrite::kRefuse)
                                             : Outcome<void>(Failure{encoded.error(), out_file});
  wipe(buffer);
  TAILOR_TRY(written);
  session.print({{"file", out_file}, {"device", uuid_text(record->device)}}, [&](std::ostream& out) {
    out << out_file << ": key-encryption key of " << uuid_text(record->device) << ", keep it secret\n";
  });
  return ExitCode::kOk;
}

}  // namespace

void add_factory_commands(CLI::App& app, Session& session) {
  CLI::App* family = app.add_subcommand("factory", "make and show factory bundles of devices");
  family->require_subcommand(1);

  auto options = std::make_shared<CreateOptions>();
  CLI::App* make = family->add_subcommand("create", "make a device's bundle and the CA's record of it");
  make->add_option("--vendor", options->vendor, "the vendor's domain; its UUID is derived from it")->required();
  make->add_option("--class", options->class_name, "the device class; its UUID is derived from it")->required();
  make->add_option("--device", options->device, "the device's UUID (default: a new one)");
  make->add_option("--tenant", options->tenant, "tenant (default: default)");
  make->add_option("--ca-uri", options->ca_uri, "where the device enrols, coaps://host[:port]")->required();
  make->add_option("--trust", options->trust, "signed trust store")->required();
  make->add_option("--anchor", options->anchor, "public key of the trust provisioning authority")->required();
  make->add_option("--mode", options->mode, "psk (default) or idevid")->check(CLI::IsMember({"psk", "idevid"}));
  make->add_option("--keys", options->key_pairs, "key pairs of the device, 1 (default) or 2")->check(CLI::Range(1, 2));
  make->add_option("--factory-ca", options->factory_ca, "idevid: certificate of the manufacturer's CA");
  make->add_option("--factory-ca-key", options->factory_ca_key, "idevid: its private key");
  make->add_option("--record", options->record, "file of the CA's record (default: the bundle's name with .json)");
  make->add_option("-o,--out", options->out, "file of the bundle")->required();
  make->callback([&session, options] { session.action = [&session, options] { return create(session, *options); }; });

  auto file = std::make_shared<std::string>();
  CLI::App* view = family->add_subcommand("show", "show a bundle without its secrets");
  view->add_option("FILE", *file, "factory bundle")->required();
  view->callback([&session, file] { session.action = [&session, file] { return show(session, *file); }; });

  auto kek = std::make_shared<std::string>();
  CLI::App* derive = family->add_subcommand("kek", "write the key with which images are encrypted for one device");
  derive->add_option("FILE", *file, "the CA's record of the device")->required();
  derive->add_option("-o,--out", *kek, "file of the key, a COSE_Key")->required();
  derive->callback(
      [&session, file, kek] { session.action = [&session, file, kek] { return write_kek(session, *file, *kek); }; });
}

}  // namespace tailor::cli
