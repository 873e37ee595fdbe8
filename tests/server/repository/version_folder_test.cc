#include "server/repository/version_folder.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/sha256.h"
#include "server/repository/file_source.h"
#include "server/repository/manifest.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::repository {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(ParseVersionTest, AcceptsPositiveNumbersWithoutLeadingZerosOnly) {
  EXPECT_EQ(ParseVersion("1"), 1);
  EXPECT_EQ(ParseVersion("9223372036854775807"), INT64_MAX);
  for (const std::string_view name :
       {"", "0", "01", "-1", "+1", " 1", "1 ", "1a", "1.0", "v1", "9223372036854775808"}) {
    EXPECT_EQ(ParseVersion(name), std::nullopt) << name;
  }
}

class VersionFolderTest : public RepositoryTest {
 protected:
  absl::StatusOr<LoadedVersion> Read() { return ReadVersionFolder(root_, "conv/1", 1); }

  std::string MessageOfRead() {
    const absl::StatusOr<LoadedVersion> version = Read();
    EXPECT_EQ(version.status().code(), absl::StatusCode::kInvalidArgument) << version.status();
    return std::string(version.status().message());
  }

  void WriteConfig(std::string_view text) { Write("conv/1/config.json", text); }
  void WriteWeights(std::string_view bytes) { Write("conv/1/weights.safetensors", bytes); }
};

TEST_F(VersionFolderTest, BuildsTheLayerFromConfigAndWeights) {
  WriteVersion("conv", "1");
  const absl::StatusOr<LoadedVersion> version = Read();
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->version, 1);
  EXPECT_EQ(version->layer->input_channels(), 1);
  EXPECT_EQ(version->layer->output_channels(), 3);
  EXPECT_THAT(version->layer->kernel(), AllOf(SizeIs(6), Each(1.0f)));
  EXPECT_THAT(version->layer->bias(), AllOf(SizeIs(3), Each(2.0f)));
  EXPECT_EQ(version->serving.live_versions, 1);
}

TEST_F(VersionFolderTest, TakesTheChannelsFromTheKernelTimesTheGroups) {
  WriteConfig(R"({"class_name": "Conv1D",
                  "config": {"filters": 4, "kernel_size": 2, "groups": 2}})");
  WriteWeights(KernelAndBias(2, 3, 4));
  const absl::StatusOr<LoadedVersion> version = Read();
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->layer->input_channels(), 6);
}

TEST_F(VersionFolderTest, ReadsServingOptions) {
  WriteVersion("conv", "1");
  Write("conv/1/serving.json", R"({"live_versions": 2})");
  const absl::StatusOr<LoadedVersion> version = Read();
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->serving.live_versions, 2);
}

TEST_F(VersionFolderTest, NamesTheMissingFile) {
  WriteConfig(R"({"class_name": "Conv1D", "config": {"filters": 3, "kernel_size": 2}})");
  EXPECT_THAT(MessageOfRead(), StartsWith("conv/1/weights.safetensors: no such file"));
  std::filesystem::remove(root_ / "conv/1/config.json");
  WriteWeights(KernelAndBias(2, 1, 3));
  EXPECT_EQ(MessageOfRead(), "conv/1/config.json: no such file");
}

TEST_F(VersionFolderTest, MakesNoWeightsThatAreNotThere) {
  WriteConfig(R"({"class_name": "Conv1D", "config": {"filters": 3, "kernel_size": 2},
                  "build_config": {"input_shape": [null, 10, 4]}})");
  EXPECT_THAT(MessageOfRead(), AllOf(StartsWith("conv/1/weights.safetensors: no such file"),
                                     HasSubstr(R"({"weights": {"initialize": {"seed": 7}}})")));
  std::filesystem::create_symlink("nowhere", root_ / "conv/1/weights.safetensors");
  EXPECT_THAT(MessageOfRead(),
              StartsWith("conv/1/weights.safetensors: no such file: the link leads nowhere"));
}

TEST_F(VersionFolderTest, InitializesALayerForThoseWhoAskForIt) {
  WriteConfig(R"({"class_name": "Conv1D",
                  "config": {"filters": 3, "kernel_size": 2, "bias_initializer": "ones"},
                  "build_config": {"input_shape": [null, 10, 4]}})");
  const auto kernel_of_seed = [this](int seed) {
    Write("conv/1/serving.json",
          absl::StrCat(R"({"weights": {"initialize": {"seed": )", seed, "}}}"));
    const absl::StatusOr<LoadedVersion> version = Read();
    EXPECT_TRUE(version.ok()) << version.status();
    EXPECT_EQ(version->layer->input_channels(), 4);
    EXPECT_THAT(version->layer->bias(), AllOf(SizeIs(3), Each(1.0f)));
    const absl::Span<const float> kernel = version->layer->kernel();
    return std::vector<float>(kernel.begin(), kernel.end());
  };
  const std::vector<float> seven = kernel_of_seed(7);
  EXPECT_THAT(seven, SizeIs(24));
  EXPECT_EQ(kernel_of_seed(7), seven);
  EXPECT_NE(kernel_of_seed(8), seven);
}

