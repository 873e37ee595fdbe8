#include "server/rpc/lane.h"

#include "server/rpc/health_methods.h"
#include "server/rpc/inference_methods.h"
#include "server/rpc/reflection_methods.h"

namespace convoy::rpc {
namespace {

// How many looks at the poller are between two at answers that are not read.
constexpr int kLooksAtAnswers = 20;

}  // namespace

void Lane::Start(const std::string& name, const InferEnvironment& environment,
                 grpc::AsyncGenericService& service, registry::Registry& registry,
                 LiveCalls& live_calls, const AddMethods& add_methods) {
  health_publisher_ = std::make_unique<HealthPublisher>(registry, *queue_);
  AddInferenceMethods(registry, table_);
  AddHealthMethods(registry, *health_publisher_, table_);
  if (add_methods) add_methods(table_);
  AddReflectionMethods(table_);
  table_.Protect(environment.gate);
  infer_calls_ = std::make_unique<InferCallPool>(environment, *queue_, live_calls);
  table_calls_ = std::make_unique<TableCallPool>(service, table_, *queue_, live_calls);
  health_publisher_->Start();
  infer_calls_->Start();
  table_calls_->Start();
  poller_ = std::make_unique<Poller>(name, *queue_, environment.backend);
}

void Lane::Look() {
  poller_->Look();
  if (++looks_ % kLooksAtAnswers == 0) infer_calls_->GiveUpUnread();
}

void Lane::Close() {
  infer_calls_->Close();
  health_publisher_->Close();
  queue_->Shutdown();
}

}  // namespace convoy::rpc
