// A layer's files with anything in them: every read is a layer or a clean refusal.
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kernel/keras/conv1d_json.h"
#include "kernel/keras/layer_json.h"
#include "server/base/sha256.h"
#include "server/repository/manifest.h"
#include "server/repository/version_folder.h"
#include "tests/server/repository/mutation.h"
#include "tests/server/repository/repository_fixture.h"
#include "tests/support/scale.h"

namespace convoy::repository {
namespace {

// Configs that reach every reader: of Keras 3, with objects in all places, and of
// Keras 2. Each takes the weights of `WeightsOf`.
const std::vector<std::string>& Configs() {
  static const auto* const configs = new std::vector<std::string>{
      R"({"class_name":"Conv1D","config":{"filters":4,"kernel_size":[2]}})",
      R"({"module":"keras.layers","class_name":"Conv1D","config":{"name":"c","trainable":true,
          "dtype":{"module":"keras","class_name":"DTypePolicy","config":{"name":"mixed_float16"},
          "registered_name":null},"filters":4,"kernel_size":[2],"strides":[2],"padding":"causal",
          "data_format":"channels_first","dilation_rate":[1],"groups":1,"activation":"glu",
          "use_bias":true,"kernel_initializer":{"class_name":"GlorotUniform","config":{"seed":3,
          "input_axes":[0],"output_axes":[-1]}},"bias_initializer":{"class_name":"Constant",
          "config":{"value":2}},"kernel_regularizer":{"class_name":"L1L2","config":{"l1":0.1,
          "l2":0.2}},"bias_regularizer":null,"activity_regularizer":"l2","kernel_constraint":
          {"class_name":"MinMaxNorm","config":{"min_value":0,"max_value":9,"rate":1,"axis":[0,1]}},
          "bias_constraint":"non_neg"},"registered_name":null,
          "build_config":{"input_shape":[null,1,9]}})",
      R"({"class_name":"Conv1D","config":{"filters":4,"kernel_size":2,"padding":[1,0],"activation":
          {"module":"keras.layers","class_name":"PReLU","config":{"shared_axes":[1],
          "alpha_initializer":{"class_name":"Zeros","config":{}}}},"lora_rank":2,"lora_alpha":4}})",
      R"({"class_name":"Conv1D","config":{"filters":4,"kernel_size":2,"activation":{"class_name":
          "Activation","config":{"activation":{"class_name":"ReLU","config":{"max_value":6,
          "negative_slope":0.1,"threshold":0.5}}}}}})",
      R"({"class_name":"Conv1D","keras_version":"2.15.0","config":{"name":"c","batch_input_shape":
          [null,10,1],"filters":4,"kernel_size":[2],"activation":"hard_sigmoid",
          "kernel_initializer":{"class_name":"VarianceScaling","config":{"scale":1,"mode":
          "fan_avg","distribution":"normal","seed":null}},"kernel_regularizer":"l1_l2"}})"};
  return *configs;
}

// The slopes of a PReLU are weights too.
std::string WeightsOf(const std::string& config) {
  if (config.find("PReLU") == std::string::npos) return KernelAndBias(2, 1, 4);
  return SafetensorsBytes(R"({"kernel":{"dtype":"F32","shape":[2,1,4],"data_offsets":[0,32]},)"
                          R"("bias":{"dtype":"F32","shape":[4],"data_offsets":[32,48]},)"
                          R"("activation/alpha":{"dtype":"F32","shape":[1,4],)"
                          R"("data_offsets":[48,64]}})",
                          FloatBytes(std::vector<float>(16, 1.0f)));
}

constexpr char kServing[] =
    R"({"live_versions":2,"deterministic":true,"constraints":"apply","max_batch_requests":8})";

enum FileKind : uint8_t { kConfig, kServingConfig, kWeights, kManifest, kFiles };
constexpr const char* kNames[kFiles] = {"config.json", "serving.json", "weights.safetensors",
                                        "manifest.json"};

std::string ManifestOf(const std::array<std::string, kFiles>& files) {
  Manifest manifest;
  for (const FileKind kind : {kConfig, kServingConfig, kWeights}) {
    manifest[kNames[kind]] = {static_cast<int64_t>(files[kind].size()), Sha256Hex(files[kind])};
  }
  return ManifestText(manifest);
}

