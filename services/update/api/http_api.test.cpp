// SPDX-License-Identifier: Apache-2.0
// Routes of the operator API in process. Every answer is checked against the OpenAPI document, and every documented
// route is asked.
#include "services/update/api/http_api.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "core/report/capabilities.hpp"
#include "core/report/sealed.hpp"
#include "core/report/suit_report.hpp"
#include "hosted/file.hpp"
#include "services/update/api/openapi.hpp"
#include "services/update/testing/openapi.hpp"
#include "services/update/testing/updates_test.hpp"

namespace tailor::update_server {
namespace {

using nlohmann::json;
using testing::EnvelopeSpec;
using testing::need;

/// Admits whoever the test says.
class FakeGate final : public OperatorGate {
 public:
  Outcome<Actor> admit(const http::Request&) override {
    if (refusal) return fail(*refusal, "as the test wants");
    return testing::kOperator;
  }
  std::optional<Error> refusal;
};

class HttpApiTest : public testing::UpdatesTest {
 protected:
  void SetUp() override {
    UpdatesTest::SetUp();
    if (IsSkipped()) return;
    HttpApiConfig config;
    config.openapi = std::string(openapi_text());
    api_ = std::make_unique<HttpApi>(backend_->updates, gate_, config);
    api_->add_routes(router_);
  }

  /// Sends a request and checks the answer against the document.
  http::Response send(const std::string& method, const std::string& pattern, const std::string& target,
                      const std::string& body = "", const std::string& key = "") {
    http::Request request;
    request.method = method;
    request.target = target;
    EXPECT_TRUE(http::parse_target(target, request).ok()) << target;
    if (!key.empty()) request.headers.add("Idempotency-Key", key);
    const http::BodyPlan plan = router_.plan(request);
    if (plan.refuse) return checked(method, pattern, *plan.refuse);
    request.content_length = body.size();
    if (plan.folder.empty()) {
      request.body = body;
    } else {
      request.body_file = plan.folder / "upload";
      EXPECT_TRUE(write_file(request.body_file, as_bytes(body)).ok());
    }
    return checked(method, pattern, router_.handle(request));
  }
  json get(const std::string& pattern, const std::string& target) {
    const http::Response response = send("GET", pattern, target);
    EXPECT_EQ(response.status, 200U) << target << ": " << response.body;
    return json::parse(response.body);
  }
  json post(const std::string& pattern, const std::string& target, const std::string& body, unsigned status) {
    const http::Response response = send("POST", pattern, target, body);
    EXPECT_EQ(response.status, status) << target << ": " << response.body;
    return json::parse(response.body);
  }
  /// The name of the error that a refused request gets.
  std::string error(const http::Response& response) {
    EXPECT_GE(response.status, 400U) << response.body;
    return json::parse(response.body).value("error", "");
  }

  static http::Response checked(const std::string& method, const std::string& pattern, http::Response response) {
    EXPECT_EQ(testing::check_answer(method, pattern, response), "");
    return response;
  }

  std::string upload(const EnvelopeSpec& spec = {}) {
    post("/v1/images", "/v1/images", std::string(as_text(spec.image)), 201);
    const Bytes bytes = testing::envelope(spec);
    return post("/v1/manifests", "/v1/manifests", std::string(as_text(bytes)), 201)["digest"];
  }