TEST_F(VersionFolderTest, InitializesNothingWithoutChannelsOrBesideAFile) {
  Write("conv/1/serving.json", R"({"weights": {"initialize": {"seed": 7}}})");
  WriteConfig(R"({"class_name": "Conv1D", "config": {"filters": 3, "kernel_size": 2},
                  "build_config": {"input_shape": [null, 10, null]}})");
  EXPECT_THAT(MessageOfRead(), AllOf(StartsWith("conv/1/config.json: build_config.input_shape"),
                                     HasSubstr("known number of channels")));
  WriteVersion("conv", "1");
  EXPECT_THAT(MessageOfRead(), AllOf(StartsWith("conv/1/serving.json: weights"),
                                     HasSubstr("expected no weights.safetensors")));
}

TEST_F(VersionFolderTest, ALinkToNowhereIsNoMissingFile) {
  WriteVersion("conv", "1");
  std::filesystem::create_symlink("nowhere", root_ / "conv/1/serving.json");
  EXPECT_THAT(MessageOfRead(), StartsWith("conv/1/serving.json: no such file: the link leads"));
}

TEST_F(VersionFolderTest, TellsTheChecksumsOfItsFilesAndOfWhatDecidesItsAnswers) {
  WriteVersion("conv", "1");
  const Checksums first = Read().value().checksums;
  const std::string config =
      R"({"class_name": "Conv1D", "config": {"filters": 3, "kernel_size": 2}})";
  EXPECT_EQ(first.config, Sha256Hex(config));
  EXPECT_EQ(first.weights, Sha256Hex(KernelAndBias(2, 1, 3)));
  EXPECT_EQ(first.serving, "");
  EXPECT_EQ(first.version,
            Sha256Hex(absl::StrCat(first.config, "\n", first.weights, "\n",
                                   "constraints=\"ignore\"\n", "deterministic=false\n")));
  Write("conv/1/serving.json", R"({"live_versions": 2, "max_batch_requests": 3})");
  EXPECT_EQ(Read().value().checksums.version, first.version);
  EXPECT_EQ(Read().value().checksums.serving,
            Sha256Hex(R"({"live_versions": 2, "max_batch_requests": 3})"));
  Write("conv/1/serving.json", R"({"algorithm": "auto"})");
  EXPECT_EQ(Read().value().checksums.version, first.version);
  Write("conv/1/serving.json", R"({"algorithm": "direct"})");
  EXPECT_NE(Read().value().checksums.version, first.version);
  Write("conv/1/serving.json", R"({"deterministic": true})");
  EXPECT_NE(Read().value().checksums.version, first.version);
}

TEST_F(VersionFolderTest, HoldsTheFilesAgainstAManifest) {
  WriteVersion("conv", "1");
  const auto write_manifest = [this](std::vector<std::string> names) {
    Manifest manifest;
    for (const std::string& name : names) {
      const TextFile file = ReadTextFile(root_ / "conv/1" / name, 1 << 20).value();
      manifest[name] = {static_cast<int64_t>(file.text.size()), file.checksum};
    }
    Write("conv/1/manifest.json", ManifestText(manifest));
  };
  write_manifest({"config.json", "weights.safetensors"});
  EXPECT_TRUE(Read().ok()) << Read().status();
  Write("conv/1/serving.json", "{}");
  EXPECT_THAT(MessageOfRead(), StartsWith("conv/1/serving.json: is not in manifest.json"));
  write_manifest({"config.json", "serving.json", "weights.safetensors"});
  EXPECT_TRUE(Read().ok()) << Read().status();
  std::string weights = KernelAndBias(2, 1, 3);
  weights.back() ^= 1;
  WriteWeights(weights);
  EXPECT_THAT(MessageOfRead(), StartsWith("conv/1/weights.safetensors: expected the SHA-256"));
  WriteWeights(KernelAndBias(2, 1, 3));
  std::filesystem::remove(root_ / "conv/1/serving.json");
  EXPECT_THAT(MessageOfRead(), StartsWith("conv/1/manifest.json: names serving.json"));
  Write("conv/1/manifest.json", "{}");
  EXPECT_THAT(MessageOfRead(), StartsWith("conv/1/manifest.json: expected what this server"));
}

