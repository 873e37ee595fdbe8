// One of those who share the server.
#ifndef CONVOY_SERVER_BATCHING_TENANT_H_
#define CONVOY_SERVER_BATCHING_TENANT_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"

namespace convoy::batching {

struct TenantLimits {
  // How much work it receives beside the others, while all have something to do.
  double weight = 1;
  // Of its requests at the same time, and of their tensors. 0: as many as all may have.
  int64_t max_in_flight = 0;
  int64_t max_waiting_bytes = 0;
};

// Counts the requests of a tenant and bounds them. Thread-safe. Tenants are kept until the
// server ends: what is waiting refers to them.
class Tenant {
 public:
  enum Outcome { kAnswered, kRefused, kFailed, kOutcomes };

  explicit Tenant(std::string name) : name_(std::move(name)) {}
  Tenant(const Tenant&) = delete;
  Tenant& operator=(const Tenant&) = delete;

  const std::string& name() const { return name_; }
  double weight() const { return weight_.load(std::memory_order_relaxed); }

  // From now on.
  void SetLimits(const TenantLimits& limits);

  // Lets a request in, which holds its room until Leave.
  //   RESOURCE_EXHAUSTED  a limit is reached; with kRetryAfterPayload. Nothing is held.
  absl::Status Enter(int64_t bytes);
  void Leave(int64_t bytes);

  // A request has ended so, let in or not.
  void OnEnd(absl::StatusCode code);

  int64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  uint64_t ended(Outcome outcome) const { return ended_[outcome].load(std::memory_order_relaxed); }

 private:
  const std::string name_;
  std::atomic<double> weight_{1};
  std::atomic<int64_t> max_in_flight_{0};
  std::atomic<int64_t> max_bytes_{0};

  std::atomic<int64_t> in_flight_{0};
  std::atomic<int64_t> bytes_{0};
  std::array<std::atomic<uint64_t>, kOutcomes> ended_ = {};
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_TENANT_H_
