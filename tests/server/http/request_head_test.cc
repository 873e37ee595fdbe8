#include "server/http/request_head.h"

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/scale.h"

namespace convoy::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RequestHead Parsed(const std::string& text) {
  auto parsed = ParseRequestHead(text);
  const HttpError* const error = std::get_if<HttpError>(&parsed);
  EXPECT_EQ(error, nullptr) << error->message;
  return error == nullptr ? std::get<RequestHead>(std::move(parsed)) : RequestHead();
}

int StatusOf(const std::string& text) {
  const auto parsed = ParseRequestHead(text);
  const HttpError* const error = std::get_if<HttpError>(&parsed);
  return error == nullptr ? 200 : error->status;
}

TEST(RequestHeadTest, ReadsMethodPathAndHeaders) {
  const RequestHead head = Parsed(
      "GET /v2/models/a%20b/ready?x=1&y HTTP/1.1\r\nHost: convoy:8002\r\n"
      "ACCEPT:\t application/json \r\n\r\n");
  EXPECT_EQ(head.request.method, "GET");
  EXPECT_THAT(head.request.path, ElementsAre("v2", "models", "a b", "ready"));
  EXPECT_EQ(head.request.Header("accept"), "application/json");
  EXPECT_EQ(head.request.Header("cookie"), "");
  EXPECT_FALSE(head.has_body);
}

TEST(RequestHeadTest, ReadsThePathsThatPeopleAndProxiesSend) {
  EXPECT_THAT(Parsed("GET / HTTP/1.1\r\n\r\n").request.path, IsEmpty());
  EXPECT_THAT(Parsed("GET /metrics/ HTTP/1.1\r\n\r\n").request.path, ElementsAre("metrics", ""));
  EXPECT_THAT(Parsed("GET /a%2Fb/c HTTP/1.1\r\n\r\n").request.path, ElementsAre("a/b", "c"));
  EXPECT_THAT(Parsed("GET /?a/b HTTP/1.1\r\n\r\n").request.path, IsEmpty());
  EXPECT_THAT(Parsed("GET http://host:1/a?b HTTP/1.1\r\n\r\n").request.path, ElementsAre("a"));
  EXPECT_THAT(Parsed("GET http://host HTTP/1.1\r\n\r\n").request.path, IsEmpty());
  EXPECT_THAT(Parsed("GET /../x HTTP/1.0\r\n\r\n").request.path, ElementsAre("..", "x"));
}

TEST(RequestHeadTest, KeepsTheQueryAsItCame) {
  EXPECT_EQ(Parsed("GET /a?b=%20c&d?e HTTP/1.1\r\n\r\n").request.query, "b=%20c&d?e");
  EXPECT_EQ(Parsed("GET /?a HTTP/1.1\r\n\r\n").request.query, "a");
  EXPECT_EQ(Parsed("GET /a HTTP/1.1\r\n\r\n").request.query, "");
}

