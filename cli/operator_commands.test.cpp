// SPDX-License-Identifier: Apache-2.0
// The operator's commands against a server whose answers are given here: what is asked, what is shown, which exit code.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/profile.hpp"
#include "cli/testing.hpp"
#include "cli/testing_server.hpp"
#include "core/report/encrypted.hpp"
#include "hosted/encoding.hpp"

namespace tailor::cli {
namespace {

constexpr const char* kDevice = "11111111-2222-4333-8444-555555555555";

class OperatorCommands : public testing::Test {
 protected:
  void start() {
    const pki::PrivateKey key = pki::PrivateKey::generate().value();
    const pki::Certificate certificate = authority_.issue(pki::Role::kOperator, key.public_key());
    ASSERT_TRUE(key.write(folder_ / "key.pem").ok());
    ASSERT_TRUE(write_file(folder_ / "cert.pem", as_bytes(certificate.to_pem())).ok());
    ASSERT_TRUE(write_file(folder_ / "ca.pem", as_bytes(authority_.issuer.certificate.to_pem())).ok());
    const Profile profile{.server_url = server_.start(authority_, http::ClientCertificate::kRequired),
                          .ca_url = {},
                          .certificate = "cert.pem",
                          .key = "key.pem",
                          .authorities = "ca.pem"};
    ASSERT_TRUE(write_file(folder_ / "tailor.toml", as_bytes(profile_to_toml(profile))).ok());
  }
  void answer(const std::string& method, const std::string& pattern, const std::string& json, unsigned status = 200) {
    server_.answer(method, pattern, [json, status](const http::Request&) { return http::json_response(json, status); });
  }
  Finished tailor(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--config", (folder_ / "tailor.toml").string()});
    return run_tailor(arguments);
  }

  TemporaryFolder folder_;
  TestAuthority authority_;
  TestServer server_;
};

TEST_F(OperatorCommands, DevicesListFollowsCursorsAndShowsATable) {
  server_.answer("GET", "/v1/devices", [](const http::Request& request) {
    if (request.query_value("cursor") == "two") return http::json_response(R"({"items":[{"id":"second"}]})");
    return http::json_response(R"({"items":[{"id":"11111111-2222-4333-8444-555555555555","class":"abcdefghij",
      "life_cycle":"registered","update_state":"confirmed","last_seen":"2026-11-20T17:00:00Z",
      "components":[{"version":"2.0.0\u001b[2J","sequence_number":7,"digest":"00112233445566778899"}]}],
      "next_cursor":"two"})");
  });
  start();
  const Finished listed = tailor({"devices", "list", "--filter", "state==refused", "--version", "2.*"});
  ASSERT_EQ(listed.code, ExitCode::kOk) << listed.err;
  EXPECT_EQ(listed.out,
            "DEVICE                                CLASS     VERSION    SEQUENCE  DIGEST        LIFE CYCLE  UPDATE     "
            "LAST SEEN\n"
            "11111111-2222-4333-8444-555555555555  abcdefgh  2.0.0?[2J  7         001122334455  registered  confirmed  "
            "2026-11-20T17:00:00Z\n"
            "second                                -         -          -         -             -           -          "
            "-\n");
  const auto asked = server_.asked();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0], "GET /v1/devices?filter=%28state%3D%3Drefused%29%3Bversion%3D%3D%222.%2A%22");
  EXPECT_NE(asked[1].find("cursor=two"), std::string::npos);
  const auto json = nlohmann::json::parse(tailor({"devices", "list", "--json"}).out);
  EXPECT_EQ(json["items"].size(), 2U);
  EXPECT_EQ(nlohmann::json::parse(tailor({"devices", "list", "--json", "--limit", "1"}).out)["items"].size(), 1U);
}

