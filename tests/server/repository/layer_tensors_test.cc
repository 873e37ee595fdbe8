#include "server/repository/layer_tensors.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::repository {
namespace {

using ::testing::HasSubstr;

layer::Tensor Numbers(layer::DType dtype, std::vector<int64_t> shape) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(static_cast<double>(i));
  return layer::FromDoubles(dtype, std::move(shape), values);
}

TEST(LayerTensorsTest, WritesFilesThatAreReadAsTheSameTensors) {
  TensorMap tensors;
  tensors["kernel"] = Numbers(layer::DType::kFloat32, {2, 1, 3});
  tensors["bias"] = Numbers(layer::DType::kFloat16, {3});
  tensors["lora_kernel_a"] = Numbers(layer::DType::kFloat64, {2, 1, 1});
  tensors["lora_kernel_b"] = Numbers(layer::DType::kBfloat16, {1, 3});
  const std::string file = WriteSafetensors(tensors);
  MemorySource source(file);
  const absl::StatusOr<TensorMap> read = ReadSafetensors(source);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 4);
  for (const auto& [name, tensor] : tensors) {
    EXPECT_EQ(read->at(name).dtype, tensor.dtype) << name;
    EXPECT_EQ(read->at(name).shape, tensor.shape) << name;
    EXPECT_EQ(read->at(name).data, tensor.data) << name;
  }
}

TEST(LayerTensorsTest, NamesEveryDtypeAsTheFormatDoes) {
  for (int each = 0; each <= static_cast<int>(layer::DType::kFloat64); ++each) {
    const auto dtype = static_cast<layer::DType>(each);
    TensorMap tensors;
    tensors["kernel"] = {dtype, {1}, std::vector<std::byte>(layer::SizeOf(dtype))};
    const std::string file = WriteSafetensors(tensors);
    const size_t name = file.find("\"dtype\":\"") + 9;
    EXPECT_EQ(layer::FromSafetensorsName(file.substr(name, file.find('"', name) - name)), dtype);
  }
}

TEST(LayerTensorsTest, TakesWeightsApartAndPutsThemTogether) {
  layer::Conv1DWeights weights;
  weights.kernel = Numbers(layer::DType::kFloat32, {1, 1, 2});
  weights.activation_alpha = Numbers(layer::DType::kFloat32, {1, 2});
  TensorMap tensors = TakeTensors(std::move(weights));
  ASSERT_EQ(tensors.size(), 2);
  const absl::StatusOr<layer::Conv1DWeights> again = TakeWeights(std::move(tensors));
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->bias.has_value());
  EXPECT_TRUE(again->activation_alpha.has_value());
}

TEST(LayerTensorsTest, RefusesWhatNoConv1DHas) {
  TensorMap other;
  other["kernel"] = {};
  other["gamma"] = {};
  EXPECT_THAT(std::string(TakeWeights(std::move(other)).status().message()), HasSubstr("gamma"));
  EXPECT_THAT(std::string(TakeWeights({}).status().message()), HasSubstr("kernel is missing"));
}

}  // namespace
}  // namespace convoy::repository