TEST(RequestHeadTest, KeepsAConnectionAsVersionAndHeaderSay) {
  EXPECT_TRUE(Parsed("GET / HTTP/1.1\r\n\r\n").keep_alive);
  EXPECT_FALSE(Parsed("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n").keep_alive);
  EXPECT_FALSE(Parsed("GET / HTTP/1.1\r\nConnection: keep-alive, close\r\n\r\n").keep_alive);
  EXPECT_FALSE(Parsed("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(Parsed("GET / HTTP/1.0\r\nConnection: te, Keep-Alive\r\n\r\n").keep_alive);
}

TEST(RequestHeadTest, SeesThatABodyFollows) {
  const std::string post = "POST /x HTTP/1.1\r\n";
  EXPECT_FALSE(Parsed(post + "Content-Length: 0\r\n\r\n").has_body);
  EXPECT_TRUE(Parsed(post + "Content-Length: 12\r\n\r\n").has_body);
  EXPECT_TRUE(Parsed(post + "Content-Length: 99999999999999999999\r\n\r\n").has_body);
  EXPECT_TRUE(Parsed(post + "Transfer-Encoding: chunked\r\n\r\n").has_body);
  EXPECT_TRUE(Parsed(post + "Transfer-Encoding: x\r\nContent-Length: 0\r\n\r\n").has_body);
  EXPECT_EQ(Parsed(post + "\r\n").body_bytes, 0u);
  EXPECT_EQ(Parsed(post + "Content-Length: 0012\r\n\r\n").body_bytes, 12u);
  EXPECT_EQ(Parsed(post + "Content-Length: 99999999999999999999\r\n\r\n").body_bytes, UINT64_MAX);
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(Parsed(post + chunked + "\r\n").body_bytes, std::nullopt);
  EXPECT_EQ(Parsed(post + chunked + "Content-Length: 3\r\n\r\n").body_bytes, std::nullopt);
  EXPECT_EQ(Parsed(post + "Content-Length: 3\r\n" + chunked + "\r\n").body_bytes, std::nullopt);
}

TEST(RequestHeadTest, RefusesALengthThatTwoReadersCouldSeeInTwoWays) {
  const std::string post = "POST /x HTTP/1.1\r\n";
  EXPECT_EQ(StatusOf(post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf(post + "Content-Length: 1, 1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf(post + "Content-Length: +1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf(post + "Content-Length: -1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf(post + "Content-Length: 0x10\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf(post + "Content-Length:\r\n\r\n"), 400);
}

TEST(RequestHeadTest, RefusesLinesThatAreNoHttp) {
  for (const char* const text : {
           "\r\n\r\n",
           "GET\r\n\r\n",
           "GET /\r\n\r\n",
           "GET  / HTTP/1.1\r\n\r\n",
           "G@T / HTTP/1.1\r\n\r\n",
           "GET x HTTP/1.1\r\n\r\n",
           "OPTIONS * HTTP/1.1\r\n\r\n",
           "GET /\x01 HTTP/1.1\r\n\r\n",
           "GET /% HTTP/1.1\r\n\r\n",
           "GET /%4 HTTP/1.1\r\n\r\n",
           "GET /%zz HTTP/1.1\r\n\r\n",
           "GET / HTTP/1.1\nHost: x\n\n",
           "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
           "GET / HTTP/1.1\r\n: x\r\n\r\n",
           "GET / HTTP/1.1\r\nx\r\n\r\n",
           "GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n",
           "GET / HTTP/1.1\r\na: b\nc: d\r\n\r\n",
           "GET / HTTP/1.1\r\na: b\rc\r\n\r\n",
           "GET / HTTP/1.1\r\n",
           "",
       }) {
    EXPECT_EQ(StatusOf(text), 400) << text;
  }
  EXPECT_EQ(StatusOf(std::string("GET / HTTP/1.1\r\na: \0\r\n\r\n", 24)), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1 \r\n\r\n"), 505);
}

TEST(RequestHeadTest, BoundsThePathAndTheHeaders) {
  const std::string longest(4095, 'x');
  EXPECT_EQ(StatusOf(absl::StrCat("GET /", longest, " HTTP/1.1\r\n\r\n")), 200);
  EXPECT_EQ(StatusOf(absl::StrCat("GET /x", longest, " HTTP/1.1\r\n\r\n")), 414);
  std::string headers = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&headers, "h", i, ": v\r\n");
  EXPECT_EQ(StatusOf(headers + "\r\n"), 200);
  EXPECT_EQ(StatusOf(headers + "one: more\r\n\r\n"), 431);
}

// Mostly pieces of requests, so that some of what comes is one.
std::string RandomHead(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {"GET ",      "/",
                                                   "a",         "%41",
                                                   "%",         "?",
                                                   " HTTP/1.1", " HTTP/1.0",
                                                   "\r\n",      "\r",
                                                   "\n",        "Host:",
                                                   ": ",        "\t",
                                                   " ",         "Content-Length: ",
                                                   "7",         "Connection: close",
                                                   "\x80",      "\x7f",
                                                   "http://"};
  std::string text = random() % 2 == 0 ? "GET / HTTP/1.1\r\n" : "";
  for (uint32_t left = random() % 20; left > 0; --left) {
    text += random() % 4 == 0 ? std::string(1, static_cast<char>(random() % 256))
                              : kPieces[random() % kPieces.size()];
  }
  return text + "\r\n\r\n";
}

TEST(RequestHeadTest, WhateverComesIsReadOrRefused) {
  const int count = convoy::testing::Scaled(20'000, 2'000'000);
  std::mt19937 random(20);
  int read = 0;
  for (int i = 0; i < count; ++i) {
    const std::string text = RandomHead(random);
    const auto parsed = ParseRequestHead(text);
    if (const HttpError* const error = std::get_if<HttpError>(&parsed)) {
      EXPECT_GE(error->status, 400) << absl::CEscape(text);
      EXPECT_FALSE(error->message.empty());
      continue;
    }
    ++read;
    const Request& request = std::get<RequestHead>(parsed).request;
    EXPECT_EQ(request.method.find_first_of(" \r\n"), std::string::npos) << absl::CEscape(text);
    for (const auto& [name, value] : request.headers) {
      EXPECT_EQ((name + value).find_first_of("\r\n"), std::string::npos) << absl::CEscape(text);
    }
  }
  EXPECT_GT(read, count / 20);  // the pieces do make requests
  EXPECT_LT(read, count / 2);
}

TEST(RequestHeadTest, SaysWhatIsWrong) {
  const auto parsed = ParseRequestHead("GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n");
  EXPECT_THAT(std::get<HttpError>(parsed).message, HasSubstr("Content-Length"));
}

}  // namespace
}  // namespace convoy::http
