// SPDX-License-Identifier: Apache-2.0
#include "pki/identity.hpp"

#include <gtest/gtest.h>

#include "hosted/uuid_make.hpp"

namespace tailor::pki {
namespace {

constexpr const char* kId = "2ed6657d-e927-568b-95e1-2665a8aea6a2";

TEST(Identity, RoundTripForEachRole) {
  for (const char* role : {"device", "update-server", "ca", "operator"}) {
    const std::string uri = std::string("tag:tailor,2026:default:") + role + ":" + kId;
    const auto identity = identity_from_uri(uri);
    ASSERT_TRUE(identity.ok()) << uri;
    EXPECT_EQ(to_text(identity->role), role);
    EXPECT_EQ(uuid_text(identity->id), kId);
    EXPECT_EQ(identity->to_uri(), uri);
  }
}

TEST(Identity, AnythingElseIsRefused) {
  const std::string id = kId;
  const std::string rows[] = {
      "",
      "tag:tailor,2026:",
      "tag:tailor,2026:default",
      "tag:tailor,2026:default:device",
      "tag:tailor,2026:default:device:",
      "tag:tailor,2025:default:device:" + id,
      "tag:tailor,2026::device:" + id,
      "tag:tailor,2026:Default:device:" + id,
      "tag:tailor,2026:a:b:device:" + id,
      "tag:tailor,2026:default:Device:" + id,
      "tag:tailor,2026:default:root:" + id,
      "tag:tailor,2026:default:device:2ED6657D-E927-568B-95E1-2665A8AEA6A2",
      "tag:tailor,2026:default:device:" + id + ":",
      " tag:tailor,2026:default:device:" + id,
      "tag:tailor,2026:" + std::string(33, 'a') + ":device:" + id,
  };
  for (const std::string& row : rows) {
    EXPECT_EQ(identity_from_uri(row).error().code, Error::kCertificateProfile) << row;
  }
  EXPECT_TRUE(identity_from_uri("tag:tailor,2026:" + std::string(32, 'a') + ":device:" + id).ok());
}

}  // namespace
}  // namespace tailor::pki
