// SPDX-License-Identifier: Apache-2.0
// The real services, run by the program in this process: `tailor dev` from nothing to a first deployment, and a server
// of its own with backup and restore.
#include "cli/update_server_commands.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/testing.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::cli {
namespace {

using nlohmann::json;

class UpdateServerCommands : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  Finished with_profile(const std::string& profile, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--config", profile});
    return run_tailor(arguments);
  }
  json json_of(const Finished& done) {
    EXPECT_EQ(done.code, ExitCode::kOk) << done.err;
    return json::parse(done.out, nullptr, false);
  }

  TemporaryFolder folder_;
};

TEST_F(UpdateServerCommands, DevIsAFirstLook) {
  const std::string dev = path("dev");
  const std::vector<std::string> command = {"dev",         "--dir",      dev,           "--ca-https",
                                            "127.0.0.1:0", "--ca-coaps", "127.0.0.1:0", "--https",
                                            "127.0.0.1:0", "--coaps",    "127.0.0.1:0", "--json"};
  const std::string profile = dev + "/tailor.toml";
  ASSERT_TRUE(write_file(path("fw.bin"), as_bytes("firmware 2")).ok());
  std::string digest;
  const Finished first = run_serving(command, [&](const std::string& out) {
    const json at = json::parse(out);
    EXPECT_EQ(json_of(with_profile(profile, {"devices", "list", "--json"}))["items"].size(), 0U);
    ASSERT_EQ(run_tailor({"factory", "create", "--vendor", "example.com", "--class", "bulb", "--ca-uri",
                          "coaps://" + at["ca"]["coaps"].get<std::string>(), "--trust", dev + "/trust.cbor", "--anchor",
                          dev + "/keys/authority.pub", "-o", path("lamp.bundle")})
                  .code,
              ExitCode::kOk);
    EXPECT_EQ(run_tailor({"ca", "devices", "add", "--dir", dev + "/ca", path("lamp.bundle.json")}).code, ExitCode::kOk);
    ASSERT_EQ(run_tailor({"manifest", "create", "--image", path("fw.bin"), "--vendor", "example.com", "--class", "bulb",
                          "--sequence", "2", "--key", dev + "/keys/author.key", "-o", path("v2.suit")})
                  .code,
              ExitCode::kOk);
    const json uploaded = json_of(with_profile(profile, {"upload", path("fw.bin"), path("v2.suit"), "--json"}));
    digest = uploaded["items"][1]["digest"];
    const json order = json_of(with_profile(
        profile, {"deploy", "create", "--manifest", digest, "--filter", "life_cycle==registered", "--json"}));
    EXPECT_EQ(order["state"], "active");
    const Finished shown = with_profile(profile, {"deploy", "show", order["id"]});
    EXPECT_EQ(shown.code, ExitCode::kOk) << shown.err;
    EXPECT_EQ(json_of(with_profile(profile, {"deploy", "pause", order["id"], "--json"}))["state"], "paused");
    EXPECT_EQ(json_of(with_profile(profile, {"deploy", "cancel", order["id"], "--json"}))["state"], "cancelled");
    const Finished ended = with_profile(profile, {"deploy", "resume", order["id"]});
    EXPECT_EQ(ended.code, ExitCode::kRefused);
    EXPECT_NE(ended.err.find("DeploymentEnded"), std::string::npos) << ended.err;
    EXPECT_EQ(with_profile(profile, {"watch", order["id"]}).code, ExitCode::kRefused);
    EXPECT_GE(json_of(with_profile(profile, {"events", "--json"}))["items"].size(), 3U);
    const Finished table = with_profile(profile, {"images", "list"});
    EXPECT_NE(table.out.find("DIGEST"), std::string::npos) << table.err;
    EXPECT_EQ(with_profile(profile, {"devices", "list", "--filter", "nonsense"}).code, ExitCode::kUnusable);
    EXPECT_EQ(with_profile(profile, {"manifests", "get", digest, "-o", path("back.suit")}).code, ExitCode::kOk);
    EXPECT_EQ(read_file(path("back.suit")).value(), read_file(path("v2.suit")).value());
  });
  ASSERT_EQ(first.code, ExitCode::kOk) << first.err;

  // Started again, everything is still there, under the same keys.
  const auto trust = read_file(dev + "/trust.cbor").value();
  const auto certificate = read_file(dev + "/server/cert.pem").value();
  const Finished second = run_serving(command, [&](const std::string&) {
    const json manifests = json_of(with_profile(profile, {"manifests", "list", "--json"}));
    ASSERT_EQ(manifests["items"].size(), 1U);
    EXPECT_EQ(manifests["items"][0]["digest"], digest);
  });
  ASSERT_EQ(second.code, ExitCode::kOk) << second.err;
  EXPECT_EQ(read_file(dev + "/trust.cbor").value(), trust);
  EXPECT_EQ(read_file(dev + "/server/cert.pem").value(), certificate);

  // What a backup keeps comes back in another folder.
  const std::string quiet = "[log]\nlevel = \"off\"\n";
  ASSERT_TRUE(write_file(dev + "/server/update-server.toml", as_bytes(quiet)).ok());
  ASSERT_EQ(run_tailor({"update-server", "backup", "--dir", dev + "/server", "--to", path("kept")}).code,
            ExitCode::kOk);
  const Finished twice = run_tailor({"update-server", "backup", "--dir", dev + "/server", "--to", path("kept")});
  EXPECT_EQ(twice.code, ExitCode::kRefused);
  std::filesystem::create_directory(path("other"));
  for (const char* name : {"cert.pem", "key.pem", "ca.pem", "update-server.toml"}) {
    std::filesystem::copy(dev + "/server/" + name, path("other/") + name);
  }
  const Finished restored = run_tailor({"update-server", "restore", "--dir", path("other"), "--from", path("kept")});
  ASSERT_EQ(restored.code, ExitCode::kOk) << restored.err;
  const Finished served = run_serving(
      {"update-server", "serve", "--dir", path("other"), "--https", "127.0.0.1:0", "--coaps", "127.0.0.1:0", "--json"},
      [&](const std::string& out) {
        const std::string url = "https://" + json::parse(out)["https"].get<std::string>();
        const std::string text = "server_url = \"" + url +
                                 "\"\ncertificate = \"dev/operator/cert.pem\"\nkey = "
                                 "\"dev/operator/key.pem\"\nauthorities = \"dev/operator/ca.pem\"\n";
        ASSERT_TRUE(write_file(path("other.toml"), as_bytes(text)).ok());
        EXPECT_EQ(json_of(with_profile(path("other.toml"), {"manifests", "list", "--json"}))["items"].size(), 1U);
      });
  EXPECT_EQ(served.code, ExitCode::kOk) << served.err;
}

