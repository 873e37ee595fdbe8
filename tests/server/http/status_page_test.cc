#include "server/http/status_page.h"

#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/sha256.h"

namespace convoy::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class StatusPageTest : public ::testing::Test {
 protected:
  StatusPageTest() { AddStatusPage(board_, router_); }

  Response Get(std::vector<std::string> path) {
    Request request{.method = "GET", .path = std::move(path)};
    return Answer(*std::get<const Route*>(router_.Find(request)), request);
  }

  // What stands between <name> and </name>.
  std::string Inside(const std::string& name) {
    const std::string html = Get({}).body;
    const size_t begin = html.find(absl::StrCat("<", name, ">")) + name.size() + 2;
    return html.substr(begin, html.find(absl::StrCat("</", name, ">")) - begin);
  }

  std::string Policy() {
    for (const auto& [name, value] : Get({}).headers) {
      if (name == "Content-Security-Policy") return value;
    }
    return "";
  }

  registry::Registry registry_;
  metrics::Metrics metrics_;
  status::Board board_{registry_, metrics_, {{"version", "1.2.3"}}};
  Router router_;
};

TEST_F(StatusPageTest, IsOnePageOfHtml) {
  const Response page = Get({});
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("</html>"));
  EXPECT_THAT(page.body, Not(HasSubstr("{{")));
}

TEST_F(StatusPageTest, FetchesNothingFromOutside) {
  const std::string html = Get({}).body;
  const std::regex outside(R"((src|href|action)\s*=\s*["']?(https?:)?//|@import|url\()");
  EXPECT_FALSE(std::regex_search(html, outside));
  EXPECT_THAT(html, Not(HasSubstr("<script src")));
  EXPECT_THAT(html, Not(HasSubstr("stylesheet")));
}

// A browser runs what has these hashes and nothing else.
TEST_F(StatusPageTest, AllowsItsOwnStyleAndScriptByTheirHashes) {
  for (const std::string name : {"style", "script"}) {
    const std::string text = Inside(name);
    EXPECT_GT(text.size(), 1000u);
    Sha256 sum;
    sum.Update(text);
    EXPECT_THAT(Policy(), HasSubstr(absl::StrCat(name, "-src 'sha256-",
                                                 absl::Base64Escape(sum.Bytes()), "'")));
  }
  EXPECT_THAT(Policy(), HasSubstr("default-src 'none'"));
  EXPECT_THAT(Policy(), Not(HasSubstr("unsafe")));
  EXPECT_THAT(Get({}).body, Not(HasSubstr("style=\"")));
  EXPECT_THAT(Get({}).body, Not(HasSubstr("onclick=")));
}

TEST_F(StatusPageTest, HasTheBoardsTextAsJson) {
  const Response status = Get({"status"});
  EXPECT_EQ(status.status, 200);
  EXPECT_EQ(status.content_type, "application/json");
  EXPECT_EQ(status.body, *board_.Text());
  EXPECT_EQ(nlohmann::json::parse(status.body).at("server").at("version"), "1.2.3");
}

}  // namespace
}  // namespace convoy::http
