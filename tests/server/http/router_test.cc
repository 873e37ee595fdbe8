#include "server/http/router.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::http {
namespace {

using ::testing::HasSubstr;

Route Saying(const std::string& text) {
  return {.page = [text](const Request&) { return TextResponse(200, text); }};
}

Request Asking(std::string method, std::vector<std::string> path) {
  return {.method = std::move(method), .path = std::move(path)};
}

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    router_.Add("GET", "/", Saying("index"));
    router_.Add("GET", "/config", Saying("config"));
    router_.Add("PATCH", "/config", Saying("changed"));
    router_.Add("GET", "/v2/models/{name}", Saying("model"));
    router_.Add("GET", "/v2/models/{name}/versions/{version}", Saying("version"));
  }

  // What the found page says, or the answer that there is none.
  Response Ask(Request request) {
    const auto found = router_.Find(request);
    parameters_ = request.parameters;
    if (const Response* const none = std::get_if<Response>(&found)) return *none;
    return Answer(*std::get<const Route*>(found), request);
  }

  Router router_;
  std::map<std::string, std::string> parameters_;
};

TEST_F(RouterTest, FindsPagesByPathAndMethod) {
  EXPECT_EQ(Ask(Asking("GET", {})).body, "index");
  EXPECT_EQ(Ask(Asking("GET", {"config"})).body, "config");
  EXPECT_EQ(Ask(Asking("HEAD", {"config"})).body, "config");
  EXPECT_EQ(Ask(Asking("PATCH", {"config"})).body, "changed");
}

TEST_F(RouterTest, FillsParameters) {
  EXPECT_EQ(Ask(Asking("GET", {"v2", "models", "a/b", "versions", "3"})).body, "version");
  EXPECT_EQ(parameters_.at("name"), "a/b");
  EXPECT_EQ(parameters_.at("version"), "3");
}

TEST_F(RouterTest, AnUnknownPathIs404) {
  for (const std::vector<std::string>& path : std::vector<std::vector<std::string>>{
           {"x"}, {"config", ""}, {"v2", "models", ""}, {"v2", "models", "a", "versions"}, {""}}) {
    EXPECT_EQ(Ask(Asking("GET", path)).status, 404);
  }
}

TEST_F(RouterTest, AnotherMethodIs405AndNamesThoseThatWork) {
  const Response response = Ask(Asking("DELETE", {"config"}));
  EXPECT_EQ(response.status, 405);
  ASSERT_EQ(response.headers.size(), 1);
  EXPECT_EQ(response.headers[0].first, "Allow");
  EXPECT_EQ(response.headers[0].second, "GET, HEAD, PATCH");
}

TEST_F(RouterTest, APageThatThrowsIs500WithTheReason) {
  const Route route{.page = [](const Request&) -> Response { throw std::runtime_error("why"); }};
  const Response response = Answer(route, Asking("GET", {}));
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, HasSubstr("why"));
}

}  // namespace
}  // namespace convoy::http
