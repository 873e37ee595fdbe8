#include "server/rpc/inference_methods.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/raw_call.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class InferenceMethodsTest : public RpcServerTest {
 protected:
  bool ServerReady() {
    grpc::ClientContext context;
    inference::ServerReadyResponse response;
    EXPECT_TRUE(stub_->ServerReady(&context, {}, &response).ok());
    return response.ready();
  }

  // Calls a method that is asked about one version of one layer.
  template <typename Request, typename Response>
  grpc::Status Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const std::string& name, const std::string& version, Response& response) {
    grpc::ClientContext context;
    Request request;
    request.set_name(name);
    request.set_version(version);
    return (stub_.get()->*method)(&context, request, &response);
  }

  bool ModelReady(const std::string& name, const std::string& version) {
    inference::ModelReadyResponse response;
    EXPECT_TRUE(Ask(&Stub::ModelReady, name, version, response).ok());
    return response.ready();
  }

  grpc::Status ModelMetadata(const std::string& name, const std::string& version,
                             inference::ModelMetadataResponse& response) {
    return Ask(&Stub::ModelMetadata, name, version, response);
  }

  grpc::Status ModelConfig(const std::string& name, const std::string& version,
                           inference::ModelConfigResponse& response) {
    return Ask(&Stub::ModelConfig, name, version, response);
  }

  // "name/version state" of every entry.
  std::vector<std::string> Index(bool ready_only) {
    grpc::ClientContext context;
    inference::RepositoryIndexRequest request;
    request.set_ready(ready_only);
    inference::RepositoryIndexResponse response;
    EXPECT_TRUE(stub_->RepositoryIndex(&context, request, &response).ok());
    std::vector<std::string> entries;
    for (const auto& model : response.models()) {
      entries.push_back(model.name() + "/" + model.version() + " " + model.state());
      EXPECT_EQ(model.reason().empty(), model.state() == "READY");
    }
    return entries;
  }
};

TEST_F(InferenceMethodsTest, TheServerIsLiveAndReadyUntilItDrains) {
  grpc::ClientContext context;
  inference::ServerLiveResponse live;
  ASSERT_TRUE(stub_->ServerLive(&context, {}, &live).ok());
  EXPECT_TRUE(live.live());
  EXPECT_TRUE(ServerReady());
  EXPECT_TRUE(ModelReady("conv", ""));
  registry_.Drain();
  EXPECT_FALSE(ServerReady());
  EXPECT_FALSE(ModelReady("conv", ""));
}

TEST_F(InferenceMethodsTest, AModelIsReadyIfItCanBeCalledNow) {
  EXPECT_TRUE(ModelReady("conv", "1"));
  EXPECT_FALSE(ModelReady("conv", "3"));
  EXPECT_FALSE(ModelReady("broken", ""));
  EXPECT_FALSE(ModelReady("nosuch", ""));
}

TEST_F(InferenceMethodsTest, TheServerSaysWhatItIs) {
  grpc::ClientContext context;
  inference::ServerMetadataResponse response;
  ASSERT_TRUE(stub_->ServerMetadata(&context, {}, &response).ok());
  EXPECT_EQ(response.name(), "convoy");
  EXPECT_THAT(response.version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(response.extensions(),
              ElementsAre("logging", "model_configuration", "model_repository",
                          "model_repository(unload_dependents)", "parameters", "schedule_policy",
                          "statistics"));
}

TEST_F(InferenceMethodsTest, ModelMetadataDescribesTheAskedVersion) {
  inference::ModelMetadataResponse response;
  ASSERT_TRUE(ModelMetadata("conv", "1", response).ok());
  EXPECT_EQ(response.name(), "conv");
  EXPECT_EQ(response.platform(), "convoy_conv1d");
  EXPECT_THAT(response.versions(), ElementsAre("2", "1"));
  ASSERT_EQ(response.inputs_size(), 1);
  EXPECT_THAT(response.inputs(0).shape(), ElementsAre(-1, -1, 2));
}

TEST_F(InferenceMethodsTest, ModelConfigDescribesTheLayerForTritonsTools) {
  inference::ModelConfigResponse response;
  ASSERT_TRUE(ModelConfig("conv", "1", response).ok());
  EXPECT_EQ(response.config().name(), "conv");
  EXPECT_EQ(ModelConfig("nosuch", "", response).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ModelConfig("broken", "", response).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(InferenceMethodsTest, MetadataOfWhatIsNotThereIsRefused) {
  inference::ModelMetadataResponse response;
  EXPECT_EQ(ModelMetadata("nosuch", "", response).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ModelMetadata("conv", "7", response).error_code(), grpc::StatusCode::NOT_FOUND);
  const grpc::Status broken = ModelMetadata("broken", "", response);
  EXPECT_EQ(broken.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(broken.error_message(), HasSubstr("not JSON"));
}

TEST_F(InferenceMethodsTest, TheIndexListsEveryLayerAndVersionAndWhyItCannotBeCalled) {
  EXPECT_THAT(Index(false), ElementsAre("broken/ UNAVAILABLE", "conv/1 READY", "conv/2 READY"));
  EXPECT_THAT(Index(true), ElementsAre("conv/1 READY", "conv/2 READY"));
  registry_.Drain();
  EXPECT_THAT(Index(false),
              ElementsAre("broken/ UNAVAILABLE", "conv/1 UNAVAILABLE", "conv/2 UNAVAILABLE"));
  EXPECT_THAT(Index(true), ElementsAre());
}

TEST_F(InferenceMethodsTest, TheRepositoryHasNoName) {
  grpc::ClientContext context;
  inference::RepositoryIndexRequest request;
  request.set_repository_name("other");
  inference::RepositoryIndexResponse response;
  const grpc::Status status = stub_->RepositoryIndex(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("repository_name"));
}

TEST_F(InferenceMethodsTest, MethodsOfOtherServersAreRefusedAtOnceWithAReason) {
  for (const char* method :
       {"ModelStreamInfer", "TraceSetting", "SystemSharedMemoryStatus",
        "SystemSharedMemoryRegister", "SystemSharedMemoryUnregister", "CudaSharedMemoryStatus",
        "CudaSharedMemoryRegister", "CudaSharedMemoryUnregister"}) {
    // The caller has not sent anything yet, as streams may.
    const grpc::Status status = RawCall(channel_, MethodPath(kInferenceService, method)).Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << method;
    EXPECT_THAT(status.error_message(), StartsWith(std::string(method) + ": ")) << method;
  }
}

}  // namespace
}  // namespace convoy::rpc
