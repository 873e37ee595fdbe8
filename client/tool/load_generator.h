// Closed-loop load on one RPC.
#ifndef CONVOY_CLIENT_TOOL_LOAD_GENERATOR_H_
#define CONVOY_CLIENT_TOOL_LOAD_GENERATOR_H_

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/tool/load_tally.h"

namespace convoy::tool {

struct LoadOptions {
  // Full method name: "/package.Service/Method".
  std::string method;
  // Requests under way at any time; at least 1.
  int inflight = 16;
  // No request starts later than this after the first.
  absl::Duration duration = absl::Seconds(5);
  // Requests in all; 0 for as many as fit into `duration`.
  int64_t max_requests = 0;
  // Deadline of each request.
  absl::Duration timeout = absl::Seconds(10);
};

// Keeps `inflight` calls under way: whenever one ends the next begins. All on
// the thread that calls Run, over one completion queue and one connection.
//
// The messages are encoded once and go out as they are, in rotation, and
// answers are not parsed: the generator takes as little as it can of a machine
// it shares with the server. Because it waits for answers, a slow server gets
// fewer requests; latencies are those of callers who do the same.
//
// Not thread-safe; Run once.
class LoadGenerator {
 public:
  // REQUIRES: `messages` is not empty.
  LoadGenerator(std::shared_ptr<grpc::Channel> channel, const std::vector<std::string>& messages,
                LoadOptions options);

  // Returns when the last request has ended. `on_second` gets the tally of
  // every full second.
  LoadTally Run(const std::function<void(const LoadTally&)>& on_second);

 private:
  using Clock = std::chrono::steady_clock;

  // One place for a call in flight, used again and again.
  struct Slot {
    std::optional<grpc::ClientContext> context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer answer;
    grpc::Status status;
    size_t message = 0;
    Clock::time_point start;
  };

  void Start(Slot& slot, Clock::time_point now);
  void Finish(Slot& slot, Clock::time_point now);
  bool MayStart(Clock::time_point now) const;
  // Closes the current stretch at `now` and returns it.
  LoadTally CloseStretch(Clock::time_point now);

  const LoadOptions options_;
  grpc::GenericStub stub_;
  std::vector<grpc::ByteBuffer> messages_;
  std::vector<Slot> slots_;
  // After the slots, so that it goes before them.
  grpc::CompletionQueue queue_;

  int64_t started_ = 0;
  int64_t ended_ = 0;
  Clock::time_point end_;
  Clock::time_point stretch_start_;
  LoadTally stretch_;
};

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_LOAD_GENERATOR_H_
