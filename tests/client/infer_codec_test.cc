#include "client/infer_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace convoy::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

inference::ModelInferResponse Answer(const std::string& datatype, int64_t length, size_t bytes) {
  inference::ModelInferResponse response;
  auto* output = response.add_outputs();
  output->set_datatype(datatype);
  for (const int64_t size : {int64_t{1}, length, int64_t{2}}) output->add_shape(size);
  response.add_raw_output_contents(std::string(bytes, '\0'));
  return response;
}

std::string Refusal(inference::ModelInferResponse response) {
  const absl::Status status = TakeOutput(response).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  return std::string(status.message());
}

TEST(InferCodec, TheInputTravelsAsRawContents) {
  const std::vector<float> values = {1, 2};
  const std::vector<int64_t> shape = {1, 2, 1};
  const auto request = EncodeInferRequest("stft", "3", FloatView(shape, values));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->model_name(), "stft");
  EXPECT_EQ(request->model_version(), "3");
  ASSERT_EQ(request->inputs_size(), 1);
  EXPECT_EQ(request->inputs(0).name(), "input");
  EXPECT_EQ(request->inputs(0).datatype(), "FP32");
  EXPECT_THAT(request->inputs(0).shape(), ElementsAre(1, 2, 1));
  EXPECT_FALSE(request->inputs(0).has_contents());
  ASSERT_EQ(request->raw_input_contents_size(), 1);
  EXPECT_EQ(request->raw_input_contents(0).size(), 8u);
}

TEST(InferCodec, AnInputThatDoesNotFitItsShapeIsNotSent) {
  const std::vector<float> values = {1, 2};
  const std::vector<int64_t> shape = {1, 3, 1};
  const auto request = EncodeInferRequest("stft", "", FloatView(shape, values));
  EXPECT_EQ(request.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(InferCodec, TheOutputIsTaken) {
  inference::ModelInferResponse response = Answer("FP32", 3, 24);
  const auto tensor = TakeOutput(response);
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_THAT(tensor->shape, ElementsAre(1, 3, 2));
  EXPECT_EQ(tensor->bytes.size(), 24u);
}

TEST(InferCodec, AnswersThatBreakTheProtocolAreInternalErrors) {
  EXPECT_THAT(Refusal({}), HasSubstr("outputs: expected one"));
  EXPECT_THAT(Refusal(Answer("FP31", 3, 24)), HasSubstr("FP31"));
  EXPECT_THAT(Refusal(Answer("FP32", 3, 23)), HasSubstr("expected 24 bytes"));
  EXPECT_THAT(Refusal(Answer("FP32", -1, 24)), HasSubstr("shape"));
  inference::ModelInferResponse without_contents = Answer("FP32", 3, 24);
  without_contents.clear_raw_output_contents();
  EXPECT_THAT(Refusal(without_contents), HasSubstr("got 1 with 0"));
}

}  // namespace
}  // namespace convoy::client
