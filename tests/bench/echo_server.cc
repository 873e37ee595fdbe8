// The floor of what a call can cost: a raw completion-queue gRPC server that
// copies the request's payload once into a pooled buffer and answers as many
// bytes as the layer would, out of that buffer by reference. It understands
// nothing: header and length of its answer are fixed when it starts.
//
//   echo_server --output N,T,C [--address 127.0.0.1:0] [--refuse]
//
// Prints its port when ready; ends on SIGTERM or SIGINT. With --refuse every call
// is answered RESOURCE_EXHAUSTED, unread, with the trailer that Convoy would send.
#include <grpcpp/grpcpp.h>
#include <pthread.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "inference/grpc_predict_v2.grpc.pb.h"
#include "kernel/batch/pooled_buffer.h"

namespace convoy::bench {
namespace {

using Service = inference::GRPCInferenceService::WithRawMethod_ModelInfer<
    inference::GRPCInferenceService::Service>;

// Everything of an answer before its bytes: the fields, then the tag and length
// of raw_output_contents.
std::string EncodeHeader(const std::vector<int64_t>& shape, size_t bytes) {
  inference::ModelInferResponse response;
  response.set_model_name("echo");
  response.set_model_version("1");
  auto& output = *response.add_outputs();
  output.set_name("output");
  output.set_datatype("FP32");
  for (const int64_t size : shape) output.add_shape(size);
  std::string header = response.SerializeAsString();
  header.push_back((inference::ModelInferResponse::kRawOutputContentsFieldNumber << 3) | 2);
  for (; bytes >= 0x80; bytes >>= 7) header.push_back(static_cast<char>(bytes | 0x80));
  header.push_back(static_cast<char>(bytes));
  return header;
}

// Pooled buffers, written once each: what was never written is the system's one page
// of zeros, which stays in the cache and costs a sender less than a real answer.
class Memory {
 public:
  batch::BufferRef Get(size_t bytes) {
    batch::BufferRef buffer = pool_.Get(bytes);
    const auto [block, fresh] = written_.insert(buffer->data());
    if (fresh) std::fill_n(*block, buffer->capacity(), std::byte{1});
    return buffer;
  }

 private:
  batch::BufferPool pool_{size_t{2} << 30};  // frees none
  std::set<std::byte*> written_;
};

// One call at a time, over and over. Owned by main.
class EchoCall {
 public:
  EchoCall(Service& service, grpc::ServerCompletionQueue& queue, Memory& memory,
           const std::string& header, size_t response_bytes)
      : service_(service),
        queue_(queue),
        memory_(memory),
        header_(header),
        response_bytes_(response_bytes) {
    Request();
  }

  // The queue's event for this call. False from the queue means shutdown.
  void Proceed(bool ok) {
    if (finishing_) {
      Request();
    } else if (ok) {
      finishing_ = true;
      Answer();
    }
  }

 private:
  void Request() {
    finishing_ = false;
    context_ = std::make_unique<grpc::ServerContext>();
    responder_ =
        std::make_unique<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>>(context_.get());
    service_.RequestModelInfer(context_.get(), &request_, responder_.get(), &queue_, &queue_, this);
  }

  void Answer() {
    if (header_.empty()) {
      context_->AddTrailingMetadata("retry-after-ms", "20");
      responder_->FinishWithError({grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full"},
                                  this);
      return;
    }
    std::vector<grpc::Slice> slices;
    (void)request_.Dump(&slices);
    batch::BufferRef buffer = memory_.Get(std::max(request_.Length(), response_bytes_));
    std::byte* to = buffer->data();
    for (const grpc::Slice& slice : slices) {
      const auto* from = reinterpret_cast<const std::byte*>(slice.begin());
      to = std::copy(from, from + slice.size(), to);
    }
    std::byte* bytes = buffer->data();
    const auto release = [](void* owner) { static_cast<batch::PooledBuffer*>(owner)->Unref(); };
    const grpc::Slice answer[] = {grpc::Slice(header_),
                                  grpc::Slice(bytes, response_bytes_, release, buffer.Release())};
    responder_->Finish(grpc::ByteBuffer(answer, 2), grpc::Status::OK, this);
  }

  Service& service_;
  grpc::ServerCompletionQueue& queue_;
  Memory& memory_;
  const std::string& header_;  // empty: refuse
  const size_t response_bytes_;
  bool finishing_ = false;
  std::unique_ptr<grpc::ServerContext> context_;
  grpc::ByteBuffer request_;
  std::unique_ptr<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> responder_;
};

int Main(int argc, char** argv) {
  CLI::App app("A raw gRPC server that answers bytes");
  std::string address = "127.0.0.1:0";
  std::vector<int64_t> output;
  bool refuse = false;
  app.add_option("--address", address);
  app.add_option("--output", output)->required()->delimiter(',')->expected(3);
  app.add_flag("--refuse", refuse);
  CLI11_PARSE(app, argc, argv);

  // As in a release of Convoy.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  Memory memory;
  const size_t response_bytes = static_cast<size_t>(output[0] * output[1] * output[2]) * 4;
  const std::string header = refuse ? "" : EncodeHeader(output, response_bytes);
  Service service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(64 << 20);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::ServerCompletionQueue> queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::vector<std::unique_ptr<EchoCall>> pending;
  constexpr int kPendingCalls = 64;
  for (int i = 0; i < kPendingCalls; ++i) {
    pending.push_back(std::make_unique<EchoCall>(service, *queue, memory, header, response_bytes));
  }
  std::thread poller([&] {
    void* tag = nullptr;
    bool ok = false;
    while (queue->Next(&tag, &ok)) static_cast<EchoCall*>(tag)->Proceed(ok);
  });
  std::printf("%d\n", port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown();
  queue->Shutdown();
  poller.join();
  return 0;
}

}  // namespace
}  // namespace convoy::bench

int main(int argc, char** argv) { return convoy::bench::Main(argc, argv); }
