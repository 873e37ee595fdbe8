// The file of options: keys and values, or an error.
#include "server/options/option_file.h"

#include <sstream>
#include <string>

#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::istringstream stream{std::string(convoy::testing::TextOf(data, size))};
  const auto options = convoy::ReadOptionFile(stream);
  if (options.ok()) return 0;
  convoy::testing::Require(!options.status().message().empty(), "an error that says nothing");
  return 0;
}
