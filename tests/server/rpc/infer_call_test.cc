#include "server/rpc/infer_call.h"

#include <chrono>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "gmock/gmock.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "server/batching/admission.h"
#include "server/batching/refusal_reason.h"
#include "tests/server/rpc/byte_buffers.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using grpc::StatusCode;
using inference::ModelInferRequest;
using inference::ModelInferResponse;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::system_clock;
using testing::HasSubstr;
using testing::Not;

class InferCallTest : public RpcServerTest {
 protected:
  void ExpectRefused(const ModelInferRequest& request, StatusCode code, const std::string& word) {
    const grpc::Status status = Infer(request);
    EXPECT_EQ(status.error_code(), code) << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr(word));
    ExpectAlive();
  }

  // ModelInfer with any bytes as the message.
  grpc::Status InferBytes(const std::string& bytes) {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    grpc::ByteBuffer response;
    grpc::Status status;
    const auto call = stub.PrepareUnaryCall(&context, "/inference.GRPCInferenceService/ModelInfer",
                                            MakeByteBuffer(bytes), &queue);
    call->StartCall();
    call->Finish(&response, &status, nullptr);
    void* tag;
    bool ok;
    queue.Next(&tag, &ok);
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) {
    }
    return status;
  }
};

TEST_F(InferCallTest, TheAnswerIsTheBackEndsTensorWithTheRequestsId) {
  ModelInferRequest request = GoodRequest();
  request.set_id("request-7");
  ModelInferResponse response;
  const grpc::Status status = Infer(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.model_name(), "conv");
  EXPECT_EQ(response.model_version(), "2");
  EXPECT_EQ(response.id(), "request-7");
  ASSERT_EQ(response.outputs_size(), 1);
  EXPECT_EQ(response.outputs(0).name(), "output");
  ASSERT_EQ(response.raw_output_contents_size(), 1);
  ASSERT_EQ(response.raw_output_contents(0).size(), 48u);
  float last;
  std::memcpy(&last, response.raw_output_contents(0).data() + 44, sizeof(last));
  EXPECT_EQ(last, 11.0f);
}

TEST_F(InferCallTest, TheBackEndSeesTheTensorAsItWasSent) {
  std::string seen;
  layer::InputShape shape;
  backend_.OnSubmit([&](batching::Task* task) {
    seen = TextOf(task->input.payload);
    shape = task->input.shape;
    return absl::UnavailableError("seen");
  });
  ModelInferRequest raw = GoodRequest();
  raw.set_raw_input_contents(0, "0123456789abcdefghijklmnopqrstuv");
  Infer(raw);
  EXPECT_EQ(seen, raw.raw_input_contents(0));
  EXPECT_EQ(shape.sequences, 1);
  EXPECT_EQ(shape.length, 4);
  EXPECT_EQ(shape.frames.output, 4);

  ModelInferRequest typed = GoodRequest();
  typed.clear_raw_input_contents();
  std::vector<float> values = {0, 1, 2, 3, 4, 5, 6, 7};
  typed.mutable_inputs(0)->mutable_contents()->mutable_fp32_contents()->Assign(values.begin(),
                                                                               values.end());
  Infer(typed);
  EXPECT_EQ(seen, std::string(reinterpret_cast<const char*>(values.data()), 32));
}

TEST_F(InferCallTest, LargeTensorsCrossTheWireInManyPiecesAndBack) {
  std::mt19937 random(7);
  std::string payload(4 << 20, '\0');
  for (size_t i = 0; i < payload.size(); i += 4) {
    const uint32_t value = random();
    std::memcpy(&payload[i], &value, 4);
  }
  std::string seen;
  size_t pieces = 0;
  backend_.OnSubmit([&](batching::Task* task) {
    seen = TextOf(task->input.payload);
    pieces = task->input.payload.size();
    return absl::UnavailableError("seen");
  });
  ModelInferRequest request = GoodRequest();
  request.mutable_inputs(0)->set_shape(1, static_cast<int64_t>(payload.size() / 8));
  request.set_raw_input_contents(0, payload);
  Infer(request);
  EXPECT_TRUE(seen == payload);
  EXPECT_GT(pieces, 1u);
  backend_.OnSubmit({});
  ModelInferResponse response;
  ASSERT_TRUE(Infer(request, &response).ok());
  ASSERT_EQ(response.raw_output_contents(0).size(), payload.size() / 8 * 12);
}

