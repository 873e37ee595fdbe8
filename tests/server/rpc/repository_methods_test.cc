#include "server/rpc/repository_methods.h"

#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kernel/base/mutex.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using grpc::StatusCode;
using inference::RepositoryModelLoadRequest;
using inference::RepositoryModelUnloadRequest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Writes down what it is asked for.
class RecordingControl final : public LayerControl {
 public:
  absl::Status Load(const std::string& layer) override { return Note("load " + layer); }
  absl::Status Give(const std::string& layer,
                    absl::btree_map<std::string, std::string_view> files) override {
    std::string text = "give " + layer;
    for (const auto& [name, content] : files)
      text.append(" ").append(name).append("=").append(content);
    return Note(text);
  }
  absl::Status Unload(const std::string& layer) override { return Note("unload " + layer); }

  std::vector<std::string> calls() {
    const MutexLock lock(mutex_);
    return calls_;
  }

  // Set before calls come.
  absl::Status answer;
  absl::Notification* begun = nullptr;
  absl::Notification* wait = nullptr;

 private:
  absl::Status Note(std::string call) {
    {
      const MutexLock lock(mutex_);
      calls_.push_back(std::move(call));
    }
    if (begun != nullptr && !begun->HasBeenNotified()) begun->Notify();
    if (wait != nullptr) wait->WaitForNotification();
    return answer;
  }

  Mutex mutex_;
  std::vector<std::string> calls_ ABSL_GUARDED_BY(mutex_);
};

class RepositoryMethodsTest : public RpcServerTest {
 protected:
  void SetUp() override {
    PublishLayers();
    Serve(&control_);
  }

  void Serve(LayerControl* control) {
    server_.reset();
    GrpcServerOptions options;
    options.address = "127.0.0.1:0";
    server_ = GrpcServer::Start(options, registry_, backend_, metrics_,
                                [this, control](MethodTable& table) {
                                  AddRepositoryMethods({control, threads_, 1 << 20}, table);
                                })
                  .value();
    channel_ = NewChannel();
    stub_ = inference::GRPCInferenceService::NewStub(channel_);
  }

  grpc::Status Load(const RepositoryModelLoadRequest& request) {
    grpc::ClientContext context;
    inference::RepositoryModelLoadResponse response;
    return stub_->RepositoryModelLoad(&context, request, &response);
  }

  grpc::Status Unload(const RepositoryModelUnloadRequest& request) {
    grpc::ClientContext context;
    inference::RepositoryModelUnloadResponse response;
    return stub_->RepositoryModelUnload(&context, request, &response);
  }

  static RepositoryModelLoadRequest LoadOf(const std::string& layer) {
    RepositoryModelLoadRequest request;
    request.set_model_name(layer);
    return request;
  }

  void ExpectRefused(const RepositoryModelLoadRequest& request, const std::string& word) {
    const grpc::Status status = Load(request);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(word));
    EXPECT_THAT(control_.calls(), IsEmpty());
  }

  RecordingControl control_;
  CallThreads threads_{{.name = "loads"}};
};

TEST_F(RepositoryMethodsTest, LoadAndUnloadAreHandedOn) {
  EXPECT_TRUE(Load(LoadOf("a")).ok());
  RepositoryModelUnloadRequest unload;
  unload.set_model_name("b");
  (*unload.mutable_parameters())["unload_dependents"].set_bool_param(true);
  EXPECT_TRUE(Unload(unload).ok());
  EXPECT_THAT(control_.calls(), ElementsAre("load a", "unload b"));
}

TEST_F(RepositoryMethodsTest, AnErrorIsTheAnswer) {
  control_.answer = absl::NotFoundError("no layer 'a'");
  EXPECT_EQ(Load(LoadOf("a")).error_code(), StatusCode::NOT_FOUND);
  RepositoryModelUnloadRequest unload;
  EXPECT_EQ(Unload(unload).error_message(), "no layer 'a'");
}

TEST_F(RepositoryMethodsTest, ALayerThatTheCallBringsIsHandedOnAsFiles) {
  RepositoryModelLoadRequest request = LoadOf("a");
  auto& parameters = *request.mutable_parameters();
  parameters["config"].set_string_param("{}");
  parameters["file:1/weights.safetensors"].set_bytes_param("tensors");
  parameters["file:1/serving.json"].set_bytes_param("options");
  EXPECT_TRUE(Load(request).ok());
  EXPECT_THAT(
      control_.calls(),
      ElementsAre("give a config.json={} serving.json=options weights.safetensors=tensors"));
}

TEST_F(RepositoryMethodsTest, WrongParametersAreRefusedByName) {
  RepositoryModelLoadRequest request = LoadOf("a");
  request.set_repository_name("elsewhere");
  ExpectRefused(request, "repository_name");
  const auto with = [](const std::string& name, bool bytes) {
    RepositoryModelLoadRequest load = LoadOf("a");
    auto& parameter = (*load.mutable_parameters())[name];
    bytes ? parameter.set_bytes_param("{}") : parameter.set_string_param("{}");
    return load;
  };
  ExpectRefused(with("config", true), "parameters.config: expected a string_param");
  ExpectRefused(with("file:1/weights.safetensors", false),
                "parameters.file:1/weights.safetensors: expected a bytes_param");
  ExpectRefused(with("file:1/weights.safetensors", true), "expected a config beside files");
  for (const char* name :
       {"file:2/weights.safetensors", "file:1/../../x", "file:1/config.json", "priority"}) {
    ExpectRefused(with(name, true), name);
  }
  RepositoryModelUnloadRequest unload;
  (*unload.mutable_parameters())["config"].set_string_param("{}");
  EXPECT_EQ(Unload(unload).error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST_F(RepositoryMethodsTest, AServerThatTakesNoChangesSaysHowItWould) {
  Serve(nullptr);
  const grpc::Status status = Load(LoadOf("a"));
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("--repository-mode managed"));
  EXPECT_EQ(Unload({}).error_code(), StatusCode::FAILED_PRECONDITION);
}

TEST_F(RepositoryMethodsTest, ALoadThatTakesLongHoldsNobodyUp) {
  absl::Notification begun, go;
  control_.begun = &begun;
  control_.wait = &go;
  std::thread caller([&] { EXPECT_TRUE(Load(LoadOf("a")).ok()); });
  begun.WaitForNotification();
  ExpectAlive();
  go.Notify();
  caller.join();
}

TEST_F(RepositoryMethodsTest, AMessageThatIsTooLargeIsRefused) {
  RepositoryModelLoadRequest request = LoadOf("a");
  (*request.mutable_parameters())["config"].set_string_param(std::string(2 << 20, ' '));
  EXPECT_EQ(Load(request).error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(control_.calls(), IsEmpty());
}

}  // namespace
}  // namespace convoy::rpc
