#include "server/rpc/infer_parameters.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::rpc {
namespace {

using testing::HasSubstr;

inference::ModelInferRequest With(const std::string& name,
                                  const inference::InferParameter& parameter) {
  inference::ModelInferRequest request;
  (*request.mutable_parameters())[name] = parameter;
  return request;
}

TEST(InferParametersTest, NothingIsAskedForWithoutParametersAndWithUnknownOnes) {
  EXPECT_FALSE(ReadInferParameters({})->activity_loss);
  inference::InferParameter sequence;
  sequence.set_int64_param(7);
  EXPECT_FALSE(ReadInferParameters(With("sequence_id", sequence))->activity_loss);
}

TEST(InferParametersTest, TheActivityLossIsAskedForByABool) {
  inference::InferParameter wanted;
  wanted.set_bool_param(true);
  EXPECT_TRUE(ReadInferParameters(With("activity_loss", wanted))->activity_loss);
  wanted.set_bool_param(false);
  EXPECT_FALSE(ReadInferParameters(With("activity_loss", wanted))->activity_loss);
}

TEST(InferParametersTest, AnotherTypeIsRefusedByName) {
  inference::InferParameter text;
  text.set_string_param("yes");
  const auto refused = ReadInferParameters(With("activity_loss", text));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(refused.status().message(),
            "parameters.activity_loss: expected a bool_param, got string_param");
  EXPECT_THAT(std::string(ReadInferParameters(With("activity_loss", {})).status().message()),
              HasSubstr("got no value"));
}

TEST(InferParametersTest, ATensorsParameterIsRefusedOnlyWhereItIsNamed) {
  inference::InferParameter value;
  value.set_string_param("region");
  ParameterMap parameters;
  parameters["shared_memory_region"] = value;
  EXPECT_TRUE(RefuseParameters("inputs[0]", parameters, {"classification"}).ok());
  EXPECT_THAT(
      std::string(RefuseParameters("inputs[0]", parameters, {"shared_memory_region"}).message()),
      HasSubstr("inputs[0].parameters: expected no shared_memory_region"));
}

}  // namespace
}  // namespace convoy::rpc
