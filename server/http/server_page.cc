#include "server/http/server_page.h"

#include <nlohmann/json.hpp>

namespace convoy::http {

void AddServerPage(const std::string& version, Router& router) {
  router.Add("GET", "/v2", {.page = [version](const Request&) {
               return JsonResponse(200, {{"name", "convoy"},
                                         {"version", version},
                                         {"extensions", nlohmann::ordered_json::array()}});
             }});
}

}  // namespace convoy::http
