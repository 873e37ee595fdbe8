#include "client/stall_guard.h"

namespace convoy::client {

StallGuard::StallGuard(grpc::ClientContext& context, absl::Duration patience)
    : context_(context), patience_(patience) {
  if (patience_ != absl::InfiniteDuration()) thread_ = std::thread([this] { Watch(); });
}

StallGuard::~StallGuard() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void StallGuard::Moved() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    moved_ = true;
  }
  changed_.notify_all();
}

bool StallGuard::stalled() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stalled_;
}

void StallGuard::Watch() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ending_) {
    moved_ = false;
    const bool something = changed_.wait_for(lock, absl::ToChronoNanoseconds(patience_),
                                             [this] { return moved_ || ending_; });
    if (something) continue;
    stalled_ = true;
    context_.TryCancel();
    return;
  }
}

}  // namespace convoy::client
