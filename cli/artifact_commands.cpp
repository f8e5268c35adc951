// SPDX-License-Identifier: Apache-2.0
// `tailor images`, `tailor manifests` and `tailor upload`: what an update server has to hand out.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/summary.hpp"
#include "cli/api_client.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/table.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::cli {
namespace {

std::function<void(uint64_t, uint64_t)> progress_of(Session& session, const std::string& name) {
  if (!session.interactive || session.json) return {};
  return [&session, name](uint64_t sent, uint64_t size) {
    session.err << "\r" << name << " " << (size == 0 ? 100 : sent * 100 / size) << " %" << (sent == size ? "\n" : "")
                << std::flush;
  };
}

Outcome<Json> upload_image(Session& session, const ApiClient& client, const std::string& file) {
  // The digest travels with the image, so that a transfer that was damaged is refused and not kept under a wrong name.
  TAILOR_TRY_ASSIGN(const Bytes image, read_input(file));
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, with_context(crypto::sha256(image), file));
  return client.upload("/v1/images", file, "application/octet-stream", {{"digest", to_hex(digest)}},
                       progress_of(session, file));
}

Outcome<Json> upload_manifest(Session& session, const ApiClient& client, const std::string& file) {
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(file));
  TAILOR_TRY(with_context(authoring::summarize(envelope), file));
  return client.upload("/v1/manifests", file, "application/suit-envelope+cose", {}, progress_of(session, file));
}

/// "d8 6b" is tag 107; no executable format begins like that.
Outcome<Json> upload_either(Session& session, const ApiClient& client, const std::string& file) {
  TAILOR_TRY_ASSIGN(const Bytes content, read_input(file));
  const bool envelope = content.size() > 2 && content[0] == 0xD8 && content[1] == 0x6B;
  return envelope ? upload_manifest(session, client, file) : upload_image(session, client, file);
}

using Upload = Outcome<Json> (*)(Session&, const ApiClient&, const std::string&);

Outcome<ExitCode> upload_all(Session& session, const std::vector<std::string>& files, Upload upload) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  Json items = Json::array();
  for (const std::string& file : files) {
    TAILOR_TRY_ASSIGN(Json answer, upload(session, client, file));
    answer["file"] = file;
    items.push_back(std::move(answer));
  }
  // One file is the usual case, and one object is easier on scripts than a list of one.
  const Json document = items.size() == 1 ? items[0] : Json{{"items", items}};
  session.print(document, [&](std::ostream& out) {
    Table table({"FILE", "DIGEST", "SIZE"});
    for (const Json& item : items) {
      table.add({cell(item, "file"), cell(item, "digest"),
                 item.contains("size_bytes") ? cell(item, "size_bytes") : cell(item, "envelope_bytes")});
    }
    table.write(out);
  });
  return ExitCode::kOk;
}

void add_upload(CLI::App& parent, const char* name, const char* help, Session& session, Upload upload) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* command = parent.add_subcommand(name, help);
  command->add_option("FILE", *files, "file; may be repeated")->required();
  command->callback([&session, files, upload] {
    session.action = [&session, files, upload] { return upload_all(session, *files, upload); };
  });
}

Outcome<ExitCode> list_images(Session& session) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const Json list, client.get_all("/v1/images", {}, 0));
  session.print(list, [&](std::ostream& out) {
    Table table({"DIGEST", "SIZE", "UPLOADED"});
    for (const Json& item : list["items"]) {
      table.add({cell(item, "digest"), cell(item, "size_bytes"), cell(item, "uploaded_at")});
    }
    table.write(out);
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> list_manifests(Session& session) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const Json list, client.get_all("/v1/manifests", {}, 0));
  session.print(list, [&](std::ostream& out) {
    Table table({"DIGEST", "SEQUENCE", "SIZE", "UPLOADED"});
    for (const Json& item : list["items"]) {
      table.add({cell(item, "digest"), cell(item, "sequence_number"), cell(item, "envelope_bytes"),
                 cell(item, "uploaded_at")});
    }
    table.write(out);
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> show_manifest(Session& session, const std::string& digest) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const Json document, client.get("/v1/manifests/" + http::percent_encode(digest)));
  session.print(document, [&](std::ostream& out) { write_members(out, document); });
  return ExitCode::kOk;
}

Outcome<ExitCode> get_manifest(Session& session, const std::string& digest, const std::string& file) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const std::string envelope,
                    client.get_octets("/v1/manifests/" + http::percent_encode(digest) + "/envelope"));
  TAILOR_TRY(write_output(file, as_bytes(envelope), FileMode::kPublic, Overwrite::kAllow));
  session.print({{"digest", digest}, {"file", file}, {"size_bytes", envelope.size()}},
                [&](std::ostream& out) { out << file << ": " << envelope.size() << " bytes\n"; });
  return ExitCode::kOk;
}

}  // namespace

void add_artifact_commands(CLI::App& app, Session& session) {
  CLI::App* images = app.add_subcommand("images", "images on the update server");
  images->require_subcommand(1);
  add_upload(*images, "upload", "upload images", session, upload_image);
  images->add_subcommand("list", "list images")->callback([&session] {
    session.action = [&session] { return list_images(session); };
  });

  CLI::App* manifests = app.add_subcommand("manifests", "manifests on the update server");
  manifests->require_subcommand(1);
  add_upload(*manifests, "upload", "upload signed envelopes", session, upload_manifest);
  manifests->add_subcommand("list", "list manifests")->callback([&session] {
    session.action = [&session] { return list_manifests(session); };
  });
  auto digest = std::make_shared<std::string>();
  CLI::App* show = manifests->add_subcommand("show", "show what the server read out of a manifest");
  show->add_option("DIGEST", *digest, "digest of the manifest")->required();
  show->callback(
      [&session, digest] { session.action = [&session, digest] { return show_manifest(session, *digest); }; });

  auto file = std::make_shared<std::string>();
  CLI::App* get = manifests->add_subcommand("get", "fetch the envelope of a manifest");
  get->add_option("DIGEST", *digest, "digest of the manifest")->required();
  get->add_option("-o,--out", *file, "file to write")->required();
  get->callback([&session, digest, file] {
    session.action = [&session, digest, file] { return get_manifest(session, *digest, *file); };
  });

  add_upload(app, "upload", "upload images and envelopes; which is which is seen from the content", session,
             upload_either);
}

}  // namespace tailor::cli
