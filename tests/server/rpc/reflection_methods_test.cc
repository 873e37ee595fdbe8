#include "server/rpc/reflection_methods.h"

#include <google/protobuf/descriptor.pb.h>

#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/raw_call.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename Request, typename Response>
struct Version {
  using Question = Request;
  using Answer = Response;
};
namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;
using V1 = Version<v1::ServerReflectionRequest, v1::ServerReflectionResponse>;
using V1Alpha = Version<v1alpha::ServerReflectionRequest, v1alpha::ServerReflectionResponse>;

using Versions = testing::Types<V1, V1Alpha>;

template <typename V>
class ReflectionMethodsTest : public RpcServerTest {
 protected:
  using Question = typename V::Question;
  using Answer = typename V::Answer;

  static std::string Path() {
    const std::string package = Question::descriptor()->file()->package();
    return "/" + package + ".ServerReflection/ServerReflectionInfo";
  }

  static Answer Ask(RawCall& call, const Question& question) {
    Answer answer;
    const auto bytes = call.Send(question.SerializeAsString()).Receive();
    EXPECT_TRUE(bytes.has_value() && answer.ParseFromString(*bytes));
    EXPECT_EQ(answer.original_request().SerializeAsString(), question.SerializeAsString());
    return answer;
  }

  Answer Ask(const Question& question) {
    RawCall call(channel_, Path());
    return Ask(call, question);
  }

  // "name" of each file of the answer, or "error code".
  static std::vector<std::string> Files(const Answer& answer) {
    if (answer.has_error_response()) {
      return {"error " + std::to_string(answer.error_response().error_code())};
    }
    std::vector<std::string> names;
    for (const auto& bytes : answer.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      names.push_back(file.name());
    }
    return names;
  }

  std::vector<std::string> FilesOfSymbol(const std::string& symbol) {
    Question question;
    question.set_file_containing_symbol(symbol);
    return Files(Ask(question));
  }
};

TYPED_TEST_SUITE(ReflectionMethodsTest, Versions);

TYPED_TEST(ReflectionMethodsTest, ListsEveryService) {
  typename TestFixture::Question question;
  question.set_host("me");
  question.set_list_services("*");
  const auto answer = this->Ask(question);
  EXPECT_EQ(answer.valid_host(), "me");
  std::vector<std::string> names;
  for (const auto& service : answer.list_services_response().service()) {
    names.push_back(service.name());
  }
  EXPECT_THAT(names, ElementsAre("grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                                 "grpc.reflection.v1alpha.ServerReflection",
                                 "inference.GRPCInferenceService"));
}

TYPED_TEST(ReflectionMethodsTest, FindsTheFileOfServicesMethodsMessagesAndFields) {
  const auto file = ElementsAre("inference/grpc_predict_v2.proto");
  EXPECT_THAT(this->FilesOfSymbol("inference.GRPCInferenceService"), file);
  EXPECT_THAT(this->FilesOfSymbol("inference.GRPCInferenceService.ModelInfer"), file);
  EXPECT_THAT(this->FilesOfSymbol("inference.ModelInferRequest.InferInputTensor"), file);
  EXPECT_THAT(this->FilesOfSymbol("inference.ModelInferRequest.id"), file);
  EXPECT_THAT(this->FilesOfSymbol("inference.Nothing"), ElementsAre("error 5"));
  EXPECT_THAT(this->FilesOfSymbol(""), ElementsAre("error 5"));
}

TYPED_TEST(ReflectionMethodsTest, FindsAFileByItsName) {
  typename TestFixture::Question question;
  question.set_file_by_filename("grpc/health/v1/health.proto");
  EXPECT_THAT(this->Files(this->Ask(question)), ElementsAre("grpc/health/v1/health.proto"));
  question.set_file_by_filename("../../etc/passwd");
  EXPECT_THAT(this->Files(this->Ask(question)), ElementsAre("error 5"));
}

TYPED_TEST(ReflectionMethodsTest, ThereAreNoExtensions) {
  typename TestFixture::Question question;
  question.set_all_extension_numbers_of_type("inference.ModelInferRequest");
  const auto answer = this->Ask(question);
  EXPECT_EQ(answer.all_extension_numbers_response().base_type_name(),
            "inference.ModelInferRequest");
  EXPECT_EQ(answer.all_extension_numbers_response().extension_number_size(), 0);
  question.set_all_extension_numbers_of_type("inference.Nothing");
  EXPECT_EQ(this->Ask(question).error_response().error_code(), 5);
  question.mutable_file_containing_extension()->set_containing_type("inference.ModelInferRequest");
  EXPECT_EQ(this->Ask(question).error_response().error_code(), 5);
}

TYPED_TEST(ReflectionMethodsTest, ManyQuestionsOnOneStreamAlsoAfterAnUnknownOne) {
  RawCall call(this->channel_, this->Path());
  typename TestFixture::Question question;
  EXPECT_EQ(this->Ask(call, question).error_response().error_code(), 3);
  question.set_list_services("");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(this->Ask(call, question).list_services_response().service_size(), 4);
  }
  call.SendNoMore();
  EXPECT_EQ(call.Receive(), std::nullopt);
  EXPECT_TRUE(call.Finish().ok());
}

TYPED_TEST(ReflectionMethodsTest, BadAndLongQuestionsEndTheStream) {
  RawCall bad(this->channel_, this->Path());
  EXPECT_EQ(bad.Send("\x0A").Receive(), std::nullopt);
  EXPECT_EQ(bad.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  RawCall longer(this->channel_, this->Path());
  typename TestFixture::Question question;
  question.set_file_containing_symbol(std::string(1 << 20, 'x'));
  EXPECT_EQ(longer.Send(question.SerializeAsString()).Receive(), std::nullopt);
  EXPECT_EQ(longer.Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TYPED_TEST(ReflectionMethodsTest, AnIdleStreamEndsWithTheServer) {
  RawCall call(this->channel_, this->Path());
  typename TestFixture::Question question;
  question.set_list_services("");
  this->Ask(call, question);
  std::thread shutdown([this] { this->server_->Shutdown(std::chrono::hours(1)); });
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  shutdown.join();
}

}  // namespace
}  // namespace convoy::rpc