TEST_F(OperatorCommands, ReportsSayWhatTheirSuitReportLeavesOut) {
  answer("GET", "/v1/devices/{id}/reports", R"({"items":[
    {"number":4,"suit_report":{"verified":true,"encrypted":false,"encoded":"d2","success":true,"records_missing":3}},
    {"number":3,"suit_report":{"verified":true,"encrypted":true,"encoded":"d2","success":false,"records_missing":1,
      "failure":{"code":51,"reason":"condition failed","record":{"section":"install","offset":14,"component":0}}}},
    {"number":2,"suit_report":{"verified":false,"seal_error":"DecryptionKeyMissing","encrypted":true,"encoded":"d2"}},
    {"number":1,"suit_report":{"verified":false,"seal_error":"CoseUnsupported","encrypted":false,"encoded":"d2"}}]})");
  start();
  const Finished told = tailor({"reports", kDevice});
  ASSERT_EQ(told.code, ExitCode::kOk) << told.err;
  for (const char* words :
       {"success (3 older records are missing)",
        "condition failed: install, byte 14, component 0 (1 older records are missing)",
        "encrypted (not verified: DecryptionKeyMissing)", "unreadable (not verified: CoseUnsupported)"}) {
    EXPECT_NE(told.out.find(words), std::string::npos) << words << "\n" << told.out;
  }
}

TEST_F(OperatorCommands, ReportKeysAreDerivedForOneDeviceEach) {
  const std::string secret = folder_ / "secret", out = folder_ / "key";
  ASSERT_TRUE(write_file(secret, as_bytes(std::string(64, '5') + "\n")).ok());
  const std::vector<std::string> command = {"devices", "report-key", kDevice, "--secret", secret, "-o", out};
  ASSERT_EQ(run_tailor(command).code, ExitCode::kOk);
  const auto expected = report::derive_report_key(Bytes(32, 0x55), Uuid::from_text(kDevice).value()).value();
  EXPECT_EQ(read_text_file(out).value(), to_hex(expected) + "\n");
  EXPECT_NE(run_tailor(command).code, ExitCode::kOk) << "it is there already";
  ASSERT_TRUE(write_file(secret, as_bytes(std::string(30, '5'))).ok());
  EXPECT_NE(run_tailor({"devices", "report-key", kDevice, "--secret", secret, "-o", out + "2"}).code, ExitCode::kOk);
  EXPECT_FALSE(std::filesystem::exists(out + "2"));
}

TEST_F(OperatorCommands, AServerThatLoopsIsNotFollowedForever) {
  answer("GET", "/v1/devices", R"({"items":[],"next_cursor":"same"})");
  start();
  const Finished listed = tailor({"devices", "list"});
  EXPECT_EQ(listed.code, ExitCode::kUnusable);
  EXPECT_NE(listed.err.find("JsonMalformed"), std::string::npos);
}

TEST_F(OperatorCommands, FailuresAreToldInTheServersWords) {
  server_.answer("GET", "/v1/devices/{id}",
                 [](const http::Request&) { return http::problem(fail(Error::kNotFound, "device nowhere")); });
  server_.answer("POST", "/v1/deployments",
                 [](const http::Request&) { return http::problem(fail(Error::kImageMissing, "image 0011")); });
  answer("GET", "/v1/images", "<html>", 200);
  start();
  const Finished missing = tailor({"devices", "show", kDevice});
  EXPECT_EQ(missing.code, ExitCode::kRefused);
  EXPECT_EQ(missing.err.find("tailor: NotFound: "), 0U) << missing.err;
  EXPECT_NE(missing.err.find("device nowhere"), std::string::npos);
  const Finished refused = tailor({"deploy", "create", "--manifest", "00", "--device", kDevice});
  EXPECT_EQ(refused.code, ExitCode::kRefused);
  EXPECT_EQ(refused.err.find("tailor: ImageMissing: "), 0U) << refused.err;
  EXPECT_EQ(tailor({"images", "list"}).code, ExitCode::kUnusable);
  const Finished unknown = tailor({"events"});
  EXPECT_EQ(unknown.code, ExitCode::kRefused);
}