TEST_F(VersionFolderTest, TheSlopesOfAPReluAreWeightsToo) {
  const std::string config = R"({"class_name": "Conv1D", "config": {"filters": 3, "kernel_size": 2,
      "activation": {"module": "keras.layers", "class_name": "PReLU",
                     "config": {"shared_axes": [1]}}}})";
  WriteVersion("conv", "1");
  WriteConfig(config);
  EXPECT_THAT(MessageOfRead(), AllOf(StartsWith("conv/1/weights.safetensors: "),
                                     HasSubstr("activation/alpha is missing")));
}

TEST_F(VersionFolderTest, MergesLoraFactors) {
  WriteConfig(R"({"class_name": "Conv1D",
                  "config": {"filters": 1, "kernel_size": 1, "use_bias": false, "lora_rank": 1,
                             "lora_alpha": 2}})");
  const float values[] = {10, 3, 4};  // kernel, A, B
  WriteWeights(
      SafetensorsBytes(R"({"kernel":{"dtype":"F32","shape":[1,1,1],"data_offsets":[0,4]},)"
                       R"("lora_kernel_a":{"dtype":"F32","shape":[1,1,1],"data_offsets":[4,8]},)"
                       R"("lora_kernel_b":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}})",
                       std::string(reinterpret_cast<const char*>(values), sizeof(values))));
  const absl::StatusOr<LoadedVersion> version = Read();
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_THAT(version->layer->kernel(), AllOf(SizeIs(1), Each(10.0f + 2.0f * 3.0f * 4.0f)));
}

TEST_F(VersionFolderTest, NamesTheBrokenFile) {
  WriteVersion("conv", "1");
  WriteConfig("{not json");
  EXPECT_THAT(MessageOfRead(), StartsWith("conv/1/config.json: "));
  WriteConfig(R"({"class_name": "Conv1D",
                  "config": {"filters": 3, "kernel_size": 2, "colour": "red"}})");
  EXPECT_THAT(MessageOfRead(), AllOf(StartsWith("conv/1/config.json: "), HasSubstr("colour")));
  WriteVersion("conv", "1");
  Write("conv/1/serving.json", "[]");
  EXPECT_THAT(MessageOfRead(), StartsWith("conv/1/serving.json: "));
}

TEST_F(VersionFolderTest, RefusesWeightsOfTheWrongShape) {
  WriteVersion("conv", "1");
  WriteWeights(KernelAndBias(5, 1, 3));
  EXPECT_THAT(MessageOfRead(), AllOf(StartsWith("conv/1/weights.safetensors: "),
                                     HasSubstr("(2, 1, 3)"), HasSubstr("(5, 1, 3)")));
  WriteWeights(SafetensorsBytes(R"({"kernel":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}})",
                                std::string(24, '\0')));
  EXPECT_THAT(MessageOfRead(), HasSubstr("expected shape (kernel_size, channels / groups, "
                                         "filters), got (6,)"));
  WriteWeights(KernelAndBias(2, 0, 3));
  EXPECT_THAT(MessageOfRead(), StartsWith("conv/1/weights.safetensors: "));
}

TEST_F(VersionFolderTest, RefusesMissingAndUnknownTensorsByName) {
  WriteVersion("conv", "1");
  WriteWeights(SafetensorsBytes("{}", ""));
  EXPECT_THAT(MessageOfRead(), HasSubstr("kernel is missing"));
  WriteWeights(SafetensorsBytes(R"({"weight":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
                                std::string(4, '\0')));
  EXPECT_THAT(MessageOfRead(), HasSubstr("unknown tensor \"weight\""));
}

TEST_F(VersionFolderTest, ReportsWeightsCutOffAtEveryLength) {
  WriteVersion("conv", "1");
  const std::string whole = KernelAndBias(2, 1, 3);
  for (size_t length = 0; length < whole.size(); ++length) {
    WriteWeights(whole.substr(0, length));
    ASSERT_THAT(MessageOfRead(), StartsWith("conv/1/weights.safetensors: ")) << length;
  }
}

TEST_F(VersionFolderTest, ComparesTheBuildShapeWithTheKernel) {
  const auto config = [](std::string_view format, std::string_view shape) {
    return R"({"class_name": "Conv1D", "config": {"filters": 3, "kernel_size": 2, "data_format": ")" +
           std::string(format) + R"("}, "build_config": {"input_shape": )" + std::string(shape) +
           "}}";
  };
  WriteVersion("conv", "1");
  for (const std::string& good :
       {config("channels_last", "[null, 9, 1]"), config("channels_first", "[null, 1, 9]"),
        config("channels_last", "[null, null, null]")}) {
    WriteConfig(good);
    EXPECT_TRUE(Read().ok()) << good << Read().status();
  }
  for (const std::string& bad :
       {config("channels_last", "[null, 1, 9]"), config("channels_first", "[null, 9, 1]"),
        config("channels_last", "[null, 1]")}) {
    WriteConfig(bad);
    EXPECT_THAT(MessageOfRead(), StartsWith("conv/1/config.json: build_config.input_shape: "));
  }
}

