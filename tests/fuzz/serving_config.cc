// serving.json: what is read can be written, and read again as the same.
#include "server/repository/serving_config.h"

#include <nlohmann/json.hpp>
#include <string>

#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using convoy::repository::ParseServingConfig;
  const auto config = ParseServingConfig(convoy::testing::TextOf(data, size));
  if (!config.ok()) return 0;
  const std::string text = ToJson(*config).dump();
  const auto again = ParseServingConfig(text);
  convoy::testing::Require(again.ok(), "options that were read cannot be read when written");
  convoy::testing::Require(ToJson(*again).dump() == text,
                           "options change when they are written and read");
  return 0;
}