TEST_F(OperatorCommands, DevicesThatWouldRefuseAreNamedInAWarning) {
  answer("POST", "/v1/deployments", R"({"id":"d1","state":"active","manifest":"00","precheck":{"judged":3,"refusing":1,
    "all":true,"refusals":[{"device":"lamp-1","reason":"ClassMismatch","command":"condition-class-identifier",
    "offset":227,"path":"manifest.common.shared-sequence[2].class-identifier","rule":"checks it"}]
}
})");
  start();
  const Finished made = tailor({"deploy", "create", "--manifest", "00", "--device", kDevice});
  EXPECT_EQ(made.code, ExitCode::kOk);
  EXPECT_NE(made.err.find("warning: 1 of 3 devices would refuse this manifest"), std::string::npos) << made.err;
  EXPECT_NE(
      made.err.find("lamp-1: ClassMismatch: at byte 227, manifest.common.shared-sequence[2].class-identifier: checks"),
      std::string::npos)
      << made.err;
  EXPECT_EQ(made.out.find("lamp-1"), std::string::npos);
}

TEST_F(OperatorCommands, CapabilitiesAreShownInTheDraftsWords) {
  answer("GET", "/v1/devices/{id}/capabilities",
         R"({"device":"d","received_at":"2026-11-20T17:00:00Z","source":"report",
    "encoded":"a0","components":"82814361707082411af5","commands":[1,21,300],"parameters":[3,14],"algorithms":[-9,-16]})");
  start();
  const Finished shown = tailor({"devices", "capabilities", kDevice});
  ASSERT_EQ(shown.code, ExitCode::kOk) << shown.err;
  for (const char* line : {"components   app 0x1a/*", "commands     vendor-identifier fetch 300",
                           "parameters   image-digest image-size", "algorithms   ESP256 sha256"}) {
    EXPECT_NE(shown.out.find(line), std::string::npos) << line << "\n" << shown.out;
  }
}

TEST_F(OperatorCommands, UploadSendsDigestAndContent) {
  server_.answer("POST", "/v1/images", [](const http::Request& request) {
    return http::json_response(R"({"digest":")" + request.query_value("digest").value_or("") + R"(","size_bytes":8})",
                               201);
  });
  answer("POST", "/v1/manifests", R"({"digest":"m","sequence_number":1,"envelope_bytes":9})", 201);
  start();
  ASSERT_TRUE(write_file(folder_ / "fw.bin", as_bytes("firmware")).ok());
  const Finished uploaded = tailor({"images", "upload", (folder_ / "fw.bin").string(), "--json"});
  ASSERT_EQ(uploaded.code, ExitCode::kOk) << uploaded.err;
  EXPECT_EQ(nlohmann::json::parse(uploaded.out)["digest"].get<std::string>().size(), 64U);
  EXPECT_EQ(server_.last_body(), "firmware");

  ASSERT_EQ(tailor({"keygen", "-o", (folder_ / "author.key").string()}).code, ExitCode::kOk);
  const std::string envelope = (folder_ / "fw.suit").string();
  ASSERT_EQ(tailor({"manifest", "create", "--image", (folder_ / "fw.bin").string(), "--vendor", "example.com",
                    "--class", "bulb", "--sequence", "1", "--key", (folder_ / "author.key").string(), "-o", envelope})
                .code,
            ExitCode::kOk);
  const Finished both = tailor({"upload", (folder_ / "fw.bin").string(), envelope});
  ASSERT_EQ(both.code, ExitCode::kOk) << both.err;
  EXPECT_EQ(server_.asked().back(), "POST /v1/manifests");
  // What is no envelope does not leave this machine.
  EXPECT_EQ(tailor({"manifests", "upload", (folder_ / "fw.bin").string()}).code, ExitCode::kUnusable);
  EXPECT_EQ(server_.asked().size(), 3U);
}

TEST_F(OperatorCommands, DeployCreateSendsTheOrderWithAnIdempotencyKey) {
  std::string key;
  server_.answer("POST", "/v1/deployments", [&](const http::Request& request) {
    key = request.headers.find("Idempotency-Key").value_or("");
    return http::json_response(R"({"id":"d1","state":"active","manifest":"00ff","mode":"push","priority":3})", 201);
  });
  answer("POST", "/v1/deployments/{id}/pause", R"({"id":"d1","state":"paused"})");
  start();
  const Finished made = tailor({"deploy", "create", "--manifest", "00ff", "--device", kDevice, "--mode", "push",
                                "--priority", "3", "--expires-in", "7d"});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  EXPECT_EQ(key.size(), 36U);
  const auto body = nlohmann::json::parse(server_.last_body());
  EXPECT_EQ(body["manifest"], "00ff");
  EXPECT_EQ(body["devices"], nlohmann::json::array({kDevice}));
  EXPECT_EQ(body["mode"], "push");
  EXPECT_EQ(body["priority"], 3);
  EXPECT_EQ(body["expires_at"].get<std::string>().size(), 20U);
  EXPECT_FALSE(body.contains("filter"));
  EXPECT_EQ(tailor({"deploy", "pause", "d1"}).code, ExitCode::kOk);
  EXPECT_EQ(server_.asked().back(), "POST /v1/deployments/d1/pause");
}

