#include "server/http/status_page.h"

#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "kernel/base/absl_view.h"
#include "server/base/sha256.h"
#include "server/http/status_page_files.h"

namespace convoy::http {
namespace {

std::string Script() {
  return absl::StrCat(AbslView(kStatusPageFormat), AbslView(kStatusPageDom),
                      AbslView(kStatusPageChart), AbslView(kStatusPageLayers),
                      AbslView(kStatusPageScript));
}

// The page with its style and its script inside: files of their own would be further
// requests, which may fail when they matter most.
std::string Html() {
  return absl::StrReplaceAll(AbslView(kStatusPageHtml),
                             {{"{{style}}", AbslView(kStatusPageStyle)}, {"{{script}}", Script()}});
}

// As Content-Security-Policy names a text that may be used.
std::string Hash(std::string_view text) {
  Sha256 sum;
  sum.Update(text);
  return absl::StrCat("'sha256-", absl::Base64Escape(sum.Bytes()), "'");
}

// Whatever a layer's name or a log line smuggles into the page, nothing else is run,
// fetched or told to anybody.
std::string ContentSecurityPolicy() {
  return absl::StrCat("default-src 'none'; script-src ", Hash(Script()), "; style-src ",
                      Hash(kStatusPageStyle),
                      "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'");
}

}  // namespace

void AddStatusPage(status::Board& board, Router& router) {
  const Response page{.content_type = "text/html; charset=utf-8",
                      .body = Html(),
                      .headers = {{"Content-Security-Policy", ContentSecurityPolicy()},
                                  {"Referrer-Policy", "no-referrer"}}};
  // At once: it must come also while other pages are slow.
  router.Add("GET", "/", {.page = [page](const Request&) { return page; }, .at_once = true});
  router.Add("GET", "/status", {.page = [&board](const Request&) {
               return Response{.content_type = "application/json", .body = *board.Text()};
             }});
}

}  // namespace convoy::http