TEST_F(InferCallTest, AVersionCanBeAskedForByNumber) {
  ModelInferRequest request = GoodRequest();
  request.set_model_version("1");
  ModelInferResponse response;
  ASSERT_TRUE(Infer(request, &response).ok());
  EXPECT_EQ(response.model_version(), "1");
}

TEST_F(InferCallTest, EachMomentOfACallIsInOneStage) {
  using std::chrono::milliseconds;
  using std::chrono::nanoseconds;
  // Queued 9 ms ago, computed for 3 of them, until 1 ms ago.
  const auto age = [&](batching::Task* task) {
    const batching::Clock::time_point now = batching::Clock::now();
    std::this_thread::sleep_for(milliseconds(9));
    task->entry.arrived = now;
    task->entry.ran = milliseconds(3);
    task->entry.ran_until = now + milliseconds(8);
  };
  backend_.OnSubmit([&](batching::Task* task) {
    age(task);
    backend_.Answer(*MakeLiveVersion("conv", 1, BuildLayer(TestConfig()))->layer, task);
    return absl::OkStatus();
  });
  ASSERT_TRUE(Infer(GoodRequest()).ok());
  backend_.OnSubmit([&](batching::Task* task) {
    age(task);
    task->Fail(absl::DeadlineExceededError("late"));
    return absl::OkStatus();
  });
  EXPECT_FALSE(Infer(GoodRequest()).ok());
  ModelInferRequest bad = GoodRequest();
  bad.mutable_inputs(0)->set_name("nobody");
  EXPECT_FALSE(Infer(bad).ok());

  layer_metrics_.WaitForSent(1);
  EXPECT_EQ(layer_metrics_.sent(), 1) << "a failure is no answer";
  const auto requests = layer_metrics_.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].sequences, 1);
  EXPECT_EQ(requests[0].stages.queue, milliseconds(5));
  EXPECT_EQ(requests[0].stages.compute, milliseconds(3));
  EXPECT_GE(requests[0].stages.respond, milliseconds(1));
  EXPECT_EQ(requests[1].sequences, 0);
  EXPECT_GE(requests[1].stages.queue, milliseconds(6)) << "it waited until it was given up";
  EXPECT_EQ(requests[1].stages.compute, milliseconds(3));
  EXPECT_EQ(requests[1].stages.respond, nanoseconds(0));
  EXPECT_EQ(requests[2].stages.total(), requests[2].stages.decode) << "nothing of the one before";
}

TEST_F(InferCallTest, TheAnswerIsRoundedToTheDatatypeThatIsAskedFor) {
  ModelInferRequest request = GoodRequest();
  (*request.mutable_parameters())["convoy_output_datatype"].set_string_param("FP16");
  ModelInferResponse response;
  const grpc::Status status = Infer(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.outputs(0).datatype(), "FP16");
  // Elements 0 to 11.
  ASSERT_EQ(response.raw_output_contents(0).size(), 24u);
  uint16_t last;
  std::memcpy(&last, response.raw_output_contents(0).data() + 22, sizeof(last));
  EXPECT_EQ(last, 0x4980) << "eleven";
  EXPECT_EQ(layer_metrics_.requests().back().output_bytes, 24);
  ASSERT_TRUE(Infer(GoodRequest(), &response).ok());
  EXPECT_EQ(response.outputs(0).datatype(), "FP32") << "nothing of the one before";
  EXPECT_EQ(response.raw_output_contents(0).size(), 48u);
}

