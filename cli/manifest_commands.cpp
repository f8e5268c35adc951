// SPDX-License-Identifier: Apache-2.0
// `tailor manifest`: the author's tool. Needs no network and no profile.
#include <CLI/CLI.hpp>

#include "cli/manifest_family.hpp"

namespace tailor::cli {

void add_manifest_commands(CLI::App& app, Session& session) {
  CLI::App* family = app.add_subcommand("manifest", "make, sign, verify and explain SUIT manifests");
  family->require_subcommand(1);
  add_manifest_create(*family, session);
  add_manifest_import(*family, session);
  add_manifest_sign(*family, session);
  add_manifest_attach_signature(*family, session);
  add_manifest_verify(*family, session);
  add_manifest_show(*family, session);
  add_manifest_try(*family, session);
  add_manifest_edit(*family, session);
  add_manifest_encrypt(*family, session);
}

}  // namespace tailor::cli