TEST_F(UpdateServerCommands, SaysWhatIsMissing) {
  const Finished none = run_tailor({"update-server", "serve", "--dir", path("none")});
  EXPECT_EQ(none.code, ExitCode::kUnusable);
  EXPECT_NE(none.err.find("tailor enrol --role update-server"), std::string::npos) << none.err;
  EXPECT_EQ(run_tailor({"update-server", "serve", "--dir", path("none"), "--https", "here"}).code, ExitCode::kUnusable);
  EXPECT_EQ(run_tailor({"update-server", "serve", "--dir", path("none"), "--settings", path("no.toml")}).code,
            ExitCode::kUnusable);
  EXPECT_EQ(run_tailor({"dev", "--dir", path("d"), "--https", "here"}).code, ExitCode::kUnusable);
  ASSERT_TRUE(write_file(path("s.toml"), as_bytes("[update_server]\nhttp_prot = 1\n")).ok());
  const Finished strict = run_tailor({"update-server", "serve", "--dir", path("none"), "--settings", path("s.toml")});
  EXPECT_EQ(strict.code, ExitCode::kUnusable);
  EXPECT_NE(strict.err.find("unknown key update_server.http_prot"), std::string::npos) << strict.err;
}

}  // namespace
}  // namespace tailor::cli
