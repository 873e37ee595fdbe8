#include "server/repository/safetensors.h"

#include <cstring>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/repository/safetensors_builder.h"

namespace convoy::repository {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::StatusOr<TensorMap> Read(const std::string& bytes) {
  MemorySource source(bytes);
  return ReadSafetensors(source);
}

std::vector<float> Floats(const layer::Tensor& tensor) {
  std::vector<float> values(tensor.data.size() / sizeof(float));
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

TEST(SafetensorsTest, ReadsEveryTensorWithItsShapeTypeAndBytes) {
  const absl::StatusOr<TensorMap> tensors = Read(KernelAndBias(2, 1, 3));
  ASSERT_TRUE(tensors.ok()) << tensors.status();
  ASSERT_EQ(tensors->size(), 2u);
  const layer::Tensor& kernel = tensors->at("kernel");
  EXPECT_EQ(kernel.dtype, layer::DType::kFloat32);
  EXPECT_THAT(kernel.shape, ElementsAre(2, 1, 3));
  EXPECT_THAT(Floats(kernel), ElementsAre(1, 1, 1, 1, 1, 1));
  EXPECT_THAT(tensors->at("bias").shape, ElementsAre(3));
  EXPECT_THAT(Floats(tensors->at("bias")), ElementsAre(2, 2, 2));
}

TEST(SafetensorsTest, FollowsTheOffsetsAndNotTheOrderOfTheHeader) {
  const auto tensors =
      Read(SafetensorsBytes(R"({"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
                            R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                            FloatBytes({10, 20})));
  ASSERT_TRUE(tensors.ok()) << tensors.status();
  EXPECT_THAT(Floats(tensors->at("a")), ElementsAre(10));
  EXPECT_THAT(Floats(tensors->at("b")), ElementsAre(20));
}

TEST(SafetensorsTest, ReadsScalarsEmptyTensorsAndTrailingBlanks) {
  const auto tensors = Read(SafetensorsBytes(
      R"({"__metadata__":{"format":"pt"},"scalar":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
      R"("empty":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]}}    )",
      FloatBytes({5})));
  ASSERT_TRUE(tensors.ok()) << tensors.status();
  EXPECT_THAT(tensors->at("scalar").shape, IsEmpty());
  EXPECT_THAT(Floats(tensors->at("scalar")), ElementsAre(5));
  EXPECT_THAT(tensors->at("empty").data, IsEmpty());
  EXPECT_EQ(tensors->count("__metadata__"), 0u);
}

TEST(SafetensorsTest, ReadsAFileWithoutTensors) {
  const auto tensors = Read(SafetensorsBytes("{}", ""));
  ASSERT_TRUE(tensors.ok()) << tensors.status();
  EXPECT_THAT(*tensors, IsEmpty());
}

TEST(SafetensorsTest, RefusesAFileCutOffAtAnyLength) {
  const std::string whole = KernelAndBias(2, 1, 3);
  for (size_t length = 0; length < whole.size(); ++length) {
    const auto tensors = Read(whole.substr(0, length));
    ASSERT_EQ(tensors.status().code(), absl::StatusCode::kInvalidArgument) << length;
    ASSERT_THAT(std::string(tensors.status().message()), HasSubstr("cut off")) << length;
  }
}

TEST(SafetensorsTest, RefusesBytesBehindTheTensors) {
  const auto tensors = Read(KernelAndBias(2, 1, 3) + "x");
  EXPECT_EQ(tensors.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(tensors.status().message()), HasSubstr("too long"));
}

TEST(SafetensorsTest, RefusesHeaderLengthsThatCannotBe) {
  for (const uint64_t length :
       {uint64_t{3}, uint64_t{100'000'001}, uint64_t{1} << 63, ~uint64_t{0}}) {
    std::string bytes = SafetensorsBytes("{}", "");
    std::memcpy(bytes.data(), &length, sizeof(length));
    EXPECT_EQ(Read(bytes).status().code(), absl::StatusCode::kInvalidArgument) << length;
  }
  EXPECT_EQ(Read(std::string(8, '\0')).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SafetensorsTest, ReadsOrRefusesAFileWithAnyBitFlipped) {
  const std::string whole = KernelAndBias(2, 1, 3);
  int refused = 0;
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    refused += !Read(bytes).ok();
  }
  // A flip in the length is never right; one in the data always is.
  EXPECT_GE(refused, 64);
  EXPECT_LE(refused, static_cast<int>(whole.size() * 8) - 9 * 32);
}

TEST(SafetensorsTest, SaysThatReadingFailed) {
  // Shorter than it says it is.
  class CutOff final : public ByteSource {
   public:
    int64_t size() const override { return 1000; }
    absl::Status Read(char*, int64_t) override { return absl::UnavailableError("gone"); }
  };
  CutOff source;
  EXPECT_EQ(ReadSafetensors(source).status(), absl::UnavailableError("gone"));
}

}  // namespace
}  // namespace convoy::repository
