#include "server/rpc/infer_call_pool.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/base/repeat_limit.h"

namespace convoy::rpc {
namespace {

// As many calls may arrive in one read of a socket before the poller can post
// again; those that find none posted take gRPC's slower path.
constexpr int kPostedCalls = 128;
constexpr size_t kMaxIdleCalls = 256;

// How long a caller may leave an answer unread when there is too little memory for answers.
constexpr std::chrono::seconds kPatience{1};

}  // namespace

InferCallPool::InferCallPool(const InferEnvironment& environment,
                             grpc::ServerCompletionQueue& queue, LiveCalls& live_calls)
    : environment_(environment),
      queue_(queue),
      live_calls_(live_calls),
      doorbell_(queue, static_cast<QueueEvent&>(*this)) {}

void InferCallPool::Start() {
  for (int i = 0; i < kPostedCalls; ++i) Post();
}

void InferCallPool::Post() {
  std::unique_ptr<InferCall> call;
  if (idle_.empty()) {
    call = std::make_unique<InferCall>(environment_, *this);
    all_.insert(call.get());
  } else {
    call = std::move(idle_.back());
    idle_.pop_back();
  }
  live_calls_.Add();
  call.release()->Post(queue_);  // comes back through TakeBack
}

void InferCallPool::TakeBack(InferCall* call) {
  std::unique_ptr<InferCall> owned(call);
  if (idle_.size() < kMaxIdleCalls) {
    idle_.push_back(std::move(owned));
  } else {
    all_.erase(call);
    owned.reset();
  }
  live_calls_.Remove();
}

void InferCallPool::GiveUpUnread() {
  if (environment_.backend.AnswersPileUp()) doorbell_.Ring();
}

bool InferCallPool::OnEvent(bool /*ok*/) {
  doorbell_.Answer();
  const batching::Clock::time_point before = batching::Clock::now() - kPatience;
  // None is deleted meanwhile: that takes an event of its own.
  const auto given_up = std::count_if(
      all_.begin(), all_.end(), [before](InferCall* call) { return call->GiveUpIfUnread(before); });
  static RepeatLimit limit;
  if (given_up == 0) return false;
  if (const auto left_out = limit.Take(RepeatLimit::Clock::now())) {
    spdlog::warn("gave up answers that were not read while there was too little memory calls={}{}",
                 given_up, ShowLeftOut(*left_out));
  }
  return false;
}

}  // namespace convoy::rpc
