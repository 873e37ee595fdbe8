#include "client/tool/load_generator.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "client/status_conversion.h"

namespace convoy::tool {
namespace {

// Long enough for any run, short enough to be added to a clock.
constexpr absl::Duration kForever = absl::Hours(24 * 365);

}  // namespace

LoadGenerator::LoadGenerator(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                             const std::vector<std::string>& messages, LoadOptions options)
    : options_(std::move(options)),
      stubs_(channels.begin(), channels.end()),
      slots_(static_cast<size_t>(std::max(1, options_.inflight))) {
  for (size_t i = 0; i < slots_.size(); ++i) slots_[i].stub = &stubs_[i % stubs_.size()];
  for (const std::string& message : messages) {
    const grpc::Slice slice(message);
    messages_.emplace_back(&slice, 1);
  }
}

LoadTally LoadGenerator::Run(const std::function<void(const LoadTally&)>& on_second) {
  LoadTally total;
  begin_ = stretch_start_ = Clock::now();
  end_ = begin_ + absl::ToChronoNanoseconds(std::min(options_.duration, kForever));
  arriving_ = options_.rate > 0;
  std::thread arrivals;
  if (arriving_) {
    arrivals = std::thread([this] { Arrive(); });
  } else {
    StartAll();
  }
  while (arriving_ || ended_ < started_) {
    const Clock::time_point next_second = stretch_start_ + std::chrono::seconds(1);
    WaitForEvent(next_second);
    if (const Clock::time_point now = Clock::now(); now >= next_second) {
      const LoadTally second = CloseStretch(now);
      on_second(second);
      total.Merge(second);
    }
  }
  total.Merge(CloseStretch(Clock::now()));
  if (arrivals.joinable()) arrivals.join();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
  return total;
}

void LoadGenerator::StartAll() {
  for (Slot& slot : slots_) {
    if (MayStart(stretch_start_)) Start(slot, Clock::now());
  }
}

void LoadGenerator::Arrive() {
  {
    const absl::MutexLock lock(&mutex_);
    for (Slot& slot : slots_) free_slots_.push_back(&slot);
  }
  const double seconds = absl::ToDoubleSeconds(options_.duration);
  for (int64_t i = 0; options_.max_requests == 0 || i < options_.max_requests; ++i) {
    const double offset = static_cast<double>(i) / options_.rate;
    if (offset >= seconds) break;
    const Clock::time_point due =
        begin_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(offset));
    std::this_thread::sleep_until(due);
    if (Slot* const slot = TakeFreeSlot()) {
      Start(*slot, due);
    } else {
      dropped_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  arrived_.Set(&queue_, gpr_inf_past(GPR_CLOCK_MONOTONIC), nullptr);
}

LoadGenerator::Slot* LoadGenerator::TakeFreeSlot() {
  const absl::MutexLock lock(&mutex_);
  if (free_slots_.empty()) return nullptr;
  Slot* const slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

void LoadGenerator::WaitForEvent(Clock::time_point until) {
  const auto wait = std::max(Clock::duration::zero(), until - Clock::now());
  void* tag = nullptr;
  bool ok = false;
  const auto event = queue_.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + wait);
  if (event != grpc::CompletionQueue::GOT_EVENT) return;
  if (tag == nullptr) {
    arriving_ = false;
    return;
  }
  Slot& slot = *static_cast<Slot*>(tag);
  const Clock::time_point now = Clock::now();
  Finish(slot, now);
  Reuse(slot, now);
}

void LoadGenerator::Reuse(Slot& slot, Clock::time_point now) {
  if (options_.rate > 0) {
    const absl::MutexLock lock(&mutex_);
    free_slots_.push_back(&slot);
  } else if (MayStart(now)) {
    Start(slot, now);
  }
}

void LoadGenerator::Start(Slot& slot, Clock::time_point due) {
  slot.message = static_cast<size_t>(started_) % messages_.size();
  ++started_;
  slot.due = due;
  slot.answer.Clear();
  slot.context.emplace();
  slot.context->set_deadline(absl::ToChronoTime(absl::Now() + options_.timeout));
  slot.reader = slot.stub->PrepareUnaryCall(&*slot.context, options_.method,
                                            messages_[slot.message], &queue_);
  slot.reader->StartCall();
  slot.reader->Finish(&slot.answer, &slot.status, &slot);
}

void LoadGenerator::Finish(Slot& slot, Clock::time_point now) {
  ++ended_;
  if (slot.status.ok()) {
    stretch_.latency.Record(absl::FromChrono(now - slot.due));
    stretch_.sent_bytes += static_cast<int64_t>(messages_[slot.message].Length());
    stretch_.received_bytes += static_cast<int64_t>(slot.answer.Length());
    return;
  }
  const absl::Status status = client::ToAbslStatus(slot.status);
  if (stretch_.first_error.ok()) stretch_.first_error = status;
  ++stretch_.errors[status.code()];
}

bool LoadGenerator::MayStart(Clock::time_point now) const {
  return now < end_ && (options_.max_requests == 0 || started_ < options_.max_requests);
}

LoadTally LoadGenerator::CloseStretch(Clock::time_point now) {
  stretch_.elapsed = absl::FromChrono(now - stretch_start_);
  stretch_.dropped = dropped_.exchange(0, std::memory_order_relaxed);
  stretch_start_ = now;
  return std::exchange(stretch_, LoadTally());
}

}  // namespace convoy::tool
