#include "server/rpc/infer_encoder.h"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "kernel/batch/pooled_buffer.h"
#include "tests/server/rpc/byte_buffers.h"
#include "tests/server/rpc/test_layers.h"

namespace convoy::rpc {
namespace {

using inference::ModelInferResponse;

class InferEncoderTest : public testing::Test {
 protected:
  // An output of `bytes`, cut into `pieces` of equal size.
  batching::TaskOutput Output(const std::string& bytes, size_t pieces) {
    batching::TaskOutput output;
    output.buffer = pool_.Get(bytes.size());
    std::memcpy(output.buffer->data(), bytes.data(), bytes.size());
    const size_t size = bytes.size() / pieces;
    for (size_t i = 0; i < pieces; ++i) {
      output.pieces.push_back(absl::MakeConstSpan(output.buffer->data() + i * size, size));
    }
    return output;
  }

  batch::BufferPool pool_{1 << 20};
  std::shared_ptr<const registry::LiveVersion> live_ =
      MakeLiveVersion("speech", 12, BuildLayer(TestConfig()));
  const std::string id_ = "request-7";
  InferEncoder encoder_;
};

TEST_F(InferEncoderTest, TheBytesAreAModelInferResponse) {
  const std::string tensor(24, 't');
  for (const size_t pieces : {1, 2, 4, 8}) {
    const grpc::ByteBuffer bytes =
        encoder_.Encode({*live_, id_, layer::DType::kFloat32, {1, 2, 3}}, Output(tensor, pieces));
    ModelInferResponse response;
    ASSERT_TRUE(response.ParseFromString(TextOf(bytes)));
    EXPECT_EQ(response.model_name(), "speech");
    EXPECT_EQ(response.model_version(), "12");
    EXPECT_EQ(response.id(), "request-7");
    ASSERT_EQ(response.outputs_size(), 1);
    EXPECT_EQ(response.outputs(0).name(), "output");
    EXPECT_EQ(response.outputs(0).datatype(), "FP32");
    EXPECT_EQ(std::vector<int64_t>(response.outputs(0).shape().begin(),
                                   response.outputs(0).shape().end()),
              (std::vector<int64_t>{1, 2, 3}));
    ASSERT_EQ(response.raw_output_contents_size(), 1);
    EXPECT_EQ(response.raw_output_contents(0), tensor);
  }
}

TEST_F(InferEncoderTest, AnActivityLossIsAParameterOfItsAnswerAlone) {
  const std::string tensor(24, 't');
  ModelInferResponse response;
  ASSERT_TRUE(response.ParseFromString(TextOf(encoder_.Encode(
      {*live_, id_, layer::DType::kFloat32, {1, 2, 3}, 0.125}, Output(tensor, 1)))));
  EXPECT_EQ(response.parameters().at("activity_loss").double_param(), 0.125);
  ASSERT_TRUE(response.ParseFromString(TextOf(
      encoder_.Encode({*live_, id_, layer::DType::kFloat32, {1, 2, 3}}, Output(tensor, 1)))));
  EXPECT_EQ(response.parameters_size(), 0);
}

TEST_F(InferEncoderTest, NothingOfTheAnswerBeforeIsLeft) {
  const std::string long_id(5000, 'i');
  encoder_.Encode({*live_, long_id, layer::DType::kFloat32, {7, 8, 9}},
                  Output(std::string(24, 't'), 1));
  const grpc::ByteBuffer bytes =
      encoder_.Encode({*live_, "", layer::DType::kFloat32, {0, 2, 3}}, {});
  ModelInferResponse response;
  ASSERT_TRUE(response.ParseFromString(TextOf(bytes)));
  EXPECT_EQ(response.id(), "");
  ASSERT_EQ(response.outputs_size(), 1);
  EXPECT_EQ(response.outputs(0).shape_size(), 3);
  EXPECT_EQ(response.outputs(0).shape(0), 0);
  ASSERT_EQ(response.raw_output_contents_size(), 1);
  EXPECT_EQ(response.raw_output_contents(0), "");
}

TEST_F(InferEncoderTest, TheTensorIsTheBuffersOwnMemory) {
  batching::TaskOutput output = Output(std::string(4096, 't'), 2);
  const void* memory = output.buffer->data();
  const grpc::ByteBuffer bytes =
      encoder_.Encode({*live_, id_, layer::DType::kFloat32, {1, 2, 3}}, std::move(output));
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(bytes.Dump(&slices).ok());
  ASSERT_EQ(slices.size(), 3u);
  EXPECT_EQ(static_cast<const void*>(slices[1].begin()), memory);
  EXPECT_EQ(slices[2].begin(), slices[1].end());
}

TEST_F(InferEncoderTest, TheBufferReturnsToItsPoolWithTheLastSlice) {
  batching::TaskOutput output = Output(std::string(4096, 't'), 2);
  grpc::ByteBuffer bytes =
      encoder_.Encode({*live_, id_, layer::DType::kFloat32, {1, 2, 3}}, std::move(output));
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(bytes.Dump(&slices).ok());
  bytes.Clear();
  slices.erase(slices.begin(), slices.begin() + 2);
  EXPECT_GT(pool_.used_bytes(), 0u);
  slices.clear();
  EXPECT_EQ(pool_.used_bytes(), 0u);
}

}  // namespace
}  // namespace convoy::rpc
