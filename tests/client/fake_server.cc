#include "tests/client/fake_server.h"

#include <grpcpp/server_builder.h>

#include <chrono>

namespace convoy::client {
namespace {

void AddModel(const std::string& name, const std::string& version, const std::string& state,
              const std::string& reason, inference::RepositoryIndexResponse& response) {
  auto* model = response.add_models();
  model->set_name(name);
  model->set_version(version);
  model->set_state(state);
  model->set_reason(reason);
}

grpc::Status NoLayer(const std::string& name) {
  return {grpc::StatusCode::NOT_FOUND, "no layer \"" + name + "\""};
}

bool IsEcho(const std::string& name) { return name == "echo" || name == "echo_first"; }

}  // namespace

FakeServer::FakeServer() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(-1);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  address_ = "127.0.0.1:" + std::to_string(port);
}

FakeServer::~FakeServer() { Stop(); }

std::set<std::string> FakeServer::peers() const {
  const std::lock_guard lock(mutex_);
  return peers_;
}

void FakeServer::Stop() {
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
}

grpc::Status FakeServer::ServerLive(grpc::ServerContext*, const inference::ServerLiveRequest*,
                                    inference::ServerLiveResponse* response) {
  response->set_live(true);
  return grpc::Status::OK;
}

grpc::Status FakeServer::ServerReady(grpc::ServerContext*, const inference::ServerReadyRequest*,
                                     inference::ServerReadyResponse* response) {
  response->set_ready(ready_);
  return grpc::Status::OK;
}

grpc::Status FakeServer::ModelReady(grpc::ServerContext*,
                                    const inference::ModelReadyRequest* request,
                                    inference::ModelReadyResponse* response) {
  response->set_ready(ready_ && IsEcho(request->name()));
  return grpc::Status::OK;
}

grpc::Status FakeServer::ModelMetadata(grpc::ServerContext*,
                                       const inference::ModelMetadataRequest* request,
                                       inference::ModelMetadataResponse* response) {
  if (!IsEcho(request->name())) return NoLayer(request->name());
  const bool first = request->name() == "echo_first";
  response->set_name(request->name());
  response->add_versions(std::string(first ? "1" : "7"));
  response->set_platform("convoy_conv1d");
  for (auto* tensor : {response->add_inputs(), response->add_outputs()}) {
    tensor->set_datatype("FP32");
    for (const int64_t size : {-1, first ? 4 : -1, first ? -1 : 4}) tensor->add_shape(size);
  }
  response->mutable_inputs(0)->set_name("input");
  response->mutable_outputs(0)->set_name("output");
  return grpc::Status::OK;
}

grpc::Status FakeServer::ModelInfer(grpc::ServerContext* context,
                                    const inference::ModelInferRequest* request,
                                    inference::ModelInferResponse* response) {
  last_time_left_ns_ = absl::ToInt64Nanoseconds(
      absl::FromChrono(context->deadline() - std::chrono::system_clock::now()));
  {
    const std::lock_guard lock(mutex_);
    peers_.insert(context->peer());
  }
  if (!IsEcho(request->model_name())) return NoLayer(request->model_name());
  if (refusal_) {
    const grpc::Status status = refusal_(*request);
    if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
      context->AddTrailingMetadata("retry-after-ms", "20");
    }
    if (!status.ok()) return status;
  }
  response->set_model_name(request->model_name());
  response->set_model_version(request->model_version().empty() ? "7" : request->model_version());
  response->set_id(request->id());
  auto* output = response->add_outputs();
  output->set_name("output");
  output->set_datatype(request->inputs(0).datatype());
  *output->mutable_shape() = request->inputs(0).shape();
  response->add_raw_output_contents(request->raw_input_contents(0));
  return grpc::Status::OK;
}

grpc::Status FakeServer::RepositoryIndex(grpc::ServerContext*,
                                         const inference::RepositoryIndexRequest*,
                                         inference::RepositoryIndexResponse* response) {
  AddModel("broken", "", "UNAVAILABLE", "config.json: filters:\nexpected at least 1", *response);
  AddModel("echo", "7", "READY", "", *response);
  AddModel("echo_first", "1", "READY", "", *response);
  return grpc::Status::OK;
}

grpc::Status FakeServer::ModelStatistics(grpc::ServerContext*,
                                         const inference::ModelStatisticsRequest* request,
                                         inference::ModelStatisticsResponse* response) {
  if (!request->name().empty() && request->name() != "echo") return NoLayer(request->name());
  const uint64_t count = ++statistics_;
  inference::ModelStatistics& model = *response->add_model_stats();
  model.set_name("echo");
  model.set_version("7");
  model.set_last_inference(1'700'000'000'000);
  model.set_inference_count(2 * count);
  model.set_execution_count(count);
  const auto set = [](uint64_t requests, uint64_t each, inference::StatisticDuration& duration) {
    duration.set_count(requests);
    duration.set_ns(requests * each);
  };
  inference::InferStatistics& stats = *model.mutable_inference_stats();
  set(count, 1'000'000, *stats.mutable_success());
  set(1, 2'000, *stats.mutable_fail());
  set(count, 100'000, *stats.mutable_compute_input());
  set(count, 200'000, *stats.mutable_queue());
  set(count, 600'000, *stats.mutable_compute_infer());
  set(count, 100'000, *stats.mutable_compute_output());
  inference::InferBatchStatistics& batch = *model.add_batch_stats();
  batch.set_batch_size(2);
  set(count, 600'000, *batch.mutable_compute_infer());
  return grpc::Status::OK;
}

}  // namespace convoy::client
