#include "server/rpc/doorbell.h"

#include <grpc/support/time.h>

namespace convoy::rpc {

void Doorbell::Ring() {
  MutexLock lock(mutex_);
  if (closed_ || rung_) return;
  rung_ = true;
  alarm_.Set(&queue_, gpr_inf_past(GPR_CLOCK_MONOTONIC), &event_);
}

void Doorbell::Answer() {
  MutexLock lock(mutex_);
  rung_ = false;
}

void Doorbell::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
}

}  // namespace convoy::rpc
