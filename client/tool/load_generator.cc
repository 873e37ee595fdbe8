#include "client/tool/load_generator.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "client/status_conversion.h"

namespace convoy::tool {
namespace {

// Long enough for any run, short enough to be added to a clock.
constexpr absl::Duration kForever = absl::Hours(24 * 365);

}  // namespace

LoadGenerator::LoadGenerator(std::shared_ptr<grpc::Channel> channel,
                             const std::vector<std::string>& messages, LoadOptions options)
    : options_(std::move(options)),
      stub_(std::move(channel)),
      slots_(static_cast<size_t>(std::max(1, options_.inflight))) {
  for (const std::string& message : messages) {
    const grpc::Slice slice(message);
    messages_.emplace_back(&slice, 1);
  }
}

LoadTally LoadGenerator::Run(const std::function<void(const LoadTally&)>& on_second) {
  LoadTally total;
  stretch_start_ = Clock::now();
  end_ = stretch_start_ + absl::ToChronoNanoseconds(std::min(options_.duration, kForever));
  for (Slot& slot : slots_) {
    if (MayStart(stretch_start_)) Start(slot, Clock::now());
  }
  while (ended_ < started_) {
    const Clock::time_point next_second = stretch_start_ + std::chrono::seconds(1);
    const auto wait = std::max(Clock::duration::zero(), next_second - Clock::now());
    void* tag = nullptr;
    bool ok = false;
    const auto event = queue_.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + wait);
    const Clock::time_point now = Clock::now();
    if (event == grpc::CompletionQueue::GOT_EVENT) {
      Slot& slot = *static_cast<Slot*>(tag);
      Finish(slot, now);
      if (MayStart(now)) Start(slot, now);
    }
    if (now >= next_second) {
      const LoadTally second = CloseStretch(now);
      on_second(second);
      total.Merge(second);
    }
  }
  total.Merge(CloseStretch(Clock::now()));
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
  return total;
}

void LoadGenerator::Start(Slot& slot, Clock::time_point now) {
  slot.message = static_cast<size_t>(started_) % messages_.size();
  ++started_;
  slot.start = now;
  slot.answer.Clear();
  slot.context.emplace();
  slot.context->set_deadline(absl::ToChronoTime(absl::Now() + options_.timeout));
  slot.reader =
      stub_.PrepareUnaryCall(&*slot.context, options_.method, messages_[slot.message], &queue_);
  slot.reader->StartCall();
  slot.reader->Finish(&slot.answer, &slot.status, &slot);
}

void LoadGenerator::Finish(Slot& slot, Clock::time_point now) {
  ++ended_;
  if (slot.status.ok()) {
    stretch_.latency.Record(absl::FromChrono(now - slot.start));
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
  stretch_start_ = now;
  return std::exchange(stretch_, LoadTally());
}

}  // namespace convoy::tool