TEST_F(OperatorCommands, DeployCreateUsage) {
  start();
  const std::vector<std::string> base = {"deploy", "create", "--manifest", "00"};
  const std::vector<std::vector<std::string>> rows = {
      {},
      {"--device", "a", "--filter", "id==a"},
      {"--device", "a", "--mode", "pigeon"},
      {"--device", "a", "--expires-in", "soon"},
      {"--device", "a", "--expires-in", "0s"},
      {"--device", "a", "--expires-in", "5"},
  };
  for (std::vector<std::string> row : rows) {
    row.insert(row.begin(), base.begin(), base.end());
    const Finished done = tailor(row);
    EXPECT_EQ(done.code, ExitCode::kUnusable) << row.back();
    EXPECT_NE(done.err.find("UsageInvalid"), std::string::npos) << done.err;
  }
  EXPECT_TRUE(server_.asked().empty());
}

TEST_F(OperatorCommands, WatchEndsWhenEveryDeviceDid) {
  int looks = 0;
  answer("GET", "/v1/deployments/{id}", R"({"id":"d1","state":"active"})");
  server_.answer("GET", "/v1/deployments/{id}/devices", [&](const http::Request&) {
    const std::string state = ++looks < 3 ? "fetching" : "confirmed";
    return http::json_response(R"({"items":[{"device":"a","state":")" + state +
                               R"("},{"device":"b","state":"confirmed"}]})");
  });
  start();
  const Finished watched = tailor({"watch", "d1", "--interval-ms", "50"});
  EXPECT_EQ(watched.code, ExitCode::kOk) << watched.err;
  EXPECT_EQ(watched.out,
            "[###############...............] 1/2  confirmed 1  fetching 1\n"
            "[##############################] 2/2  confirmed 2\n"
            "deployment active: 2 confirmed, 0 failed, 0 open\n");
}

TEST_F(OperatorCommands, WatchFailsWhenADeviceRefusedOrTimeIsOver) {
  answer("GET", "/v1/deployments/{id}", R"({"id":"d1","state":"active"})");
  server_.answer("GET", "/v1/deployments/{id}/devices", [&](const http::Request& request) {
    const bool slow = request.segments[2] == "slow";
    return http::json_response(slow ? R"({"items":[{"device":"a","state":"offered"}]})"
                                    : R"({"items":[{"device":"a","state":"refused","reason":"ClassMismatch"}]})");
  });
  start();
  const Finished refused = tailor({"watch", "d1"});
  EXPECT_EQ(refused.code, ExitCode::kRefused);
  EXPECT_NE(refused.out.find("ClassMismatch"), std::string::npos);
  const Finished late = tailor({"watch", "slow", "--interval-ms", "300", "--timeout", "1"});
  EXPECT_EQ(late.code, ExitCode::kRefused);
  EXPECT_EQ(late.err.find("tailor: Timeout: "), 0U);
}

TEST_F(OperatorCommands, AServerOfAnotherCaIsNotTalkedTo) {
  answer("GET", "/v1/images", R"({"items":[]})");
  start();
  ASSERT_EQ(tailor({"images", "list"}).code, ExitCode::kOk);
  const TestAuthority other;
  ASSERT_TRUE(write_file(folder_ / "ca.pem", as_bytes(other.issuer.certificate.to_pem())).ok());
  const Finished refused = tailor({"images", "list"});
  EXPECT_EQ(refused.code, ExitCode::kRefused);
  EXPECT_EQ(refused.err.find("tailor: HandshakeFailed: "), 0U) << refused.err;
  EXPECT_EQ(server_.asked().size(), 1U);
}

}  // namespace
}  // namespace tailor::cli