TEST_F(InferCallTest, TheLimitOfAnAnswerIsOfTheDatatypeThatIsAskedFor) {
  Start({.max_response_bytes = 24});
  ModelInferRequest request = GoodRequest();
  EXPECT_EQ(Infer(request).error_code(), StatusCode::RESOURCE_EXHAUSTED);
  (*request.mutable_parameters())["convoy_output_datatype"].set_string_param("BF16");
  EXPECT_TRUE(Infer(request).ok());
}

TEST_F(InferCallTest, TheConvolutionAloneIsAskedForByName) {
  ModelInferRequest request = GoodRequest();
  (*request.mutable_parameters())["convoy_convolution_only"].set_bool_param(true);
  ASSERT_TRUE(Infer(request).ok());
  EXPECT_EQ(backend_.convolutions(), 1);
  (*request.mutable_parameters())["convoy_convolution_only"].set_bool_param(false);
  ASSERT_TRUE(Infer(request).ok());
  EXPECT_EQ(backend_.convolutions(), 1);
}

TEST_F(InferCallTest, TheTimingComesOnRequestOnly) {
  using std::chrono::milliseconds;
  std::vector<batching::PartCost> parts(3);
  backend_.OnSubmit([&](batching::Task* task) {
    task->entry.arrived = batching::Clock::now();
    task->entry.ran = milliseconds(3);
    task->entry.ran_until = task->entry.arrived + milliseconds(8);
    std::this_thread::sleep_until(task->entry.ran_until);  // nobody answers before it
    task->entry.batch = {.parts = 7, .frames = 90};
    task->entry.parts = parts;
    backend_.Answer(*MakeLiveVersion("conv", 1, BuildLayer(TestConfig()))->layer, task);
    return absl::OkStatus();
  });
  ModelInferRequest request = GoodRequest();
  ModelInferResponse response;
  ASSERT_TRUE(Infer(request, &response).ok());
  EXPECT_TRUE(response.parameters().empty());
  (*request.mutable_parameters())["convoy_timing"].set_bool_param(true);
  ASSERT_TRUE(Infer(request, &response).ok());
  const auto& timing = response.parameters();
  EXPECT_EQ(timing.size(), 6u);
  EXPECT_GT(timing.at("convoy_decode_seconds").double_param(), 0);
  EXPECT_DOUBLE_EQ(timing.at("convoy_queue_seconds").double_param(), 0.005);
  EXPECT_DOUBLE_EQ(timing.at("convoy_compute_seconds").double_param(), 0.003);
  EXPECT_EQ(timing.at("convoy_request_parts").int64_param(), 3);
  EXPECT_EQ(timing.at("convoy_batch_parts").int64_param(), 7);
  EXPECT_EQ(timing.at("convoy_batch_frames").int64_param(), 90);
  ASSERT_TRUE(Infer(GoodRequest(), &response).ok());
  EXPECT_TRUE(response.parameters().empty()) << "left over from the call before";
}

