// A .npy array: what is read can be written, and read again as the same.
#include "client/npy.h"

#include <sstream>
#include <string>

#include "client/tensor.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::istringstream stream{std::string(convoy::testing::TextOf(data, size))};
  const auto tensor = convoy::client::ReadNpy(stream);
  if (!tensor.ok()) return 0;
  std::ostringstream written;
  convoy::testing::Require(convoy::client::WriteNpy(tensor->view(), written).ok(),
                           "an array that was read cannot be written");
  std::istringstream text(written.str());
  const auto again = convoy::client::ReadNpy(text);
  convoy::testing::Require(again.ok(), "an array that was written cannot be read");
  convoy::testing::Require(again->dtype == tensor->dtype && again->shape == tensor->shape &&
                               again->bytes == tensor->bytes,
                           "an array changes when it is written and read");
  return 0;
}
