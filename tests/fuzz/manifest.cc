// manifest.json: what is read can be written, and read again as the same.
#include "server/repository/manifest.h"

#include <string>

#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using convoy::repository::ParseManifest;
  const auto manifest = ParseManifest(convoy::testing::TextOf(data, size));
  if (!manifest.ok()) return 0;
  const std::string text = ManifestText(*manifest);
  const auto again = ParseManifest(text);
  convoy::testing::Require(again.ok(), "a manifest that was read cannot be read when written");
  convoy::testing::Require(ManifestText(*again) == text,
                           "a manifest changes when it is written and read");
  return 0;
}
