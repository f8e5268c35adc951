// SPDX-License-Identifier: Apache-2.0
#include "net/http/message.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tailor::http {
namespace {

TEST(HttpMessage, TargetsAreSplitBeforeTheyAreDecoded) {
  Request request;
  ASSERT_TRUE(parse_target("/v1/devices/a%2Fb?filter=state%3D%3Didle&limit=10&q=a+b&flag", request).ok());
  EXPECT_EQ(request.segments, (std::vector<std::string>{"v1", "devices", "a/b"}));
  EXPECT_EQ(request.query_value("filter"), "state==idle");
  EXPECT_EQ(request.query_value("limit"), "10");
  EXPECT_EQ(request.query_value("q"), "a b");
  EXPECT_EQ(request.query_value("flag"), "");
  EXPECT_EQ(request.query_value("none"), std::nullopt);
  ASSERT_TRUE(parse_target("/", request).ok());
  EXPECT_TRUE(request.segments.empty());
  for (const char* bad : {"", "x", "*", "http://h/", "/%", "/%4", "/%zz", "/a?b=%g0"}) {
    EXPECT_EQ(parse_target(bad, request).error().code, Error::kValueOutOfRange) << bad;
  }
}

TEST(HttpMessage, PercentEncodingRoundTrip) {
  const std::string text = "a b/ü?&=%~";
  Request request;
  ASSERT_TRUE(parse_target("/" + percent_encode(text) + "?k=" + percent_encode(text), request).ok());
  EXPECT_EQ(request.segments.at(0), text);
  EXPECT_EQ(request.query_value("k"), text);
}

TEST(HttpMessage, ProblemDocumentsCarryTheFailureBothWays) {
  const Failure failure = fail(Error::kPskSpent, "device \"x\"\xff");
  const Response response = problem(failure);
  EXPECT_EQ(response.status, 403U);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const auto json = nlohmann::json::parse(response.body);
  EXPECT_EQ(json["type"], "tag:tailor,2026:error:PskSpent");
  EXPECT_EQ(json["status"], 403);
  EXPECT_EQ(json["error"], "PskSpent");
  EXPECT_EQ(failure_from(response).code, Error::kPskSpent);
  EXPECT_EQ(failure_from(problem(fail(Error::kNotFound, "thing"))).context, "thing");
  EXPECT_EQ(failure_from(Response{500, "text/html", "<p>oops", {}}).code, Error::kPeerRefused);
  EXPECT_EQ(failure_from(Response{500, "", R"({"code": 99999})", {}}).code, Error::kInternal);
  EXPECT_TRUE(problem(fail(Error::kEnrolmentCodeInvalid)).headers.find("www-authenticate").has_value());
}

TEST(HttpMessage, BasicCredentials) {
  const auto with = [](const char* value) {
    Request request;
    request.headers.add("authorization", value);
    return basic_credentials(request);
  };
  const auto good = with("Basic b3BlcmF0b3I6YTpi");  // operator:a:b
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->user, "operator");
  EXPECT_EQ(good->password.reveal(), "a:b");
  for (const char* bad : {"", "Basic", "Basic ", "Bearer b3BlcmF0b3I6YTpi", "Basic b3BlcmF0b3I", "Basic !!!!"}) {
    EXPECT_FALSE(with(bad).has_value()) << bad;
  }
  EXPECT_FALSE(basic_credentials(Request{}).has_value());
}

}  // namespace
}  // namespace tailor::http
