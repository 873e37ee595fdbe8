#include "server/http/response.h"

#include <nlohmann/json.hpp>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Request Asking(std::vector<std::string> path, std::string accept) {
  Request request{.method = "GET", .path = std::move(path)};
  if (!accept.empty()) request.headers.emplace_back("accept", std::move(accept));
  return request;
}

TEST(ResponseTest, WritesStatusLengthAndConnection) {
  const Response response = TextResponse(200, "live\n");
  EXPECT_THAT(SerializeHead(response, true),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\nContent-Length: 5\r\n"),
                    HasSubstr("\r\nConnection: keep-alive\r\n"), ::testing::EndsWith("\r\n\r\n")));
  EXPECT_THAT(SerializeHead(response, false), HasSubstr("\r\nConnection: close\r\n"));
}

TEST(ResponseTest, WritesThePagesOwnHeaders) {
  Response response = TextResponse(405, "no\n");
  response.headers.emplace_back("Allow", "GET, HEAD");
  EXPECT_THAT(SerializeHead(response, true), HasSubstr("\r\nAllow: GET, HEAD\r\n"));
}

TEST(ResponseTest, ErrorsAreJsonForThoseWhoAskForJson) {
  const Response json = ErrorResponse(Asking({"x"}, "Application/JSON, */*"), 404, "no \"x\"");
  EXPECT_EQ(json.content_type, "application/json");
  EXPECT_EQ(nlohmann::json::parse(json.body), nlohmann::json({{"error", "no \"x\""}}));
  const Response text = ErrorResponse(Asking({"x"}, "*/*"), 404, "no x");
  EXPECT_THAT(text.content_type, StartsWith("text/plain"));
  EXPECT_EQ(text.body, "404: no x\n");
}

TEST(ResponseTest, TheProtocolsPagesAreJsonUnlessTextIsAskedFor) {
  EXPECT_TRUE(WantsJson(Asking({"v2", "health", "live"}, "")));
  EXPECT_TRUE(WantsJson(Asking({"v2"}, "*/*")));
  EXPECT_FALSE(WantsJson(Asking({"v2"}, "text/html,*/*")));
  EXPECT_FALSE(WantsJson(Asking({}, "")));
  EXPECT_FALSE(WantsJson(Asking({"config"}, "")));
}

TEST(ResponseTest, JsonReplacesWhatIsNotUtf8) {
  EXPECT_EQ(JsonResponse(200, "\xFF").body, "\"\xEF\xBF\xBD\"\n");
}

}  // namespace
}  // namespace convoy::http
