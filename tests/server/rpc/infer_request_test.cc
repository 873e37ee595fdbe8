#include "server/rpc/infer_request.h"

#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/byte_buffers.h"
#include "tests/server/rpc/test_layers.h"

namespace convoy::rpc {
namespace {

using inference::ModelInferRequest;
using layer::DataFormat;
using layer::PaddingMode;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

void SetShape(ModelInferRequest& request, const std::vector<int64_t>& shape) {
  request.mutable_inputs(0)->mutable_shape()->Assign(shape.begin(), shape.end());
}

// A good request of shape (1, 5, 2) with its 40 bytes as raw contents.
ModelInferRequest Good() {
  ModelInferRequest request;
  request.set_model_name("layer");
  auto& input = *request.add_inputs();
  input.set_name("input");
  input.set_datatype("FP32");
  SetShape(request, {1, 5, 2});
  request.add_raw_input_contents(std::string(40, 'x'));
  return request;
}

// The same with typed contents.
ModelInferRequest GoodTyped() {
  ModelInferRequest request = Good();
  request.clear_raw_input_contents();
  for (int i = 0; i < 10; ++i) {
    request.mutable_inputs(0)->mutable_contents()->add_fp32_contents(static_cast<float>(i));
  }
  return request;
}

class InferRequestTest : public testing::Test {
 protected:
  absl::StatusOr<InferRequest> Check(const ModelInferRequest& request, int64_t limit = kNoLimit) {
    return Check(request, *BuildLayer(TestConfig()), limit);
  }
  absl::StatusOr<InferRequest> Check(const ModelInferRequest& request, const layer::Conv1D& layer,
                                     int64_t limit = kNoLimit) {
    const absl::Status decoded = decoder_.Decode(MakeByteBuffer(request.SerializeAsString()));
    if (!decoded.ok()) return decoded;
    return CheckInferRequest(decoder_, layer, limit);
  }

  void ExpectRefused(const ModelInferRequest& request, const std::vector<std::string>& words) {
    const absl::Status status = Check(request).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    for (const std::string& word : words) {
      EXPECT_THAT(std::string(status.message()), HasSubstr(word));
    }
  }

  InferDecoder decoder_{size_t{1} << 30};
};

TEST_F(InferRequestTest, AGoodRequestTellsShapesSizesAndPayload) {
  const absl::StatusOr<InferRequest> request = Check(Good());
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->shape.sequences, 1);
  EXPECT_EQ(request->shape.length, 5);
  EXPECT_EQ(request->shape.frames.output, 3);
  EXPECT_EQ(request->dtype, layer::DType::kFloat32);
  EXPECT_EQ(TextOf(request->payload), std::string(40, 'x'));
  EXPECT_EQ(request->payload_bytes, 40);
  EXPECT_THAT(request->output_shape, ElementsAre(1, 3, 3));
  EXPECT_EQ(request->output_bytes, 36);
}

TEST_F(InferRequestTest, ChannelsFirstLayersTurnBothShapes) {
  layer::Conv1DConfig config = TestConfig();
  config.data_format = DataFormat::kChannelsFirst;
  ModelInferRequest request = Good();
  SetShape(request, {1, 2, 5});
  const absl::StatusOr<InferRequest> checked = Check(request, *BuildLayer(config));
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->shape.length, 5);
  EXPECT_THAT(checked->output_shape, ElementsAre(1, 3, 3));
  SetShape(request, {1, 5, 2});
  EXPECT_FALSE(Check(request, *BuildLayer(config)).ok());
}

TEST_F(InferRequestTest, TypedContentsBecomeThePayload) {
  const ModelInferRequest sent = GoodTyped();
  const absl::StatusOr<InferRequest> request = Check(sent);
  ASSERT_TRUE(request.ok()) << request.status();
  const auto& elements = sent.inputs(0).contents().fp32_contents();
  EXPECT_EQ(TextOf(request->payload),
            std::string(reinterpret_cast<const char*>(elements.data()), 40));
  EXPECT_EQ(request->payload_bytes, 40);
}

TEST_F(InferRequestTest, ExactlyOneInputIsExpected) {
  ModelInferRequest none = Good();
  none.clear_inputs();
  ExpectRefused(none, {"inputs", "exactly one", "got 0"});
  ModelInferRequest two = Good();
  *two.add_inputs() = two.inputs(0);
  ExpectRefused(two, {"inputs", "exactly one", "got 2"});
}

