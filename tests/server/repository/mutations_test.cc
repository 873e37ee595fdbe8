// Files with random bytes in random places: clean refusals only.
#include <array>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/sha256.h"
#include "server/repository/manifest.h"
#include "server/repository/version_folder.h"
#include "tests/server/repository/repository_fixture.h"
#include "tests/support/scale.h"

namespace convoy::repository {
namespace {

class MutationsTest : public RepositoryTest {
 protected:
  struct File {
    std::string name;
    std::string content;
  };

  // A version in which everything occurs that the files may have.
  std::array<File, 4> Whole() {
    std::array<File, 4> files = {
        File{"config.json",
             R"({"module": "keras.layers", "class_name": "Conv1D", "registered_name": null,
                 "config": {"name": "conv", "filters": 3, "kernel_size": [2], "strides": [1],
                 "padding": "same", "data_format": "channels_last", "dilation_rate": [1],
                 "groups": 1, "use_bias": true, "activation": "relu", "dtype": "float32",
                 "kernel_initializer": {"module": "keras.initializers", "class_name":
                 "GlorotUniform", "config": {"seed": 3}}, "kernel_regularizer":
                 {"class_name": "L2", "config": {"l2": 0.01}}, "kernel_constraint": null},
                 "build_config": {"input_shape": [null, 10, 1]}})"},
        File{"weights.safetensors", KernelAndBias(2, 1, 3)},
        File{"serving.json",
             R"({"live_versions": 2, "constraints": "apply", "deterministic": false,
                 "max_queue_delay_microseconds": 5, "max_batch_requests": 6})"},
        File{"manifest.json", ""}};
    Manifest manifest;
    for (const File& file : files) {
      if (file.name == "manifest.json") continue;
      manifest[file.name] = {static_cast<int64_t>(file.content.size()), Sha256Hex(file.content)};
    }
    files[3].content = ManifestText(manifest);
    return files;
  }

  // A few bytes changed, a piece removed, doubled or put elsewhere.
  void Mutate(std::string& text) {
    const auto at = [&] { return text.empty() ? 0 : random_() % text.size(); };
    for (uint32_t i = 0; i <= random_() % 4; ++i) {
      const size_t place = at();
      const size_t length = std::min<size_t>(random_() % 20, text.size() - place);
      switch (random_() % 6) {
        case 0:
          if (!text.empty()) text[place] = static_cast<char>(random_());
          break;
        case 1:
          text.erase(place, length);
          break;
        case 2:
          text.insert(place, text.substr(at(), length));
          break;
        case 3:
          text.insert(place, absl::StrCat(static_cast<int64_t>(random_()) << random_() % 64));
          break;
        case 4:
          text.insert(place, std::string(random_() % 3000, "[{\"0"[random_() % 4]));
          break;
        default:
          text.resize(place);
      }
    }
  }

  std::mt19937_64 random_;
};

TEST_F(MutationsTest, AreReadOrRefused) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  random_.seed(seed);
  const std::array<File, 4> whole = Whole();
  const auto write = [this](const File& file) { Write("conv/1/" + file.name, file.content); };
  for (const File& file : whole) write(file);
  ASSERT_TRUE(ReadVersionFolder(root_, "conv/1", 1).ok());
  std::filesystem::remove(root_ / "conv/1/manifest.json");
  int refused = 0;
  const int mutations = testing::Scaled(2'000, 100'000);
  for (int i = 0; i < mutations; ++i) {
    File file = whole[random_() % whole.size()];
    Mutate(file.content);
    write(file);
    const absl::Status status = ReadVersionFolder(root_, "conv/1", 1).status();
    refused += status.ok() ? 0 : 1;
    const bool clean = status.ok() || absl::IsInvalidArgument(status) ||
                       absl::IsFailedPrecondition(status) || absl::IsUnimplemented(status);
    ASSERT_TRUE(clean) << status << "\n" << file.name << ": " << file.content;
    if (file.name == "manifest.json") {
      std::filesystem::remove(root_ / "conv/1/manifest.json");
    } else {
      for (const File& good : whole) {
        if (good.name == file.name) write(good);
      }
    }
  }
  EXPECT_GT(refused, mutations / 4);
  EXPECT_LT(refused, mutations);
}

}  // namespace
}  // namespace convoy::repository
