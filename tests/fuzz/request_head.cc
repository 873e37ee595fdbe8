// The head of an HTTP request: a request, or an error that HTTP knows.
#include "server/http/request_head.h"

#include <variant>

#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto head = convoy::http::ParseRequestHead(convoy::testing::TextOf(data, size));
  if (const auto* error = std::get_if<convoy::http::HttpError>(&head)) {
    convoy::testing::Require(error->status >= 400 && error->status < 600,
                             "an error that is no error of HTTP");
    convoy::testing::Require(!error->message.empty(), "an error that says nothing");
  }
  return 0;
}