TEST_F(InferRequestTest, TheInputsNameMustBeInput) {
  ModelInferRequest request = Good();
  request.mutable_inputs(0)->set_name("x");
  ExpectRefused(request, {"inputs[0].name", "\"input\"", "\"x\""});
  request.mutable_inputs(0)->set_name(std::string(10000, 'n'));
  const absl::Status status = Check(request).status();
  EXPECT_LT(status.message().size(), 200u);
}

TEST_F(InferRequestTest, OtherDatatypesAreRefused) {
  for (const char* datatype : {"", "BYTES", "fp32", "float32", "bool"}) {
    ModelInferRequest request = Good();
    request.mutable_inputs(0)->set_datatype(datatype);
    ExpectRefused(request, {"inputs[0].datatype", "FP32", std::string("\"") + datatype + "\""});
  }
}

TEST_F(InferRequestTest, OtherNumericTypesAreMeasuredInTheirOwnSizeAndAnsweredInTheLayers) {
  const std::vector<std::pair<const char*, int>> sizes = {
      {"FP64", 8}, {"FP16", 2}, {"BF16", 2}, {"INT8", 1}, {"UINT16", 2}, {"INT64", 8}, {"BOOL", 1}};
  for (const auto& [datatype, size] : sizes) {
    ModelInferRequest request = Good();
    request.mutable_inputs(0)->set_datatype(datatype);
    request.set_raw_input_contents(0, std::string(10 * size, 'x'));
    const absl::StatusOr<InferRequest> checked = Check(request);
    ASSERT_TRUE(checked.ok()) << datatype << checked.status();
    EXPECT_EQ(checked->payload_bytes, 10 * size);
    EXPECT_EQ(checked->output_bytes, 36);
    request.mutable_raw_input_contents(0)->push_back('x');
    ExpectRefused(request, {"raw_input_contents[0]", std::to_string(10 * size)});
  }
}

TEST_F(InferRequestTest, TypedContentsTravelInTheFieldOfTheirDatatype) {
  ModelInferRequest request = GoodTyped();
  request.mutable_inputs(0)->set_datatype("INT8");
  ExpectRefused(request, {"inputs[0].contents.int_contents: expected 10 elements", "got 0"});
  auto& contents = *request.mutable_inputs(0)->mutable_contents();
  contents.Clear();
  for (int i = 0; i < 10; ++i) contents.add_int_contents(-i);
  const absl::StatusOr<InferRequest> checked = Check(request);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->dtype, layer::DType::kInt8);
  EXPECT_EQ(TextOf(checked->payload), "\x00\xFF\xFE\xFD\xFC\xFB\xFA\xF9\xF8\xF7"s);
}

TEST_F(InferRequestTest, ShapesThatDoNotFitTheLayerAreRefused) {
  const int64_t huge = (int64_t{1} << 60) + 2;
  const std::vector<std::vector<int64_t>> shapes = {{},
                                                    {5},
                                                    {5, 2},
                                                    {1, 1, 5, 2},
                                                    {1, -5, 2},
                                                    {-1, 5, 2},
                                                    {1, 5, -2},
                                                    {1, 5, 3},
                                                    {1, 5, 0},
                                                    {1, 2, 2},
                                                    {1, 0, 2},
                                                    {0, 2, 2},
                                                    {16, huge, 2},
                                                    {huge, 16, 2},
                                                    {4, std::numeric_limits<int64_t>::max(), 2},
                                                    std::vector<int64_t>(10000, 1)};
  for (const std::vector<int64_t>& shape : shapes) {
    ModelInferRequest request = Good();
    SetShape(request, shape);
    const absl::Status status = Check(request).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument)
        << testing::PrintToString(shape) << status;
    EXPECT_LT(status.message().size(), 1000u);
  }
}

TEST_F(InferRequestTest, RawContentsMustHaveExactlyTheBytesOfTheShape) {
  for (const int size : {0, 39, 41, 80}) {
    ModelInferRequest request = Good();
    request.set_raw_input_contents(0, std::string(size, 'x'));
    ExpectRefused(request, {"raw_input_contents[0]", "40", std::to_string(size)});
  }
}

