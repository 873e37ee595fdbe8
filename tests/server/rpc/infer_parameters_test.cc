#include "server/rpc/infer_parameters.h"

#include <string>
#include <utility>

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
  inference::InferParameter note;
  note.set_int64_param(7);
  EXPECT_FALSE(ReadInferParameters(With("note", note))->activity_loss);
}

TEST(InferParametersTest, SequencesAreRefusedUnlessTheirParametersHaveNoValue) {
  inference::InferParameter one;
  one.set_int64_param(1);
  inference::InferParameter unsigned_one;
  unsigned_one.set_uint64_param(1);
  inference::InferParameter text;
  text.set_string_param("dialogue");
  inference::InferParameter yes;
  yes.set_bool_param(true);
  for (const char* name : {"sequence_id", "sequence_start", "sequence_end"}) {
    for (const auto& value : {one, unsigned_one, text, yes}) {
      EXPECT_EQ(
          std::string(ReadInferParameters(With(name, value)).status().message()),
          "parameters." + std::string(name) + ": expected none, sequences are not served, got one");
    }
  }
  inference::InferParameter zero;
  zero.set_int64_param(0);
  inference::InferParameter empty;
  empty.set_string_param("");
  inference::InferParameter no;
  no.set_bool_param(false);
  for (const auto& value : {zero, empty, no}) {
    EXPECT_TRUE(ReadInferParameters(With("sequence_id", value)).ok());
  }
}

TEST(InferParametersTest, TheAnswersDatatypeIsOneOfTwo) {
  const auto read = [](const std::string& name) {
    inference::InferParameter text;
    text.set_string_param(name);
    return ReadInferParameters(With("convoy_output_datatype", text));
  };
  EXPECT_EQ(ReadInferParameters({})->output_dtype, std::nullopt);
  EXPECT_EQ(read("FP16")->output_dtype, layer::DType::kFloat16);
  EXPECT_EQ(read("BF16")->output_dtype, layer::DType::kBfloat16);
  for (const std::string name : {"", "FP32", "fp16", "float16"}) {
    EXPECT_EQ(std::string(read(name).status().message()),
              "parameters.convoy_output_datatype: expected a string_param, \"FP16\" or \"BF16\", "
              "got \"" +
                  name + "\"");
  }
  inference::InferParameter number;
  number.set_int64_param(16);
  EXPECT_THAT(
      std::string(ReadInferParameters(With("convoy_output_datatype", number)).status().message()),
      HasSubstr("got int64_param"));
}

TEST(InferParametersTest, TheConvolutionAloneHasNoActivity) {
  inference::InferParameter yes;
  yes.set_bool_param(true);
  inference::ModelInferRequest request = With("convoy_convolution_only", yes);
  EXPECT_TRUE(ReadInferParameters(request)->convolution_only);
  EXPECT_FALSE(ReadInferParameters({})->convolution_only);
  (*request.mutable_parameters())["activity_loss"] = yes;
  EXPECT_THAT(std::string(ReadInferParameters(request).status().message()),
              HasSubstr("parameters.activity_loss: expected none beside convoy_convolution_only"));
  inference::InferParameter text;
  text.set_string_param("yes");
  EXPECT_FALSE(ReadInferParameters(With("convoy_convolution_only", text)).ok());
}

TEST(InferParametersTest, NamesThatOnlyAServerCanMeanAreRefused) {
  inference::InferParameter value;
  value.set_bool_param(true);
  for (const std::string name : {"triton_enable_something", "convoy_fast", "triton_"}) {
    EXPECT_THAT(std::string(ReadInferParameters(With(name, value)).status().message()),
                HasSubstr("got \"" + name + "\""));
  }
  for (const char* name : {"tritonish", "my_convoy_id", "", "triton_enable_empty_final_response"}) {
    EXPECT_TRUE(ReadInferParameters(With(name, value)).ok());
  }
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

TEST(InferParametersTest, PrioritiesCountFromOneAndZeroIsTheDefault) {
  const auto level = [](uint64_t priority) {
    inference::InferParameter parameter;
    parameter.set_uint64_param(priority);
    return ReadInferParameters(With("priority", parameter));
  };
  EXPECT_EQ(level(0)->priority, batching::kDefaultPriority);
  EXPECT_EQ(level(1)->priority, 0);
  EXPECT_EQ(level(2)->priority, 1);
  EXPECT_EQ(level(4)->priority, batching::kPriorityLevels - 1);
  EXPECT_EQ(level(5).status().message(), "parameters.priority: expected 0 to 4, got 5");
  EXPECT_EQ(level(UINT64_MAX).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadInferParameters({})->priority, batching::kDefaultPriority);
}

TEST(InferParametersTest, ATimeoutIsInMicrosecondsAndZeroIsNone) {
  const auto timeout = [](int64_t value) {
    inference::InferParameter parameter;
    parameter.set_int64_param(value);
    return ReadInferParameters(With("timeout", parameter))->timeout;
  };
  EXPECT_EQ(timeout(1500), std::chrono::microseconds(1500));
  EXPECT_EQ(timeout(0), std::chrono::microseconds::max());
  EXPECT_EQ(timeout(INT64_MAX), std::chrono::microseconds::max());
}

TEST(InferParametersTest, NumbersThatAreNoneAreRefused) {
  inference::InferParameter negative;
  negative.set_int64_param(-1);
  inference::InferParameter text;
  text.set_string_param("high");
  for (const char* name : {"priority", "timeout"}) {
    EXPECT_THAT(std::string(ReadInferParameters(With(name, negative)).status().message()),
                HasSubstr("of at least 0, got -1"));
    EXPECT_THAT(std::string(ReadInferParameters(With(name, text)).status().message()),
                HasSubstr(std::string(name) + ": expected an int64_param"));
  }
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

TEST(InferParametersTest, AChecksumNamesTheOnlyVersionThatMayAnswer) {
  inference::InferParameter text;
  text.set_string_param("abc");
  const inference::ModelInferRequest request = With("convoy_checksum", text);
  const auto read = ReadInferParameters(request);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(CheckChecksum(*read, "abc").ok());
  for (const char* other : {"abcd", "ab", "", "ABC"}) {
    EXPECT_EQ(CheckChecksum(*read, other).code(), absl::StatusCode::kFailedPrecondition) << other;
  }
  EXPECT_EQ(CheckChecksum(*read, "def").message(),
            "parameters.convoy_checksum: expected def, which answers now, got \"abc\"");
  EXPECT_TRUE(CheckChecksum(*ReadInferParameters({}), "def").ok());
}

TEST(InferParametersTest, AChecksumIsTextAndNotEmpty) {
  inference::InferParameter number;
  number.set_int64_param(1);
  inference::InferParameter empty;
  empty.set_string_param("");
  for (const auto& [value, got] : {std::pair{number, "int64_param"}, {empty, "an empty one"}}) {
    const auto refused = ReadInferParameters(With("convoy_checksum", value));
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(refused.status().message()),
                HasSubstr(std::string("expected a string_param that is not empty, got ") + got));
  }
}

}  // namespace
}  // namespace convoy::rpc
