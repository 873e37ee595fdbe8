#include "server/rpc/infer_call_pool.h"

#include <utility>

namespace convoy::rpc {
namespace {

// As many calls may arrive in one read of a socket before the poller can post
// again; those that find none posted take gRPC's slower path.
constexpr int kPostedCalls = 128;
constexpr size_t kMaxIdleCalls = 256;

}  // namespace

InferCallPool::InferCallPool(const InferEnvironment& environment,
                             grpc::ServerCompletionQueue& queue, LiveCalls& live_calls)
    : environment_(environment), queue_(queue), live_calls_(live_calls) {}

void InferCallPool::Start() {
  for (int i = 0; i < kPostedCalls; ++i) Post();
}

void InferCallPool::Post() {
  std::unique_ptr<InferCall> call;
  if (idle_.empty()) {
    call = std::make_unique<InferCall>(environment_, *this);
  } else {
    call = std::move(idle_.back());
    idle_.pop_back();
  }
  live_calls_.Add();
  call.release()->Post(queue_);  // comes back through TakeBack
}

void InferCallPool::TakeBack(InferCall* call) {
  std::unique_ptr<InferCall> owned(call);
  if (idle_.size() < kMaxIdleCalls) idle_.push_back(std::move(owned));
  live_calls_.Remove();
}

}  // namespace convoy::rpc