// The text of a config.json.
std::string TextOf(const layer::Conv1DConfig& config) {
  const nlohmann::ordered_json file = {{"class_name", "Conv1D"}, {"config", keras::ToJson(config)}};
  return file.dump(-1, ' ', /*ensure_ascii=*/true);
}

class MutatedFilesTest : public RepositoryTest {
 protected:
  // A version without damage, its manifest too.
  static std::array<std::string, kFiles> FilesOf(const std::string& config) {
    std::array<std::string, kFiles> files = {config, kServing, WeightsOf(config), ""};
    files[kManifest] = ManifestOf(files);
    return files;
  }

  // Beside a manifest any change of another file is an error, so it is left out where
  // it would hide what the other readers do.
  void WriteFiles(const std::array<std::string, kFiles>& files, bool with_manifest) {
    for (const FileKind kind : {kConfig, kServingConfig, kWeights, kManifest}) {
      const bool wanted = kind != kManifest || with_manifest;
      WriteChanged(kind, wanted ? std::optional(files[kind]) : std::nullopt);
    }
  }

  // What is read is a layer whose config can be written and read again, or a
  // refusal of one line of readable text that blames a file.
  void ExpectLayerOrRefusal() {
    const auto version = ReadVersionFolder(root_, "conv/1", 1);
    if (version.ok()) {
      ++layers_;
      const std::string text = TextOf(version->layer->config());
      const auto again = keras::ParseLayer(text);
      ASSERT_TRUE(again.ok()) << again.status() << text;
      EXPECT_EQ(TextOf(again->config), text);
      return;
    }
    ++refusals_;
    const std::string message(version.status().message());
    EXPECT_THAT(version.status().code(), ::testing::AnyOf(absl::StatusCode::kInvalidArgument,
                                                          absl::StatusCode::kUnimplemented,
                                                          absl::StatusCode::kFailedPrecondition))
        << message;
    EXPECT_THAT(message, ::testing::StartsWith("conv/1/"));
    EXPECT_LT(message.size(), 1200u);
    EXPECT_TRUE(IsUtf8(message)) << message;
  }

  int layers_ = 0;
  int refusals_ = 0;

 private:
  // No file for none.
  void WriteChanged(FileKind kind, const std::optional<std::string>& content) {
    if (written_[kind] == content) return;
    const std::string path = std::string("conv/1/") + kNames[kind];
    // Not written over: some file systems then wait for the disk.
    std::filesystem::remove(root_ / path);
    if (content.has_value()) Write(path, *content);
    written_[kind] = content;
  }

  std::array<std::optional<std::string>, kFiles> written_;
};

TEST_F(MutatedFilesTest, EveryMutationOfAFileIsReadOrRefused) {
  // The config has most of the readers.
  constexpr FileKind kPicks[] = {kConfig, kConfig,        kConfig,  kConfig,
                                 kConfig, kServingConfig, kWeights, kManifest};
  const int rounds = testing::Scaled(6000, 100'000);
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE(::testing::Message() << "seed " << round);
    std::mt19937_64 random(round);
    std::array<std::string, kFiles> files = FilesOf(Configs()[random() % Configs().size()]);
    const FileKind pick = kPicks[random() % std::size(kPicks)];
    files[pick] = Mutated(files[pick], random);
    WriteFiles(files, pick == kManifest);
    ExpectLayerOrRefusal();
  }
  // Otherwise the mutations would be too weak, or too strong to reach what lies deep.
  EXPECT_GT(layers_, rounds / 50);
  EXPECT_GT(refusals_, rounds / 3);
}

TEST_F(MutatedFilesTest, WithoutMutationsTheFilesAreLayers) {
  for (const std::string& config : Configs()) {
    for (const bool with_manifest : {false, true}) {
      WriteFiles(FilesOf(config), with_manifest);
      ExpectLayerOrRefusal();
    }
  }
  EXPECT_EQ(layers_, static_cast<int>(2 * Configs().size()));
}

TEST_F(MutatedFilesTest, BesideItsManifestEveryOtherFileIsRefused) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 100; ++round) {
    std::array<std::string, kFiles> files = FilesOf(Configs()[0]);
    const FileKind pick = FileKind(random() % kManifest);
    const std::string whole = files[pick];
    while (files[pick] == whole) files[pick] = Mutated(whole, random);
    WriteFiles(files, /*with_manifest=*/true);
    ExpectLayerOrRefusal();
  }
  EXPECT_EQ(refusals_, 100);
}

}  // namespace
}  // namespace convoy::repository