  FakeGate gate_;
  http::Router router_;
  std::unique_ptr<HttpApi> api_;
};
TAILOR_STORE_TEST(HttpApiTest);

TEST_P(HttpApiTest, AllRoutesAnswerAsDocumented) {
  const Device device = testing::device(1);
  need(backend_->registers(device));
  need(backend_->registers(testing::device(2)));
  EXPECT_EQ(get("/health", "/health")["status"], "ok");
  EXPECT_EQ(send("GET", "/v1/openapi.yaml", "/v1/openapi.yaml").body, openapi_text());

  const EnvelopeSpec spec;
  const std::string image_text(as_text(spec.image));
  const std::string digest = digest_text(crypto::sha256(spec.image).value());
  EXPECT_EQ(post("/v1/images", "/v1/images?digest=" + digest, image_text, 201)["digest"], digest);
  EXPECT_EQ(post("/v1/images", "/v1/images", image_text, 200)["size_bytes"], spec.image.size());
  EXPECT_EQ(get("/v1/images", "/v1/images")["items"].size(), 1U);
  const std::string envelope(as_text(testing::envelope(spec)));
  const json manifest = post("/v1/manifests", "/v1/manifests", envelope, 201);
  EXPECT_EQ(manifest["sequence_number"], 2);
  post("/v1/manifests", "/v1/manifests", envelope, 200);
  EXPECT_EQ(get("/v1/manifests", "/v1/manifests")["items"].size(), 1U);
  const std::string path = "/v1/manifests/" + manifest["digest"].get<std::string>();
  EXPECT_EQ(get("/v1/manifests/{digest}", path)["payloads"][0]["uri"], testing::image_uri(spec.image));
  EXPECT_EQ(send("GET", "/v1/manifests/{digest}/envelope", path + "/envelope").body, envelope);

  const json wanted = {{"manifest", manifest["digest"]},
                       {"filter", "version==1.0"},
                       {"mode", "pull"},
                       {"priority", 3},
                       {"expires_at", "2027-01-01T00:00:00Z"}};
  const json deployment = post("/v1/deployments", "/v1/deployments", wanted.dump(), 201);
  EXPECT_EQ(deployment["targets"], 2);
  EXPECT_EQ(deployment["target_states"]["idle"], 2);
  const std::string deployment_path = "/v1/deployments/" + deployment["id"].get<std::string>();
  need(backend_->updates.offer(testing::kTenant, device.id, Way::kAsked));
  need(backend_->reports(device, 1, digest_from_text(manifest["digest"].get<std::string>()).value(),
                         UpdateState::kRefused, Error::kSignerNotPermitted));
  EXPECT_EQ(get("/v1/deployments/{id}", deployment_path)["target_states"]["refused"], 1);
  EXPECT_EQ(get("/v1/deployments", "/v1/deployments")["items"].size(), 1U);
  const json targets = get("/v1/deployments/{id}/devices", deployment_path + "/devices");
  EXPECT_EQ(targets["items"][0]["reason"], "SignerNotPermitted");
  EXPECT_EQ(post("/v1/deployments/{id}/pause", deployment_path + "/pause", "", 200)["state"], "paused");
  EXPECT_EQ(post("/v1/deployments/{id}/resume", deployment_path + "/resume", "", 200)["state"], "active");
  EXPECT_EQ(post("/v1/deployments/{id}/cancel", deployment_path + "/cancel", "", 200)["state"], "cancelled");
  EXPECT_EQ(error(send("POST", "/v1/deployments/{id}/resume", deployment_path + "/resume")), "DeploymentEnded");

  const std::string device_path = "/v1/devices/" + uuid_text(device.id);
  EXPECT_EQ(get("/v1/devices", "/v1/devices?filter=state%3D%3Drefused")["items"].size(), 1U);
  const json shown = get("/v1/devices/{id}", device_path);
  EXPECT_EQ(shown["reason"], "SignerNotPermitted");
  EXPECT_EQ(shown["deployments"][0]["deployment"], deployment["id"]);
  const json reports = get("/v1/devices/{id}/reports", device_path + "/reports");
  EXPECT_EQ(reports["items"][0]["reason"], "SignerNotPermitted");
  EXPECT_EQ(reports["items"][0]["where"], "somewhere");
  EXPECT_EQ(post("/v1/devices/{id}/retire", device_path + "/retire", "", 200)["life_cycle"], "retired");
  EXPECT_EQ(send("DELETE", "/v1/devices/{id}", device_path).status, 204U);
  EXPECT_EQ(error(send("GET", "/v1/devices/{id}", device_path)), "NotFound");

  const json events = get("/v1/events", "/v1/events?limit=1000");
  EXPECT_EQ(events["items"].back()["kind"], "device.removed");
  EXPECT_EQ(get("/v1/events", "/v1/events?after=" + events["items"].back()["number"].dump())["items"].size(), 0U);
  EXPECT_NE(send("GET", "/metrics", "/metrics").body.find("tailor_http_responses_total{status=\"201\"} 3"),
            std::string::npos);
}

TEST_P(HttpApiTest, EveryDocumentedRouteIsTested) {
  // Asks each route once more, as nobody: the guard stands before all but the open ones.
  gate_.refusal = Error::kOperatorNotListed;
  const std::set<std::string> open = {"/health", "/metrics", "/v1/openapi.yaml"};
  for (const std::string& route : testing::documented_routes()) {
    const size_t blank = route.find(' ');
    const std::string pattern = route.substr(blank + 1);
    std::string target = pattern;
    for (const char* name : {"{id}", "{digest}"}) {
      const size_t at = target.find(name);
      if (at != std::string::npos) target.replace(at, std::string(name).size(), "x");
    }
    const http::Response response = send(route.substr(0, blank), pattern, target);
    EXPECT_EQ(response.status, open.contains(pattern) ? 200U : 403U) << route << response.body;
  }
  for (const Error refusal : {Error::kNotAuthenticated, Error::kCertificateRevoked, Error::kCertificateExpired}) {
    gate_.refusal = refusal;
    EXPECT_EQ(error(send("GET", "/v1/devices", "/v1/devices")), name_of(refusal));
    EXPECT_EQ(send("POST", "/v1/images", "/v1/images", "octets").status, 401U);
  }
  EXPECT_TRUE(std::filesystem::is_empty(backend_->images->incoming())) << "nobody's body is read before that";
}

TEST_P(HttpApiTest, RefusalsNameTheError) {
  need(backend_->registers(testing::device(1)));
  const std::string manifest = upload();
  const std::string id = uuid_text(testing::id_of(1));
  struct Row {
    const char* method;
    const char* pattern;
    std::string target;
    std::string body;
    unsigned status;
    const char* error;
  };
  const auto text = [](const EnvelopeSpec& spec) { return std::string(as_text(testing::envelope(spec))); };
  const std::string zeros(64, '0');
  const std::vector<Row> rows = {
      {"POST", "/v1/manifests", "/v1/manifests", text({.sign = false}), 400, "AuthenticationMissing"},
      {"POST", "/v1/manifests", "/v1/manifests", text({.key = 2}), 400, "SignatureInvalid"},
      {"POST", "/v1/manifests", "/v1/manifests", "", 400, "Truncated"},
      {"POST", "/v1/manifests", "/v1/manifests", "junk", 400, "EnvelopeUntagged"},
      {"POST", "/v1/images", "/v1/images?digest=" + zeros, "image", 400, "ImageDigestMismatch"},
      {"POST", "/v1/images", "/v1/images?digest=short", "image", 400, "ValueOutOfRange"},
      {"POST", "/v1/images", "/v1/images", "", 400, "UsageInvalid"},
      {"GET", "/v1/manifests/{digest}", "/v1/manifests/" + zeros, "", 404, "NotFound"},
      {"GET", "/v1/manifests/{digest}", "/v1/manifests/x", "", 400, "ValueOutOfRange"},
      {"GET", "/v1/devices", "/v1/devices?filter=colour%3D%3Dred", "", 400, "UsageInvalid"},
      {"GET", "/v1/devices", "/v1/devices?limit=0", "", 400, "UsageInvalid"},
      {"GET", "/v1/devices", "/v1/devices?limit=1001", "", 400, "UsageInvalid"},
      {"GET", "/v1/devices", "/v1/devices?limit=ten", "", 400, "UsageInvalid"},
      {"GET", "/v1/devices", "/v1/devices?cursor=!", "", 400, "UsageInvalid"},
      {"GET", "/v1/devices", "/v1/devices?cursor=YWJj", "", 400, "UsageInvalid"},
      {"GET", "/v1/devices/{id}", "/v1/devices/x", "", 400, "ValueOutOfRange"},
      {"GET", "/v1/devices/{id}/reports", "/v1/devices/" + zeros.substr(0, 8) + "-0000-0000-0000-000000000000/reports",
       "", 404, "NotFound"},
      {"GET", "/v1/events", "/v1/events?after=x", "", 400, "UsageInvalid"},
      {"POST", "/v1/deployments", "/v1/deployments", "{", 400, "JsonMalformed"},
      {"POST", "/v1/deployments", "/v1/deployments", "[]", 400, "JsonMalformed"},
      {"POST", "/v1/deployments", "/v1/deployments", "{}", 400, "JsonMalformed"},
      {"POST", "/v1/deployments", "/v1/deployments", json{{"manifest", manifest}}.dump(), 400, "UsageInvalid"},
      {"POST", "/v1/deployments", "/v1/deployments", json{{"manifest", 5}, {"filter", "id==*"}}.dump(), 400,
       "JsonMalformed"},
      {"POST", "/v1/deployments", "/v1/deployments",
       json{{"manifest", manifest}, {"filter", "id==*"}, {"colour", "red"}}.dump(), 400, "JsonMalformed"},
      {"POST", "/v1/deployments", "/v1/deployments",
       json{{"manifest", manifest}, {"filter", "id==*"}, {"mode", "carrier-pigeon"}}.dump(), 400, "ValueOutOfRange"},
      {"POST", "/v1/deployments", "/v1/deployments",
       json{{"manifest", manifest}, {"filter", "id==*"}, {"expires_at", "tomorrow"}}.dump(), 400, "ValueOutOfRange"},
      {"POST", "/v1/deployments", "/v1/deployments",
       json{{"manifest", manifest}, {"filter", "id==*"}, {"priority", 1.5}}.dump(), 400, "JsonMalformed"},
      {"POST", "/v1/deployments", "/v1/deployments", json{{"manifest", manifest}, {"devices", {"x"}}}.dump(), 400,
       "ValueOutOfRange"},
      {"POST", "/v1/deployments", "/v1/deployments", json{{"manifest", zeros}, {"devices", {id}}}.dump(), 404,
       "NotFound"},
      {"GET", "/v1/deployments", "/v1/deployments?cursor=YWJj", "", 400, "UsageInvalid"},
      {"POST", "/v1/deployments/{id}/pause", "/v1/deployments/" + id + "/pause", "", 404, "NotFound"},
  };
  for (const Row& row : rows) {
    const http::Response response = send(row.method, row.pattern, row.target, row.body);
    EXPECT_EQ(response.status, row.status) << row.target << " " << row.body << " " << response.body;
    EXPECT_EQ(error(response), row.error) << row.target << " " << row.body;
  }
  const std::string missing(as_text(testing::envelope({.image = Bytes(9, 9)})));
  const json other = post("/v1/manifests", "/v1/manifests", missing, 201);
  const json body = {{"manifest", other["digest"]}, {"devices", {id}}};
  EXPECT_EQ(error(send("POST", "/v1/deployments", "/v1/deployments", body.dump())), "ImageMissing");
}

TEST_P(HttpApiTest, ADeploymentThatHoldsIsTriggered) {
  const Device device = testing::device(1);
  need(backend_->registers(device));
  const json body = {{"manifest", upload()}, {"devices", {uuid_text(device.id)}}, {"hold", true}};
  const json made = post("/v1/deployments", "/v1/deployments", body.dump(), 201);
  EXPECT_EQ(made["hold"], true);
  EXPECT_FALSE(made.contains("triggered_at"));
  need(backend_->reports(device, 1, digest_from_text(body["manifest"].get<std::string>()).value(),
                         UpdateState::kAwaitingTrigger));
  const json shown = get("/v1/devices/{id}", "/v1/devices/" + uuid_text(device.id));
  EXPECT_EQ(shown["update_state"], "awaiting-trigger");
  EXPECT_EQ(shown["awaits"], "trigger");
  EXPECT_EQ(shown["waits_for"], "an operator's trigger");
  const std::string path = "/v1/deployments/" + made["id"].get<std::string>();
  EXPECT_TRUE(post("/v1/deployments/{id}/trigger", path + "/trigger", "", 200).contains("triggered_at"));
  EXPECT_EQ(error(send("POST", "/v1/deployments/{id}/trigger", "/v1/deployments/" + uuid_text(device.id) + "/trigger")),
            "NotFound");
  json free = body;
  free["hold"] = false;
  const json other = post("/v1/deployments", "/v1/deployments", free.dump(), 201);
  EXPECT_EQ(error(send("POST", "/v1/deployments/{id}/trigger",
                       "/v1/deployments/" + other["id"].get<std::string>() + "/trigger")),
            "StateConflict");
  free["hold"] = "yes";
  EXPECT_EQ(error(send("POST", "/v1/deployments", "/v1/deployments", free.dump())), "JsonMalformed");
}

TEST_P(HttpApiTest, ASuitReportIsShownDecoded) {
  const Device device = testing::device(1);
  need(backend_->registers(device));
  report::Failure failure;
  failure.code = static_cast<int64_t>(Error::kImageDigestMismatch);
  failure.reason = report::Reason::kConditionFailed;
  failure.record.section = suit::manifest_key::kInstall;
  failure.record.offset = 14;
  const Digest manifest = testing::digest_of_byte(1);
  report::SuitReport told;
  told.digest = {manifest, crypto::HashAlgorithm::kSha256};
  told.failure = failure;
  const Bytes nonce = {0, 0, 0, 0, 0, 0, 0, 5};
  told.nonce = nonce;
  told.records_missing = 3;
  Bytes inside(256), out(512);
  const crypto::P256PrivateKey key = crypto::generate_p256().value();
  const ByteView sealed = report::seal(report::encode(told, inside).value(), key, out).value();
  update::Report report;
  report.number = 5;
  report.device = device.id;
  report.manifest_digest = manifest;
  report.update = update::UpdateStatus::make(UpdateState::kRefused, Error::kImageDigestMismatch).value();
  report.boot.slots = 2;
  report.suit_report = sealed;
  const crypto::P256PublicKey shown = crypto::public_key_of(key).value();
  need(backend_->updates.take_report(testing::kTenant, device.id, report, &shown));
  report.number = 6;
  const Bytes junk = {0xd2, 0x80};
  report.suit_report = junk;
  need(backend_->updates.take_report(testing::kTenant, device.id, report, &shown));
  const json items = get("/v1/devices/{id}/reports", "/v1/devices/" + uuid_text(device.id) + "/reports")["items"];
  const json good = items[1]["suit_report"];
  EXPECT_EQ(good["verified"], true);
  EXPECT_EQ(good["success"], false);
  EXPECT_EQ(good["encrypted"], false);
  EXPECT_EQ(good["records_missing"], 3);
  EXPECT_EQ(good["failure"]["error"], "ImageDigestMismatch");
  EXPECT_EQ(good["failure"]["reason"], "condition failed");
  EXPECT_EQ(good["failure"]["record"]["section"], "install");
  EXPECT_EQ(good["failure"]["record"]["offset"], 14);
  EXPECT_EQ(items[0]["suit_report"]["verified"], false);
  EXPECT_EQ(items[0]["suit_report"]["seal_error"], "CoseUnsupported");
  EXPECT_FALSE(items[0]["suit_report"].contains("success"));
}

TEST_P(HttpApiTest, CapabilitiesAreThoseOfTheLastSealedReport) {
  const Device device = testing::device(1);
  const std::string path = "/v1/devices/" + uuid_text(device.id) + "/capabilities";
  EXPECT_EQ(error(send("GET", "/v1/devices/{id}/capabilities", path)), "NotFound");
  need(backend_->registers(device));
  EXPECT_EQ(error(send("GET", "/v1/devices/{id}/capabilities", path)), "NotFound") << "none has come";
  const report::ComponentCapability component{suit::decode_component_id("81 41 00"_hex).value(), false};
  const int32_t commands[] = {1, 2, 3, 12, 20}, numbers[] = {-9};
  const int32_t parameters[] = {1, 2, 3, 14, 21};
  report::Capabilities able;
  able.components = std::span(&component, 1);
  able.lists[0] = commands;
  able.lists[1] = parameters;
  able.lists[2] = numbers;
  Bytes room(256), inside(256), out(512);
  const Digest manifest = testing::digest_of_byte(1);
  const Bytes nonce = {0, 0, 0, 0, 0, 0, 0, 5};
  report::SuitReport told;
  told.digest = {manifest, crypto::HashAlgorithm::kSha256};
  told.nonce = nonce;
  told.capabilities = report::encode(able, room).value();
  const crypto::P256PrivateKey key = crypto::generate_p256().value();
  update::Report report;
  report.number = 5;
  report.device = device.id;
  report.manifest_digest = manifest;
  report.update = update::UpdateStatus::make(UpdateState::kConfirmed, std::nullopt).value();
  report.boot.slots = 2;
  report.suit_report = report::seal(report::encode(told, inside).value(), key, out).value();
  const crypto::P256PublicKey shown = crypto::public_key_of(key).value(), other = testing::public_key(9);
  need(backend_->updates.take_report(testing::kTenant, device.id, report, &other));
  EXPECT_EQ(error(send("GET", "/v1/devices/{id}/capabilities", path)), "NotFound") << "its seal did not hold";
  report.where = "again";
  need(backend_->updates.take_report(testing::kTenant, device.id, report, &shown));
  const json kept = get("/v1/devices/{id}/capabilities", path);
  EXPECT_EQ(kept["commands"], json(std::vector<int>{1, 2, 3, 12, 20}));
  EXPECT_EQ(kept["algorithms"], json(std::vector<int>{-9}));
  EXPECT_EQ(kept["source"], "report");
  need(backend_->registers(device));
  EXPECT_EQ(get("/v1/devices/{id}/capabilities", path)["commands"], kept["commands"]) << "a new profile keeps it";

  // The pre-check knows it: this device cannot fetch.
  const json body = {{"manifest", upload()}, {"devices", {uuid_text(device.id)}}};
  const auto refused = send("POST", "/v1/deployments", "/v1/deployments", body.dump());
  EXPECT_EQ(error(refused), "CommandUnsupported");
  EXPECT_EQ(json::parse(refused.body)["precheck"]["refusals"][0]["command"], "directive-fetch");
}

TEST_P(HttpApiTest, WhatEveryDeviceWouldRefuseIsAProblemThatSaysWhy) {
  Device lamp = testing::device(1);
  lamp.device_class = testing::kOtherClass;
  need(backend_->registers(lamp));
  json body = {{"manifest", upload()}, {"devices", {uuid_text(lamp.id)}}};
  const auto refused = send("POST", "/v1/deployments", "/v1/deployments", body.dump());
  EXPECT_EQ(refused.status, 409U);
  EXPECT_EQ(refused.content_type, "application/problem+json");
  const json problem = json::parse(refused.body);
  EXPECT_EQ(problem["error"], "ClassMismatch");
  EXPECT_NE(problem["detail"].get<std::string>().find(uuid_text(lamp.id)), std::string::npos);
  const json refusal = problem["precheck"]["refusals"][0];
  EXPECT_EQ(refusal["device"], uuid_text(lamp.id));
  EXPECT_EQ(refusal["command"], "condition-class-identifier");
  EXPECT_EQ(refusal["path"], "manifest.common.shared-sequence[2].class-identifier");
  EXPECT_NE(refusal["rule"].get<std::string>().find("SUIT manifest 8.4.9"), std::string::npos);
  EXPECT_GT(refusal["offset"], 0);

  const Device bulb = testing::device(2);
  need(backend_->registers(bulb));
  body["devices"].push_back(uuid_text(bulb.id));
  const json made = post("/v1/deployments", "/v1/deployments", body.dump(), 201);
  EXPECT_EQ(made["precheck"]["judged"], 2);
  EXPECT_EQ(made["precheck"]["refusing"], 1);
  EXPECT_EQ(made["precheck"]["all"], true);
  EXPECT_FALSE(get("/v1/deployments/{id}", "/v1/deployments/" + made["id"].get<std::string>()).contains("precheck"));
  body["devices"] = {uuid_text(lamp.id)};
  body["skip_precheck"] = true;
  EXPECT_FALSE(post("/v1/deployments", "/v1/deployments", body.dump(), 201).contains("precheck"));
}

TEST_P(HttpApiTest, AnIdempotencyKeyOrdersOnce) {
  need(backend_->registers(testing::device(1)));
  const json body = {{"manifest", upload()}, {"filter", "id==*"}};
  const auto first = send("POST", "/v1/deployments", "/v1/deployments", body.dump(), "abc");
  const auto again = send("POST", "/v1/deployments", "/v1/deployments", body.dump(), "abc");
  EXPECT_EQ(first.status, 201U);
  EXPECT_EQ(again.status, 201U);
  EXPECT_EQ(json::parse(first.body)["id"], json::parse(again.body)["id"]);
  json other = body;
  other["priority"] = 1;
  EXPECT_EQ(error(send("POST", "/v1/deployments", "/v1/deployments", other.dump(), "abc")), "AlreadyExists");
  EXPECT_EQ(error(send("POST", "/v1/deployments", "/v1/deployments", body.dump(), std::string(129, 'k'))),
            "UsageInvalid");
  EXPECT_EQ(get("/v1/deployments", "/v1/deployments")["items"].size(), 1U);
}

TEST_P(HttpApiTest, CursorsLeadThroughEveryList) {
  for (uint8_t n = 1; n <= 5; ++n) need(backend_->registers(testing::device(n)));
  upload();
  upload({.sequence_number = 3, .image = Bytes(5, 5)});
  upload({.sequence_number = 4, .image = Bytes(6, 6)});
  const auto walk = [&](const std::string& path) {
    std::set<std::string> seen;
    size_t items = 0;
    std::string cursor;
    do {
      const json page = get(path, path + "?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
      for (const json& item : page["items"]) seen.insert(item.dump());
      items += page["items"].size();
      cursor = page.value("next_cursor", "");
    } while (!cursor.empty() && items < 100);
    EXPECT_EQ(seen.size(), items) << path << " repeats an item";
    return items;
  };
  EXPECT_EQ(walk("/v1/devices"), 5U);
  EXPECT_EQ(walk("/v1/images"), 3U);
  EXPECT_EQ(walk("/v1/manifests"), 3U);
  EXPECT_EQ(walk("/v1/events"), 11U);
}

}  // namespace
}  // namespace tailor::update_server
