// What the transport needs of whoever computes.
#ifndef CONVOY_SERVER_RPC_INFER_BACKEND_H_
#define CONVOY_SERVER_RPC_INFER_BACKEND_H_

#include "absl/status/status.h"
#include "server/batching/task.h"
#include "server/registry/registry.h"

namespace convoy::rpc {

// Implementations are thread-safe. Must outlive the server that uses it.
class InferBackend {
 public:
  virtual ~InferBackend() = default;

  // Takes `task` iff OK; then its call-back runs exactly once, on any thread and
  // possibly before this returns. Does not block.
  //   RESOURCE_EXHAUSTED  full; retry later.
  //   UNAVAILABLE         no more work is taken.
  virtual absl::Status Submit(const registry::LiveVersion& version, batching::Task* task) = 0;

  // The same with the layer's convolution alone, without its bias and activation, which
  // may have to be made ready first: what it waits for then is not Submit's queue.
  virtual absl::Status SubmitConvolution(const registry::LiveVersion& version,
                                         batching::Task* task) = 0;

  // Drops `task` if it still waits: then it is called back with `why`, here unless
  // a part of it is being computed.
  // REQUIRES: Submit took `task`, and it still exists.
  virtual void Cancel(batching::Task* task, const absl::Status& why) = 0;

  // Runs small work that Submit left for the calling thread. Returns whether
  // anything ran.
  virtual bool RunOnPoller() = 0;

  // Whether so many are turned away that who reads requests should do so in rounds.
  virtual bool Overloaded() const = 0;

  // Whether answers that callers do not read take most of the memory that they may.
  virtual bool AnswersPileUp() const = 0;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_INFER_BACKEND_H_