TEST_F(VersionFolderTest, ServesAppliesOrRefusesWeightsThatBreakAConstraint) {
  WriteVersion("conv", "1");  // a kernel of ones: over its two taps the norm is sqrt(2)
  WriteConfig(R"({"class_name": "Conv1D", "config": {"filters": 3, "kernel_size": 2,
      "kernel_constraint": {"module": "keras.constraints", "class_name": "UnitNorm",
                            "config": {"axis": 0}}}})");
  ASSERT_TRUE(Read().ok()) << Read().status();
  EXPECT_EQ(Read()->layer->kernel()[0], 1.0f);
  Write("conv/1/serving.json", R"({"constraints": "apply"})");
  ASSERT_TRUE(Read().ok()) << Read().status();
  EXPECT_NEAR(Read()->layer->kernel()[0], 0.70710678f, 1e-6f);
  EXPECT_EQ(Read()->layer->bias()[0], 2.0f);
  Write("conv/1/serving.json", R"({"constraints": "refuse"})");
  EXPECT_EQ(Read().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Read().status().message()),
              testing::AllOf(StartsWith("conv/1/weights.safetensors: "), HasSubstr("kernel"),
                             HasSubstr("UnitNorm")));
  Write("conv/1/weights.safetensors", "x");
  EXPECT_THAT(std::string(Read().status().message()), StartsWith("conv/1/weights.safetensors: "));
}

TEST_F(VersionFolderTest, RefusesAHugeConfigUnread) {
  WriteVersion("conv", "1");
  WriteConfig("");
  std::filesystem::resize_file(root_ / "conv/1/config.json", uintmax_t{1} << 40);
  EXPECT_THAT(MessageOfRead(), HasSubstr("at most 1048576 bytes"));
}

// A file of `data_bytes` zeros that take no room on the disk.
class HugeWeightsTest : public VersionFolderTest {
 protected:
  void WriteSparse(const std::string& header, uintmax_t data_bytes) {
    WriteWeights(SafetensorsBytes(header, ""));
    const std::filesystem::path path = root_ / "conv/1/weights.safetensors";
    std::filesystem::resize_file(path, std::filesystem::file_size(path) + data_bytes);
  }
};

TEST_F(HugeWeightsTest, TensorsThatTheConfigDoesNotTakeAreNotRead) {
  WriteVersion("conv", "1");
  WriteSparse(R"({"kernel":{"dtype":"F32","shape":[2,274877906944,1],)"
              R"("data_offsets":[0,2199023255552]}})",
              uintmax_t{1} << 41);
  EXPECT_THAT(MessageOfRead(), AllOf(StartsWith("conv/1/weights.safetensors: "),
                                     HasSubstr("at most 1048576 input channels")));
  WriteSparse(R"({"kernel":{"dtype":"F32","shape":[2,1,549755813888],)"
              R"("data_offsets":[0,4398046511104]}})",
              uintmax_t{1} << 42);
  EXPECT_THAT(MessageOfRead(), HasSubstr("expected `kernel` of shape (2, 1, 3)"));
  WriteSparse(R"({"gamma":{"dtype":"F32","shape":[549755813888],)"
              R"("data_offsets":[0,2199023255552]}})",
              uintmax_t{1} << 41);
  EXPECT_THAT(MessageOfRead(), HasSubstr("unknown tensor \"gamma\""));
}

TEST_F(HugeWeightsTest, AKernelBeyondItsBoundIsNotRead) {
  WriteConfig(R"({"class_name": "Conv1D",
                  "config": {"filters": 1048576, "kernel_size": 1, "use_bias": false}})");
  WriteSparse(R"({"kernel":{"dtype":"F32","shape":[1,1048576,1048576],)"
              R"("data_offsets":[0,4398046511104]}})",
              uintmax_t{1} << 42);
  EXPECT_THAT(MessageOfRead(), HasSubstr("a kernel of at most 268435456 elements"));
}

TEST_F(VersionFolderTest, RefusesAnEnormousBuildShape) {
  Write("conv/1/serving.json", R"({"weights": {"initialize": {"seed": 7}}})");
  for (const std::string channels : {"1099511627776", "9223372036854775807"}) {
    WriteConfig(R"({"class_name": "Conv1D", "config": {"filters": 3, "kernel_size": 2},
                    "build_config": {"input_shape": [null, 10, )" +
                channels + "]}}");
    EXPECT_THAT(MessageOfRead(), AllOf(StartsWith("conv/1/config.json: "),
                                       HasSubstr("at most 1048576 input channels")));
  }
}

}  // namespace
}  // namespace convoy::repository
