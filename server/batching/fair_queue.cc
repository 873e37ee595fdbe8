#include "server/batching/fair_queue.h"

#include <algorithm>
#include <utility>

#include "kernel/base/status_macros.h"

namespace convoy::batching {
namespace {

// A batch is not cut shorter than this to feed another worker.
constexpr double kShortestBatchSeconds = 200e-6;

}  // namespace

absl::Status FairQueue::Push(const std::shared_ptr<LayerHandle>& layer, Entry& entry,
                             int64_t unread_bytes, Clock::time_point now) {
  LayerQueue& queue = QueueOf(layer, entry.tenant);
  TenantShare& tenant = ShareOf(entry.tenant);
  const auto parts = static_cast<int64_t>(entry.parts.size());
  const Demand demand{.bytes = entry.bytes,
                      .answer_bytes = entry.answer_bytes,
                      .run_bytes = run_memory_.Alone(entry.run_bytes, parts),
                      .seconds = entry.seconds,
                      .wall_seconds = entry.seconds * queue.slowdown.factor(),
                      .parts = parts,
                      .deadline = entry.deadline};
  CONVOY_RETURN_IF_ERROR(
      Admit(options_.limits, BacklogFor(queue, tenant, entry, unread_bytes), demand, now));
  if (queue.empty()) {
    if (tenant.active++ == 0) tenant.share.received = clock_.PlaceOf(tenant.share);
    queue.share.received = tenant.clock.PlaceOf(queue.share);
    active_.push_back({layer, &queue, &tenant});
  }
  queue.Push(entry, now);
  ++stats_.tasks;
  stats_.bytes += entry.bytes;
  run_memory_.Add(entry.run_bytes, parts);
  stats_.answer_bytes += entry.answer_bytes;
  stats_.seconds += entry.seconds;
  return absl::OkStatus();
}

FairQueue::TenantShare& FairQueue::ShareOf(const Tenant* tenant) {
  TenantShare& share = shares_[tenant];
  if (tenant != nullptr) share.weight = tenant->weight();
  return share;
}

double FairQueue::SecondsOfOthers(const TenantShare& tenant, double seconds) const {
  const double received = tenant.active == 0 ? clock_.PlaceOf(tenant.share) : tenant.share.received;
  const double reaches = received + seconds / tenant.weight;
  double sum = 0;
  for (const auto& [name, other] : shares_) {
    if (&other == &tenant || other.active == 0) continue;
    double waits = 0;
    for (const Active& active : active_) {
      if (active.tenant != &other) continue;
      waits += active.queue->waiting_seconds() * active.queue->slowdown.factor();
    }
    sum += std::clamp((reaches - other.share.received) * other.weight, 0.0, waits);
  }
  return sum;
}

Backlog FairQueue::BacklogFor(const LayerQueue& queue, const TenantShare& tenant,
                              const Entry& entry, int64_t unread_bytes) const {
  const auto parts = static_cast<int64_t>(entry.parts.size());
  Backlog backlog{.bytes = stats_.bytes,
                  .answer_bytes = stats_.answer_bytes + unread_bytes,
                  .run_bytes = run_memory_.With(entry.run_bytes, parts)};
  const double slowdown = queue.slowdown.factor();
  backlog.seconds_before =
      queue.SecondsBefore(entry.seconds, entry.priority, options_.limits.workers) * slowdown;
  // Until the task is done its layer receives this, and the tenant's others as much.
  const double received = queue.empty() ? tenant.clock.PlaceOf(queue.share) : queue.share.received;
  const double reaches = received + backlog.seconds_before + entry.seconds * slowdown;
  for (const Active& other : active_) {
    const double waits = other.queue->waiting_seconds() * other.queue->slowdown.factor();
    backlog.seconds += waits;
    if (other.queue == &queue || other.tenant != &tenant) continue;
    backlog.seconds_before += std::clamp(reaches - other.queue->share.received, 0.0, waits);
  }
  backlog.seconds_before +=
      SecondsOfOthers(tenant, backlog.seconds_before + entry.seconds * slowdown);
  return backlog;
}

std::vector<std::pair<std::shared_ptr<LayerHandle>, LayerBacklog>> FairQueue::Backlogs() const {
  std::vector<std::pair<std::shared_ptr<LayerHandle>, LayerBacklog>> backlogs;
  backlogs.reserve(active_.size());
  for (const Active& active : active_) {
    const LayerQueue& queue = *active.queue;
    // Tenants may wait for the same layer.
    auto known = std::find_if(backlogs.begin(), backlogs.end(),
                              [&](const auto& one) { return one.first == active.layer; });
    if (known == backlogs.end()) known = backlogs.insert(known, {active.layer, {}});
    known->second.requests += queue.waiting_tasks();
    known->second.bytes += queue.waiting_bytes();
    known->second.seconds += queue.waiting_seconds();
  }
  return backlogs;
}

bool FairQueue::IsBefore(const Active& one, const Active& other) {
  if (one.tenant == other.tenant) return one.queue->share.received < other.queue->share.received;
  return one.tenant->share.received < other.tenant->share.received;
}

FairQueue::Due FairQueue::FindDue(Clock::time_point now) {
  Due due;
  const auto is_before = [this](size_t layer, size_t other) {
    return other == kNone || IsBefore(active_[layer], active_[other]);
  };
  for (size_t i = 0; i < active_.size(); ++i) {
    LayerQueue& queue = *active_[i].queue;
    TenantShare& tenant = *active_[i].tenant;
    if (delays_) {
      const Clock::time_point ready =
          queue.ReadyAt(kLongestBatchSeconds, active_[i].layer->options());
      if (ready > now) {
        due.later = std::min(due.later, ready);
        continue;
      }
    }
    // While its batch was delayed the layer was as good as idle.
    queue.share.received =
        std::max(queue.share.received, tenant.clock.now() - ShareClock::kCreditSeconds);
    tenant.share.received =
        std::max(tenant.share.received, clock_.now() - ShareClock::kCreditSeconds);
    if (is_before(i, due.next)) due.next = i;
    const bool small = queue.next_part_seconds() <= options_.small_seconds;
    if (small && is_before(i, due.next_small)) due.next_small = i;
  }
  if (due.next == kNone) return due;
  TenantShare& tenant = *active_[due.next].tenant;
  clock_.Advance(tenant.share.received);
  tenant.clock.Advance(active_[due.next].queue->share.received);
  return due;
}

Batch FairQueue::TakeForWorker(Clock::time_point now, Clock::time_point* next_due) {
  const Due due = FindDue(now);
  *next_due = due.later;
  if (due.next == kNone) return {};
  // Taking all that waits of the layer would leave the other workers idle, or to the
  // layers beside it.
  const double share = active_[due.next].queue->waiting_seconds() / options_.limits.workers;
  return Take(due.next, {.seconds = std::clamp(share, kShortestBatchSeconds, kLongestBatchSeconds)},
              now);
}

bool FairQueue::IsFarAhead(const Active& small, const Active& next) {
  // Of another tenant: of the one that is next of its own.
  const double next_layer =
      small.tenant == next.tenant ? next.queue->share.received : small.tenant->clock.now();
  return small.tenant->share.received - next.tenant->share.received >= ShareClock::kCreditSeconds ||
         small.queue->share.received - next_layer >= ShareClock::kCreditSeconds;
}

Batch FairQueue::TakeSmall(Clock::time_point now) {
  const Due due = FindDue(now);
  if (due.next_small == kNone) return {};
  if (IsFarAhead(active_[due.next_small], active_[due.next])) return {};
  return Take(due.next_small,
              {.seconds = options_.small_seconds, .longest_part = options_.small_seconds}, now);
}

Batch FairQueue::Take(size_t layer, LayerQueue::Limits limits, Clock::time_point now) {
  Batch batch{.layer = active_[layer].layer};
  LayerQueue& queue = *active_[layer].queue;
  TenantShare& tenant = *active_[layer].tenant;
  limits.workers = options_.limits.workers;
  queue.Take(limits, batch.layer->options(), now, batch);
  for (const Batch::Part& part : batch.parts) {
    Entry& entry = *part.entry;
    batch.tenant = entry.tenant;
    if (entry.running_parts++ == 0) entry.running_since = now;
    if (part.index + 1 == entry.parts.size()) --stats_.tasks;
    stats_.answer_bytes -= entry.parts[part.index].answer_bytes;
  }
  stats_.seconds -= batch.seconds;
  batch.charged_seconds = batch.seconds * queue.slowdown.factor();
  queue.share.received += batch.charged_seconds;
  tenant.share.received += batch.charged_seconds / tenant.weight;
  if (!batch.parts.empty()) queue.share.last = batch.charged_seconds;
  if (!batch.parts.empty()) tenant.share.last = batch.charged_seconds / tenant.weight;
  const auto runs_on = [this](Entry* entry) {
    return !Drop(*entry, absl::DeadlineExceededError(
                             "the request waited until its deadline could no longer be kept"));
  };
  batch.dropped.erase(std::remove_if(batch.dropped.begin(), batch.dropped.end(), runs_on),
                      batch.dropped.end());
  if (queue.empty()) Retire(queue);
  return batch;
}

void FairQueue::Finish(const Batch& batch, const absl::Status& status, Clock::time_point now,
                       std::vector<Entry*>& done) {
  for (const Batch::Part& part : batch.parts) {
    Entry& entry = *part.entry;
    // Nobody waits for the other parts of what has failed.
    if (!status.ok()) Withdraw(entry, status, now);
    if (!status.ok()) entry.failure.Update(status);
    if (--entry.running_parts > 0) continue;
    entry.ran += now - entry.running_since;
    entry.ran_until = now;
    if (entry.queue != nullptr) continue;
    Leave(entry);
    done.push_back(&entry);
  }
}

void FairQueue::Settle(const Batch& batch, double seconds) {
  if (batch.parts.empty()) return;
  LayerQueue& queue = QueueOf(batch.layer, batch.tenant);
  TenantShare& tenant = ShareOf(batch.tenant);
  const double believed = queue.slowdown.Record(batch.seconds, seconds);
  queue.share.received += believed - batch.charged_seconds;
  queue.share.last = believed;
  tenant.share.received += (believed - batch.charged_seconds) / tenant.weight;
  tenant.share.last = believed / tenant.weight;
}

bool FairQueue::Withdraw(Entry& entry, const absl::Status& why, Clock::time_point now) {
  LayerQueue* const queue = entry.queue;
  if (queue == nullptr) return false;
  queue->Remove(entry, now);
  const bool done = Drop(entry, why);
  if (queue->empty()) Retire(*queue);
  return done;
}

bool FairQueue::Drop(Entry& entry, const absl::Status& why) {
  entry.failure.Update(why);
  --stats_.tasks;
  stats_.seconds -= entry.waiting_seconds;
  for (size_t i = entry.next_part; i < entry.parts.size(); ++i) {
    stats_.answer_bytes -= entry.parts[i].answer_bytes;
  }
  if (entry.running_parts > 0) return false;
  Leave(entry);
  return true;
}

void FairQueue::Leave(const Entry& entry) {
  stats_.bytes -= entry.bytes;
  run_memory_.Remove(entry.run_bytes, static_cast<int64_t>(entry.parts.size()));
}

void FairQueue::Retire(const LayerQueue& queue) {
  const auto layer = std::find_if(active_.begin(), active_.end(),
                                  [&](const Active& one) { return one.queue == &queue; });
  --layer->tenant->active;
  std::swap(*layer, active_.back());
  active_.pop_back();
  // Sums of many different numbers do not come back to zero by themselves.
  if (active_.empty()) stats_.seconds = 0;
}

}  // namespace convoy::batching
