// SPDX-License-Identifier: Apache-2.0
#include "cli/profile.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::cli {
namespace {

constexpr const char* kComplete =
    "server_url = \"https://localhost:8443\"\ncertificate = \"me.crt\"\nkey = \"/keys/me.key\"\nauthorities = "
    "\"ca.crt\"\n";

class ProfileTest : public testing::Test {
 protected:
  Outcome<Profile> read(const std::string& text) {
    EXPECT_TRUE(write_file(folder_ / "tailor.toml", as_bytes(text)).ok());
    session_.config_path = (folder_ / "tailor.toml").string();
    return read_profile(session_);
  }

  TemporaryFolder folder_;
  std::ostringstream out_, err_;
  Session session_{.out = out_, .err = err_};
};

TEST_F(ProfileTest, PathsAreRelativeToTheFile) {
  const auto profile = read(kComplete);
  ASSERT_TRUE(profile.ok()) << profile.error().context;
  EXPECT_EQ(profile->server_url, "https://localhost:8443");
  EXPECT_EQ(profile->certificate, folder_ / "me.crt");
  EXPECT_EQ(profile->key, "/keys/me.key");
}

TEST_F(ProfileTest, WritesWhatItReads) {
  const Profile profile{.server_url = "https://h:1",
                        .ca_url = "https://h:2",
                        .certificate = "/a \"b\"\\c.crt",
                        .key = "/k",
                        .authorities = "/ca"};
  const auto again = read(profile_to_toml(profile));
  ASSERT_TRUE(again.ok()) << again.error().context;
  EXPECT_EQ(again->certificate, profile.certificate);
  EXPECT_EQ(again->ca_url, "https://h:2");
}

TEST_F(ProfileTest, IsStrict) {
  const std::string complete = kComplete;
  const struct {
    std::string text;
    const char* says;
  } rows[] = {
      {complete + "servre_url = \"x\"\n", "unknown key servre"},
      {complete + "ca_url = \"http://x\"\n", "https://"},
      {complete + "ca_url = 7\n", "not a string"},
      {complete.substr(complete.find('\n') + 1), "server_url is missing"},
      {"server_url = \"https://x\"\ncertificate = \"c\"\nkey = \"k\"\n", "authorities is missing"},
      {"server_url = ", "tailor.toml:1"},
  };
  for (const auto& row : rows) {
    const auto profile = read(row.text);
    ASSERT_FALSE(profile.ok()) << row.text;
    EXPECT_EQ(profile.error().code, Error::kConfigMalformed) << row.text;
    EXPECT_NE(profile.error().context.find(row.says), std::string::npos) << profile.error().context;
  }
}

TEST_F(ProfileTest, SaysWhatToDoWhenThereIsNone) {
  session_.home = folder_.path().string();
  const auto profile = read_profile(session_);
  ASSERT_FALSE(profile.ok());
  EXPECT_EQ(profile.error().code, Error::kFileFailed);
  EXPECT_NE(profile.error().context.find("tailor enrol"), std::string::npos);
}

}  // namespace
}  // namespace tailor::cli
