// SPDX-License-Identifier: Apache-2.0
#include "cli/service_settings.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "cli/profile.hpp"
#include "cli/update_server_commands.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "services/ca/service.hpp"

namespace tailor::cli {
namespace {

TEST(ServiceSettings, ListenAddresses) {
  const struct {
    const char* text;
    Listen listen;
  } rows[] = {{"127.0.0.1:8444", {"127.0.0.1", 8444}}, {"[::1]:0", {"::1", 0}}, {"0.0.0.0:65535", {"0.0.0.0", 65535}}};
  for (const auto& row : rows) {
    const auto listen = listen_from_text(row.text);
    ASSERT_TRUE(listen.ok()) << row.text;
    EXPECT_EQ(listen.value(), row.listen);
    EXPECT_EQ(to_text(row.listen), row.text);
  }
  for (const char* text : {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "localhost:80",
                           "::1:80", "[]:80", ":80", "127.0.0.1:80 "}) {
    const auto listen = listen_from_text(text);
    ASSERT_FALSE(listen.ok()) << text;
    EXPECT_EQ(listen.error().code, Error::kUsageInvalid);
  }
}

TEST(ServiceSettings, LogTableIsReadStrictly) {
  const auto read = [](const std::string& text) -> Outcome<LogConfig> {
    TAILOR_TRY_ASSIGN(Config config, Config::parse(text, "s.toml"));
    LogConfig log = read_log_config(config.table("log"));
    TAILOR_TRY(config.finish());
    return log;
  };
  EXPECT_EQ(read("")->level, LogLevel::kInfo);
  EXPECT_EQ(read("[log]\nlevel = \"debug\"\nformat = \"json\"\n")->format, LogFormat::kJson);
  for (const char* text :
       {"[log]\nlevel = \"loud\"\n", "[log]\nformat = \"xml\"\n", "[log]\ncolour = true\n", "log = 1\n"}) {
    const auto log = read(text);
    ASSERT_FALSE(log.ok()) << text;
    EXPECT_EQ(log.error().code, Error::kConfigMalformed);
  }
}

TEST(ServiceSettings, ANamedFileHasToBeThere) {
  const TemporaryFolder folder;
  EXPECT_TRUE(open_settings({}, folder / "absent.toml").ok());
  EXPECT_EQ(open_settings(folder / "absent.toml", {}).error().code, Error::kFileFailed);
  ASSERT_TRUE(write_file(folder / "bad.toml", as_bytes("= 1")).ok());
  EXPECT_EQ(open_settings({}, folder / "bad.toml").error().code, Error::kConfigMalformed);
}

TEST(ServiceSettings, PackagedExamplesAreValid) {
  const char* root = std::getenv("TAILOR_SOURCE_DIR");
  ASSERT_NE(root, nullptr);
  const std::filesystem::path folder = std::filesystem::path(root) / "packaging" / "config";
  {
    Outcome<Config> file = Config::read_file(folder / "ca.toml");
    ASSERT_TRUE(file.ok()) << file.error().context;
    const ca::CaConfig config = ca::read_ca_config(file->table("ca"));
    EXPECT_EQ(read_log_config(file->table("log")).format, LogFormat::kJson);
    EXPECT_TRUE(file->finish().ok()) << file->finish().error().context;
    EXPECT_EQ(config.https_port, 8443);
  }
  {
    Outcome<Config> file = Config::read_file(folder / "update-server.toml");
    ASSERT_TRUE(file.ok()) << file.error().context;
    const auto settings = read_update_server_settings(file.value(), "/somewhere");
    ASSERT_TRUE(settings.ok()) << settings.error().context;
    EXPECT_EQ(settings->config.http_port, 8444);
    EXPECT_EQ(settings->config.certificate, "/var/lib/tailor-update-server/cert.pem");
    EXPECT_EQ(settings->config.operators.size(), 1U);
  }
  std::ostringstream out, err;
  Session session{.out = out, .err = err};
  session.config_path = (folder / "tailor.toml").string();
  const auto profile = read_profile(session);
  EXPECT_TRUE(profile.ok()) << profile.error().context;
}

}  // namespace
}  // namespace tailor::cli