TEST_F(InferRequestTest, SizesBeyondSixtyThreeBitsAreRefusedNotWrapped) {
  // 2^61 elements are 2^63 bytes.
  ModelInferRequest request = Good();
  SetShape(request, {1, int64_t{1} << 60, 2});
  EXPECT_EQ(Check(request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(InferRequestTest, TypedContentsMustHaveExactlyTheElementsOfTheShape) {
  ModelInferRequest less = GoodTyped();
  less.mutable_inputs(0)->mutable_contents()->mutable_fp32_contents()->RemoveLast();
  ExpectRefused(less, {"fp32_contents", "expected 10", "got 9"});
  ModelInferRequest more = GoodTyped();
  more.mutable_inputs(0)->mutable_contents()->add_fp32_contents(0);
  ExpectRefused(more, {"fp32_contents", "expected 10", "got 11"});
  ModelInferRequest none = Good();
  none.clear_raw_input_contents();
  ExpectRefused(none, {"fp32_contents", "expected 10", "got 0"});
}

TEST_F(InferRequestTest, OnlyTheFieldOfTheDatatypeMayBeFilled) {
  ModelInferRequest request = GoodTyped();
  request.mutable_inputs(0)->mutable_contents()->add_int_contents(1);
  ExpectRefused(request, {"inputs[0].contents", "fp32_contents"});
  request = GoodTyped();
  request.mutable_inputs(0)->mutable_contents()->add_bytes_contents("x");
  ExpectRefused(request, {"inputs[0].contents", "fp32_contents"});
}

TEST_F(InferRequestTest, RawAndTypedContentsTogetherAreRefused) {
  ModelInferRequest request = GoodTyped();
  request.add_raw_input_contents(std::string(40, 'x'));
  ExpectRefused(request, {"contents", "raw_input_contents", "both"});
}

TEST_F(InferRequestTest, MoreRawContentsThanInputsAreRefused) {
  ModelInferRequest request = Good();
  request.add_raw_input_contents("");
  ExpectRefused(request, {"raw_input_contents", "one entry", "got 2"});
}

TEST_F(InferRequestTest, RequestedOutputsMayOnlyNameTheOutput) {
  ModelInferRequest request = Good();
  request.add_outputs()->set_name("output");
  EXPECT_TRUE(Check(request).ok());
  request.mutable_outputs(0)->set_name("y");
  ExpectRefused(request, {"outputs[0].name", "\"output\"", "\"y\""});
  request.mutable_outputs(0)->set_name("output");
  request.add_outputs()->set_name("output");
  ExpectRefused(request, {"outputs", "at most one", "got 2"});
}

TEST_F(InferRequestTest, ParametersThatChangeTheMeaningAreRefusedByName) {
  ModelInferRequest input = Good();
  (*input.mutable_inputs(0)->mutable_parameters())["shared_memory_region"].set_string_param("r");
  ExpectRefused(input, {"inputs[0].parameters", "shared_memory_region"});
  for (const char* name : {"shared_memory_region", "classification"}) {
    ModelInferRequest output = Good();
    (*output.add_outputs()->mutable_parameters())[name].set_int64_param(1);
    output.mutable_outputs(0)->set_name("output");
    ExpectRefused(output, {"outputs[0].parameters", name});
  }
}

TEST_F(InferRequestTest, OtherParametersAreIgnored) {
  ModelInferRequest request = Good();
  (*request.mutable_parameters())["content_type"].set_string_param("np");
  (*request.mutable_parameters())["priority"].set_uint64_param(1);
  (*request.mutable_inputs(0)->mutable_parameters())["note"].set_string_param("x");
  request.add_outputs()->set_name("output");
  (*request.mutable_outputs(0)->mutable_parameters())["note"].set_double_param(1);
  EXPECT_TRUE(Check(request).ok());
}

TEST_F(InferRequestTest, NoSequencesAndEmptySequencesHaveEmptyAnswers) {
  layer::Conv1DConfig config = TestConfig();
  config.window.padding.mode = PaddingMode::kSame;
  const std::shared_ptr<const layer::Conv1D> same = BuildLayer(config);
  ModelInferRequest request = Good();
  request.set_raw_input_contents(0, "");
  SetShape(request, {0, 5, 2});
  absl::StatusOr<InferRequest> checked = Check(request, *same);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_THAT(checked->output_shape, ElementsAre(0, 5, 3));
  EXPECT_EQ(checked->output_bytes, 0);
  SetShape(request, {4, 0, 2});
  request.clear_raw_input_contents();  // nothing is a way to write no elements
  checked = Check(request, *same);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_THAT(checked->output_shape, ElementsAre(4, 0, 3));
  EXPECT_EQ(checked->output_bytes, 0);
}

TEST_F(InferRequestTest, AnAnswerMayBeAsLargeAsTheLimitAndNotLarger) {
  EXPECT_TRUE(Check(Good(), 37).ok());
  EXPECT_TRUE(Check(Good(), 36).ok());
  const absl::Status status = Check(Good(), 35).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("35"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("36"));
}

}  // namespace
}  // namespace convoy::rpc
