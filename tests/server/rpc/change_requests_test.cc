#include "server/rpc/change_requests.h"

#include <string>
#include <variant>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::rpc {
namespace {

using convoy::v1::UpdateLayerRequest;
using management::LayerEdit;
using management::ServingValue;
using ::testing::HasSubstr;

UpdateLayerRequest Update(const std::vector<std::string>& mask) {
  UpdateLayerRequest request;
  request.mutable_layer()->set_config("{}");
  request.mutable_layer()->mutable_serving()->set_live_versions(2);
  for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
  return request;
}

absl::StatusOr<LayerEdit> Edit(UpdateLayerRequest request) { return TakeEdit(request); }

TEST(ChangeRequestsTest, TakesWhatIsThereWithoutAMask) {
  const auto edit = Edit(Update({}));
  ASSERT_TRUE(edit.ok()) << edit.status();
  EXPECT_EQ(edit->config, "{}");
  EXPECT_EQ(edit->serving.size(), 1);
  EXPECT_EQ(edit->serving.at("live_versions"), ServingValue(int64_t{2}));
  EXPECT_FALSE(edit->replace_serving);
}

TEST(ChangeRequestsTest, TakesWhatTheMaskNamesAndNothingElse) {
  EXPECT_TRUE(Edit(Update({"config"}))->serving.empty());
  const auto serving = Edit(Update({"serving"}));
  EXPECT_FALSE(serving->config.has_value());
  EXPECT_TRUE(serving->replace_serving);
  EXPECT_EQ(serving->serving.size(), 1);
  const auto keys = Edit(Update({"serving.live_versions", "serving.deterministic"}));
  EXPECT_FALSE(keys->replace_serving);
  EXPECT_EQ(keys->serving.at("live_versions"), ServingValue(int64_t{2}));
  EXPECT_EQ(keys->serving.at("deterministic"), std::nullopt);  // back to its default
  const auto all = Edit(Update({"*"}));
  EXPECT_EQ(all->config, "{}");
  EXPECT_TRUE(all->replace_serving);
  EXPECT_EQ(Edit(Update({"config", "*", "config"}))->config, "{}");
}

TEST(ChangeRequestsTest, RefusesPathsThatCannotBeChanged) {
  for (const char* path : {"", "name", "etag", "state", "checksum", "serving.", "serving.weights",
                           "config.filters", "weights", "layer.config"}) {
    const absl::Status status = Edit(Update({path})).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << path;
    EXPECT_THAT(std::string(status.message()), HasSubstr("update_mask")) << path;
  }
}

TEST(ChangeRequestsTest, RefusesAnUpdateOfNothing) {
  UpdateLayerRequest request;
  request.mutable_layer()->set_name("layers/x");
  EXPECT_TRUE(absl::IsInvalidArgument(Edit(request).status()));
  request.set_constraints(convoy::v1::APPLY);
  EXPECT_TRUE(Edit(request).ok());
}

TEST(ChangeRequestsTest, TakesWeightsOfEverySource) {
  const auto source = [](const auto& fill) {
    convoy::v1::SetWeightsRequest request;
    fill(*request.mutable_weights());
    return TakeEdit(request);
  };
  using convoy::v1::Weights;
  const auto file = source([](Weights& weights) { weights.set_safetensors("bytes"); });
  EXPECT_EQ(*std::get<management::FileBytes>(file->weights), "bytes");
  const auto made = source([](Weights& weights) { weights.mutable_initialize()->set_seed(3); });
  EXPECT_EQ(std::get<management::InitializedWeights>(made->weights).seed, 3);
  const std::string digest(64, 'a');
  const auto sent = source([&](Weights& weights) { weights.set_uploaded_sha256(digest); });
  EXPECT_EQ(std::get<management::UploadedWeights>(sent->weights).sha256, digest);
  const auto tensors = source([](Weights& weights) {
    convoy::v1::NamedTensor& tensor = *weights.mutable_tensors()->add_tensors();
    tensor.set_name("bias");
    tensor.set_datatype("BF16");
    tensor.add_shape(2);
    tensor.set_data("abcd");
  });
  ASSERT_TRUE(tensors.ok()) << tensors.status();
  EXPECT_EQ(std::get<repository::TensorMap>(tensors->weights).at("bias").data.size(), 4);
  EXPECT_TRUE(absl::IsInvalidArgument(source([](Weights&) {}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(source([](Weights& weights) {
                                        weights.set_uploaded_sha256(std::string(64, 'A'));
                                      }).status()));
}

TEST(ChangeRequestsTest, ChecksTheBytesOfATensorWhateverItsShapeClaims) {
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{3}, {-2}, {int64_t{1} << 62, 8}, {-1, -2}, {}}) {
    convoy::v1::SetWeightsRequest request;
    convoy::v1::NamedTensor& tensor = *request.mutable_weights()->mutable_tensors()->add_tensors();
    tensor.set_name("kernel");
    tensor.set_datatype("FP32");
    tensor.mutable_shape()->Assign(shape.begin(), shape.end());
    tensor.set_data("12345678");
    const absl::Status status = TakeEdit(request).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("weights.tensors[0].data"));
  }
}

TEST(ChangeRequestsTest, TakesLoraWithInitializersOrVariables) {
  UpdateLayerRequest request;
  request.mutable_lora()->set_rank(2);
  EXPECT_EQ(Edit(request)->lora->alpha, std::nullopt);
  request.mutable_lora()->set_alpha(0.5);
  request.mutable_lora()->mutable_initializers()->set_a("ones");
  const auto edit = Edit(request);
  EXPECT_EQ(edit->lora->alpha, 0.5);
  EXPECT_EQ(edit->lora->a_initializer, "ones");
  request.mutable_lora()->mutable_variables();  // without tensors
  EXPECT_TRUE(absl::IsInvalidArgument(Edit(request).status()));
  request.mutable_lora()->set_rank(0);
  EXPECT_TRUE(absl::IsInvalidArgument(Edit(request).status()));
}

}  // namespace
}  // namespace convoy::rpc
