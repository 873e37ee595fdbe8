#include "server/rpc/loop_lag.h"

#include "kernel/base/thread.h"

namespace convoy::rpc {
namespace {

constexpr std::chrono::milliseconds kPeriod{500};

constexpr int64_t kBounds[] = {10'000,      25'000,      50'000,      100'000,
                               250'000,     500'000,     1'000'000,   2'500'000,
                               5'000'000,   10'000'000,  25'000'000,  50'000'000,
                               100'000'000, 250'000'000, 500'000'000, 1'000'000'000};

}  // namespace

LoopLag::LoopLag() : nanoseconds_(kBounds) {}

void LoopLag::Bell::Ring() {
  if (rung_.load(std::memory_order_acquire)) return;
  since_ = Clock::now();
  rung_.store(true, std::memory_order_release);
  doorbell_.Ring();
}

bool LoopLag::Bell::OnEvent(bool /*ok*/) {
  doorbell_.Answer();
  nanoseconds_.Observe((Clock::now() - since_).count());
  rung_.store(false, std::memory_order_release);
  return false;
}

void LoopLag::Add(grpc::CompletionQueue& queue) {
  bells_.push_back(std::make_unique<Bell>(queue, nanoseconds_));
}

void LoopLag::Start() {
  thread_ = std::thread([this] { Run(); });
}

void LoopLag::Run() {
  SetThreadName("convoy-lag");
  MutexLock lock(mutex_);
  while (!closed_) {
    closing_.WaitFor(mutex_, kPeriod);
    if (closed_) return;
    for (const auto& bell : bells_) bell->Ring();
  }
}

void LoopLag::Close() {
  {
    MutexLock lock(mutex_);
    closed_ = true;
  }
  closing_.NotifyAll();
  if (thread_.joinable()) thread_.join();
  for (const auto& bell : bells_) bell->Close();
}

}  // namespace convoy::rpc