TEST_F(InferCallTest, AnErrorNamesTheRequestThatHasAnId) {
  ModelInferRequest request = GoodRequest();
  request.mutable_inputs(0)->set_name("nobody");
  EXPECT_THAT(Infer(request).error_message(), Not(HasSubstr("(request")));
  request.set_id("order 66");
  EXPECT_THAT(Infer(request).error_message(), HasSubstr(" (request \"order 66\")"));
  request.set_id(std::string(10'000, 'x'));
  EXPECT_LT(Infer(request).error_message().size(), 500u);
}

TEST_F(InferCallTest, RefusalsAreCountedByReason) {
  backend_.OnSubmit([&](batching::Task*) {
    return batching::WithReason(absl::ResourceExhaustedError("full"),
                                batching::RefusalReason::kQueueSeconds);
  });
  EXPECT_FALSE(Infer(GoodRequest()).ok());
  ModelInferRequest large = GoodRequest();
  large.set_id(std::string(100'000, 'x'));
  EXPECT_EQ(Infer(large).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const std::string text = metrics_.Serialize();
  EXPECT_THAT(text, HasSubstr("convoy_refused_requests_total{reason=\"queue_seconds\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("convoy_refused_requests_total{reason=\"size\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("convoy_refused_requests_total{reason=\"deadline\"} 0\n"));
}

TEST_F(InferCallTest, AnotherChecksumIsAFailedPrecondition) {
  inference::ModelInferRequest request = GoodRequest();
  (*request.mutable_parameters())["convoy_checksum"].set_string_param("0123");
  const grpc::Status status = Infer(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), testing::HasSubstr("0123"));
  EXPECT_EQ(backend_.submitted(), 0);
  ExpectAlive();
}

TEST_F(InferCallTest, TheActivityLossComesOnRequestOnly) {
  ModelInferRequest request = GoodRequest();
  ModelInferResponse response;
  ASSERT_TRUE(Infer(request, &response).ok());
  EXPECT_EQ(response.parameters_size(), 0);
  (*request.mutable_parameters())["activity_loss"].set_bool_param(true);
  ASSERT_TRUE(Infer(request, &response).ok());
  EXPECT_EQ(response.parameters().at("activity_loss").double_param(), 0.0);  // no regularizer
  (*request.mutable_parameters())["activity_loss"].set_int64_param(1);
  ExpectRefused(request, StatusCode::INVALID_ARGUMENT, "parameters.activity_loss");
}

TEST_F(InferCallTest, PriorityAndTimeoutReachTheBackEnd) {
  int priority = -1;
  std::chrono::nanoseconds left{0};
  backend_.OnSubmit([&](batching::Task* task) {
    priority = task->priority;
    left = task->deadline - batching::Clock::now();
    return absl::UnavailableError("seen");
  });
  ModelInferRequest request = GoodRequest();
  Infer(request);
  EXPECT_EQ(priority, batching::kDefaultPriority);
  EXPECT_GT(left, hours(1));
  (*request.mutable_parameters())["priority"].set_uint64_param(1);
  (*request.mutable_parameters())["timeout"].set_int64_param(60'000'000);
  Infer(request);
  EXPECT_EQ(priority, 0);
  EXPECT_LE(left, minutes(1));
  EXPECT_GT(left, minutes(0));
}

TEST_F(InferCallTest, EmptyTensorsAreAnsweredWithoutTheBackEnd) {
  for (const int axis : {0, 1}) {
    ModelInferRequest request = GoodRequest();
    request.mutable_inputs(0)->set_shape(axis, 0);
    request.set_raw_input_contents(0, "");
    ModelInferResponse response;
    ASSERT_TRUE(Infer(request, &response).ok());
    EXPECT_EQ(response.outputs(0).shape(0), axis == 0 ? 0 : 1);
    EXPECT_EQ(response.outputs(0).shape(1), axis == 1 ? 0 : 4);
    EXPECT_EQ(response.outputs(0).shape(2), 3);
    ASSERT_EQ(response.raw_output_contents_size(), 1);
    EXPECT_EQ(response.raw_output_contents(0), "");
  }
  EXPECT_EQ(backend_.submitted(), 0);
}

TEST_F(InferCallTest, UnknownLayersAndVersionsAreNotFound) {
  ModelInferRequest request = GoodRequest();
  request.set_model_name("nosuch");
  ExpectRefused(request, StatusCode::NOT_FOUND, "nosuch");
  request = GoodRequest();
  for (const char* version : {"3", "0", "-1", "one", "1 "}) {
    request.set_model_version(version);
    ExpectRefused(request, StatusCode::NOT_FOUND, version);
  }
}

TEST_F(InferCallTest, ALayerThatCouldNotBeReadIsAFailedPrecondition) {
  ModelInferRequest request = GoodRequest();
  request.set_model_name("broken");
  ExpectRefused(request, StatusCode::FAILED_PRECONDITION, "not JSON");
}

TEST_F(InferCallTest, EveryWrongRequestIsRefusedAndTheNextGoodOneAnswered) {
  const int64_t huge = (int64_t{1} << 60) + 2;
  const std::vector<std::pair<const char*, std::function<void(ModelInferRequest&)>>> cases = {
      {"inputs[0].name", [](auto& r) { r.mutable_inputs(0)->set_name("x"); }},
      {"datatype", [](auto& r) { r.mutable_inputs(0)->set_datatype("BYTES"); }},
      {"ndim", [](auto& r) { r.mutable_inputs(0)->mutable_shape()->Truncate(2); }},
      {"shape", [](auto& r) { r.mutable_inputs(0)->add_shape(1); }},
      {"shape", [](auto& r) { r.mutable_inputs(0)->set_shape(1, -4); }},
      {"shape",
       [](auto& r) {
         r.mutable_inputs(0)->set_shape(0, 16);
         r.mutable_inputs(0)->set_shape(1, huge);
       }},
      {"shape", [](auto& r) { r.mutable_inputs(0)->set_shape(2, 3); }},
      {"raw_input_contents", [](auto& r) { r.mutable_raw_input_contents(0)->push_back('x'); }},
      {"raw_input_contents", [](auto& r) { r.mutable_raw_input_contents(0)->pop_back(); }},
      {"raw_input_contents", [](auto& r) { r.add_raw_input_contents("x"); }},
      {"both", [](auto& r) { r.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1); }},
      {"outputs[0].name", [](auto& r) { r.add_outputs()->set_name("y"); }},
      {"inputs", [](auto& r) { r.clear_inputs(); }},
  };
  for (const auto& [word, spoil] : cases) {
    ModelInferRequest request = GoodRequest();
    spoil(request);
    ExpectRefused(request, StatusCode::INVALID_ARGUMENT, word);
  }
}

TEST_F(InferCallTest, BytesThatAreNoMessageAreInvalidArgumentsWithAReason) {
  const std::string good = GoodRequest().SerializeAsString();
  std::mt19937 random(11);
  for (int i = 0; i < 200; ++i) {
    std::string bytes = good.substr(0, random() % good.size());
    if (i % 2 == 0) {
      for (char& byte : bytes) byte = static_cast<char>(random());
    }
    const grpc::Status status = InferBytes(bytes);
    // A truncation may leave a message without a name, random bytes may be one
    // of unknown fields.
    if (status.error_code() != StatusCode::NOT_FOUND) {
      EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
    }
    EXPECT_FALSE(status.error_message().empty());
  }
  ExpectAlive();
}

TEST_F(InferCallTest, AMessageOverTheLimitIsExhaustedAndOneBelowIsNot) {
  GrpcServerOptions options;
  options.max_message_bytes = 1000;
  Start(options);
  const int overhead = static_cast<int>(GoodRequest().ByteSizeLong()) - 32;
  ModelInferRequest request = GoodRequest();
  // Wrong for its shape, and so refused only if it may come in.
  request.set_raw_input_contents(0, std::string(1000 - overhead - 1, 'x'));
  ASSERT_EQ(request.ByteSizeLong(), 1000u);
  ExpectRefused(request, StatusCode::INVALID_ARGUMENT, "raw_input_contents");
  request.mutable_raw_input_contents(0)->push_back('x');
  ExpectRefused(request, StatusCode::RESOURCE_EXHAUSTED, "expected at most 1000 bytes");
}

TEST_F(InferCallTest, AnAnswerOverTheLimitIsExhausted) {
  GrpcServerOptions options;
  options.max_response_bytes = 48;
  Start(options);
  ModelInferRequest request = GoodRequest();
  request.mutable_inputs(0)->set_shape(1, 5);
  request.mutable_raw_input_contents(0)->resize(40);
  ExpectRefused(request, StatusCode::RESOURCE_EXHAUSTED, "48");
}

TEST_F(InferCallTest, AFullQueueIsExhaustedWithATimeToRetry) {
  backend_.OnSubmit([](batching::Task*) {
    absl::Status full = absl::ResourceExhaustedError("queue full");
    full.SetPayload(batching::kRetryAfterPayload, absl::Cord("37"));
    return full;
  });
  grpc::ClientContext context;
  ModelInferResponse response;
  const grpc::Status status = stub_->ModelInfer(&context, GoodRequest(), &response);
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto hint = trailers.find("retry-after-ms");
  ASSERT_NE(hint, trailers.end());
  EXPECT_EQ(std::string(hint->second.data(), hint->second.size()), "37");
  backend_.OnSubmit({});
  ExpectAlive();
}

TEST_F(InferCallTest, OtherRefusalsOfTheBackEndCarryNoTimeToRetry) {
  backend_.OnSubmit([](batching::Task*) { return absl::UnavailableError("shutting down"); });
  grpc::ClientContext context;
  ModelInferResponse response;
  const grpc::Status status = stub_->ModelInfer(&context, GoodRequest(), &response);
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(context.GetServerTrailingMetadata().count("retry-after-ms"), 0u);
}

TEST_F(InferCallTest, AFailureAfterAcceptanceReachesTheCaller) {
  backend_.OnSubmit([](batching::Task* task) {
    task->Fail(absl::InternalError("the engine says why"));
    return absl::OkStatus();
  });
  const grpc::Status status = Infer(GoodRequest());
  EXPECT_EQ(status.error_code(), StatusCode::INTERNAL);
  EXPECT_EQ(status.error_message(), "the engine says why");
  backend_.OnSubmit({});
  ExpectAlive();
}

TEST_F(InferCallTest, DeadlinesReachTheTaskOnTheSteadyClock) {
  batching::Clock::time_point seen;
  backend_.OnSubmit([&](batching::Task* task) {
    seen = task->deadline;
    return absl::UnavailableError("seen");
  });
  const auto infer_with = [&](auto deadline) {
    grpc::ClientContext context;
    context.set_deadline(deadline);
    ModelInferResponse response;
    stub_->ModelInfer(&context, GoodRequest(), &response);
  };
  infer_with(system_clock::now() + hours(1));
  const batching::Clock::duration left = seen - batching::Clock::now();
  // gRPC sends the time left with three digits.
  EXPECT_LT(left, hours(1) + minutes(1));
  EXPECT_GT(left, hours(1) - minutes(1));
  infer_with(gpr_inf_future(GPR_CLOCK_REALTIME));
  EXPECT_EQ(seen, batching::Clock::time_point::max());
  infer_with(gpr_time_add(gpr_now(GPR_CLOCK_REALTIME),
                          gpr_time_from_hours(int64_t{99999999}, GPR_TIMESPAN)));
  EXPECT_GT(seen, batching::Clock::now() + hours(24 * 365));
}

TEST_F(InferCallTest, TheAnswerMayComeFromAnotherThreadBeforeSubmitReturns) {
  std::vector<std::thread> threads;
  const auto layer = BuildLayer(TestConfig());
  backend_.OnSubmit([&](batching::Task* task) {
    std::thread([&, task] { backend_.Answer(*layer, task); }).join();
    return absl::OkStatus();
  });
  for (int i = 0; i < 100; ++i) ExpectAlive();
}

TEST_F(InferCallTest, WorkLeftForThePollerRunsThere) {
  backend_.LeaveToPoller();
  ExpectAlive();
  ExpectAlive();
  EXPECT_GE(backend_.runs_on_poller(), 2);
}

TEST_F(InferCallTest, ACallerThatGoesAwayTakesItsTaskBackAndHarmsNobody) {
  backend_.Hold();
  grpc::ClientContext context;
  std::thread caller([&] {
    ModelInferResponse response;
    EXPECT_EQ(stub_->ModelInfer(&context, GoodRequest(), &response).error_code(),
              StatusCode::CANCELLED);
  });
  backend_.WaitForSubmitted(1);
  context.TryCancel();
  caller.join();
  backend_.WaitForCancelled(1);
  EXPECT_EQ(backend_.ReleaseAll(), 0u);
  ExpectAlive();
  server_->Shutdown(hours(1));
  const std::vector<RecordingMetrics::Request> requests = layer_metrics_.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].code, absl::StatusCode::kCancelled);
}

TEST_F(InferCallTest, ACallerThatGoesAwayWhileItsTaskRunsHarmsNobody) {
  backend_.Hold();
  backend_.IgnoreCancellations();
  grpc::ClientContext context;
  std::thread caller([&] {
    ModelInferResponse response;
    EXPECT_EQ(stub_->ModelInfer(&context, GoodRequest(), &response).error_code(),
              StatusCode::CANCELLED);
  });
  backend_.WaitForSubmitted(1);
  context.TryCancel();
  caller.join();
  backend_.WaitForCancelled(1);
  EXPECT_EQ(backend_.ReleaseAll(), 1u);
  ExpectAlive();
}

TEST_F(InferCallTest, ADeadlineThatPassesTakesTheTaskBack) {
  backend_.Hold();
  ModelInferRequest request = GoodRequest();
  grpc::ClientContext context;
  context.set_deadline(system_clock::now() + std::chrono::milliseconds(50));
  ModelInferResponse response;
  EXPECT_EQ(stub_->ModelInfer(&context, request, &response).error_code(),
            StatusCode::DEADLINE_EXCEEDED);
  backend_.WaitForCancelled(1);
  EXPECT_EQ(backend_.ReleaseAll(), 0u);
  ExpectAlive();
}

TEST_F(InferCallTest, ACallKeepsTheVersionItStartedWith) {
  backend_.Hold();
  std::string version;
  std::thread caller([&] {
    ModelInferResponse response;
    EXPECT_TRUE(Infer(GoodRequest(), &response).ok());
    version = response.model_version();
  });
  backend_.WaitForSubmitted(1);
  Publish({});
  backend_.ReleaseAll();
  caller.join();
  EXPECT_EQ(version, "2");
  EXPECT_EQ(Infer(GoodRequest()).error_code(), StatusCode::NOT_FOUND);
}

TEST_F(InferCallTest, EveryCallOfAKnownLayerIsCountedByTheLayer) {
  Infer(GoodRequest());
  ModelInferRequest wrong = GoodRequest();
  wrong.mutable_raw_input_contents(0)->push_back('x');
  Infer(wrong);
  const std::vector<RecordingMetrics::Request> requests = layer_metrics_.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].code, absl::StatusCode::kOk);
  EXPECT_EQ(requests[0].input_bytes, 32);
  EXPECT_EQ(requests[0].output_bytes, 48);
  EXPECT_EQ(requests[1].code, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(requests[1].input_bytes, 33);
  EXPECT_EQ(requests[1].output_bytes, 0);
}

TEST_F(InferCallTest, CallersNamesNeverBecomeLabels) {
  ModelInferRequest request = GoodRequest();
  request.set_model_name("invented");
  Infer(request);
  InferBytes("\x0C");
  request.set_model_name("broken");
  Infer(request);
  const std::string text = metrics_.Serialize();
  EXPECT_THAT(text, testing::Not(HasSubstr("invented")));
  EXPECT_THAT(text, HasSubstr("convoy_unknown_layer_requests_total{code=\"NOT_FOUND\"} 1"));
  EXPECT_THAT(text, HasSubstr("convoy_unknown_layer_requests_total{code=\"INVALID_ARGUMENT\"} 1"));
  EXPECT_THAT(text, HasSubstr("broken"));
}

}  // namespace
}  // namespace convoy::rpc
