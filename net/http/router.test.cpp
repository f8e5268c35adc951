// SPDX-License-Identifier: Apache-2.0
#include "net/http/router.hpp"

#include <gtest/gtest.h>

namespace tailor::http {
namespace {

Request request(const std::string& method, const std::string& target) {
  Request out;
  out.method = method;
  EXPECT_TRUE(parse_target(target, out).ok());
  return out;
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router_.add("GET", "/v1/things", [](const Request&, const PathValues&) { return json_response("[]"); });
    router_.add(
        "POST", "/v1/things", [](const Request&, const PathValues&) { return json_response("{}", 201); },
        [](const Request&) {
          return BodyPlan{5, "/tmp", std::nullopt};
        });
    router_.add("GET", "/v1/things/{id}",
                [](const Request&, const PathValues& values) { return json_response(values.find("id")->second); });
  }
  Router router_;
};

TEST_F(RouterTest, PicksByMethodAndPath) {
  EXPECT_EQ(router_.handle(request("GET", "/v1/things?x=1")).body, "[]");
  EXPECT_EQ(router_.handle(request("HEAD", "/v1/things")).status, 200U);
  EXPECT_EQ(router_.handle(request("POST", "/v1/things")).status, 201U);
  EXPECT_EQ(router_.handle(request("GET", "/v1/things/a%2Fb")).body, "a/b");
}

TEST_F(RouterTest, NoRouteIsAProblem) {
  for (const char* target : {"/", "/v1", "/v1/things/", "/v1/things/a/b", "/v2/things"}) {
    const auto found = router_.handle(request("GET", target));
    if (std::string(target) == "/v1/things/") {
      EXPECT_EQ(found.status, 200U) << "an empty id is still an id; the route decides";
    } else {
      EXPECT_EQ(found.status, 404U) << target;
    }
  }
  const Response wrong = router_.handle(request("DELETE", "/v1/things"));
  EXPECT_EQ(wrong.status, 405U);
  EXPECT_EQ(wrong.headers.find("Allow"), "GET, POST");
}

TEST_F(RouterTest, PlansPerRouteAndRefusesUnknownOnesBeforeTheBody) {
  EXPECT_EQ(router_.plan(request("POST", "/v1/things")).max_bytes, 5U);
  EXPECT_EQ(router_.plan(request("GET", "/v1/things")).max_bytes, kBodyBytes);
  const BodyPlan none = router_.plan(request("POST", "/nope"));
  ASSERT_TRUE(none.refuse.has_value());
  EXPECT_EQ(none.refuse->status, 404U);
}

TEST_F(RouterTest, GuardStandsBeforePlanAndHandler) {
  router_.set_guard([](const Request&) -> Outcome<void> { return fail(Error::kNotAuthenticated); });
  EXPECT_EQ(router_.handle(request("GET", "/v1/things")).status, 401U);
  EXPECT_EQ(router_.plan(request("POST", "/v1/things")).refuse->status, 401U);
}

}  // namespace
}  // namespace tailor::http
