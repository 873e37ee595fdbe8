// An entry of a tuning file: what is read can be written, and read again as the same.
#include <nlohmann/json.hpp>
#include <string>

#include "kernel/base/bounded_json.h"
#include "kernel/engine/tuning/tuned_json.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using convoy::engine::TuningFromJson;
  const auto json = convoy::ParseBoundedJson(convoy::testing::TextOf(data, size));
  if (!json.ok()) return 0;
  const auto tuning = TuningFromJson(*json);
  if (!tuning.ok()) return 0;
  const nlohmann::ordered_json written = TuningToJson(*tuning);
  const auto again = TuningFromJson(written);
  convoy::testing::Require(again.ok(), "a tuning that was read cannot be read when written");
  convoy::testing::Require(TuningToJson(*again) == written,
                           "a tuning changes when it is written and read");
  return 0;
}
