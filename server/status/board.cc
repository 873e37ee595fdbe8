#include "server/status/board.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "kernel/base/stop_and_join.h"
#include "kernel/base/thread.h"
#include "server/status/status_json.h"

namespace convoy::status {
namespace {

constexpr std::chrono::seconds kPeriod{1};

Recorder::Moment Now() { return {Recorder::Clock::now(), std::chrono::system_clock::now()}; }

}  // namespace

Board::Board(const registry::Registry& registry, const metrics::Metrics& metrics,
             nlohmann::ordered_json server)
    : registry_(registry), metrics_(metrics), server_(std::move(server)), recorder_(metrics) {
  Look(Now());
}

Board::~Board() { StopAndJoin(thread_, stopping_, stopped_); }

void Board::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    SetThreadName("status");
    Recorder::Clock::time_point next = Recorder::Clock::now() + kPeriod;
    while (WaitUntil(next, stop)) {
      const Recorder::Moment now = Now();
      Look(now);
      next = std::max(next, now.steady) + kPeriod;  // what was missed is not made up for
    }
  });
}

bool Board::WaitUntil(Recorder::Clock::time_point time, const std::stop_token& stop) {
  MutexLock lock(stopping_);
  while (!stop.stop_requested()) {
    const auto left = time - Recorder::Clock::now();
    if (left <= left.zero()) return true;
    stopped_.WaitFor(stopping_, left);
  }
  return false;
}

void Board::Look(Recorder::Moment now) {
  MutexLock lock(mutex_);
  recorder_.Look(now);
  text_ = nullptr;
}

std::shared_ptr<const std::string> Board::Text() {
  MutexLock lock(mutex_);
  if (text_ == nullptr) {
    using Handler = nlohmann::ordered_json::error_handler_t;
    const nlohmann::ordered_json status = StatusJson({registry_, metrics_, server_, recorder_});
    text_ = std::make_shared<const std::string>(
        status.dump(-1, ' ', /*ensure_ascii=*/false, Handler::replace) + "\n");
  }
  return text_;
}

}  // namespace convoy::status
