// config.json: what is read can be written, and read again as the same.
#include "kernel/keras/layer_json.h"

#include <nlohmann/json.hpp>
#include <string>

#include "kernel/keras/conv1d_json.h"
#include "tests/fuzz/fuzz_target.h"

namespace convoy {
namespace {

std::string TextOf(const layer::Conv1DConfig& config) {
  const nlohmann::ordered_json file = {{"class_name", "Conv1D"}, {"config", keras::ToJson(config)}};
  return file.dump(-1, ' ', /*ensure_ascii=*/true);
}

}  // namespace
}  // namespace convoy

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto layer = convoy::keras::ParseLayer(convoy::testing::TextOf(data, size));
  if (!layer.ok()) return 0;
  const std::string text = convoy::TextOf(layer->config);
  const auto again = convoy::keras::ParseLayer(text);
  convoy::testing::Require(again.ok(), "a config that was read cannot be read when written");
  convoy::testing::Require(convoy::TextOf(again->config) == text,
                           "a config changes when it is written and read");
  return 0;
}
