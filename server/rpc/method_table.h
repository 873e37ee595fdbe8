// Which handler answers which method.
#ifndef CONVOY_SERVER_RPC_METHOD_TABLE_H_
#define CONVOY_SERVER_RPC_METHOD_TABLE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/access/gate.h"
#include "server/metrics/layer_instruments.h"
#include "server/metrics/sharded_counters.h"
#include "server/rpc/call_handler.h"

namespace convoy::rpc {

class TableCall;

// Every method of the server but ModelInfer, by its path "/package.Service/Method".
//
// Filled before the server takes calls, then read by one poller. Handlers refer
// to the call that they are made for.
class MethodTable {
 public:
  using HandlerFactory = std::function<std::unique_ptr<CallHandler>(TableCall& call)>;

  // REQUIRES: the path is new.
  void Add(const std::string& path, HandlerFactory factory);

  // A method that clients of other servers may call and that is not served:
  // `reason` is a sentence for them.
  void AddUnserved(const std::string& path, std::string reason);

  // A handler for `call`.
  //   UNIMPLEMENTED  there is no such method, or it is not served; says which or
  //                  why.
  absl::StatusOr<std::unique_ptr<CallHandler>> MakeHandler(std::string_view path,
                                                           TableCall& call) const;

  // Where calls of the method are counted by status when they end, by any thread; those
  // of all methods that are not served have one place.
  using Counts = metrics::ShardedCounters<metrics::kStatusCodes>;
  Counts& CountsOf(std::string_view path) const;

  // How many calls of a method have ended so.
  struct Ended {
    std::string method;  // "package.Service/Method", or "other"
    absl::StatusCode code = absl::StatusCode::kOk;
    uint64_t calls = 0;
  };
  // Of each method that is served those that ended with OK, and all others that are
  // more than none. Sorted.
  std::vector<Ended> EndedCalls() const;
  // Calls need what the gate wants of them (access::PermissionOfMethod).
  void Protect(const access::Gate* gate) { gate_ = gate; }
  // Null: everybody may call everything.
  const access::Gate* gate() const { return gate_; }

  // "package.Service" of all methods that are served, sorted.
  std::vector<std::string> Services() const;

 private:
  struct Method {
    HandlerFactory factory;  // null if it is not served
    std::string unserved;
    std::unique_ptr<Counts> counts;  // null if it is not served
  };

  absl::flat_hash_map<std::string, Method> methods_;
  const std::unique_ptr<Counts> others_ = std::make_unique<Counts>();
  const access::Gate* gate_ = nullptr;
};

// Fills a part of a table, once for each lane.
using AddMethods = std::function<void(MethodTable& table)>;

// "/package.Service/Method"
std::string MethodPath(std::string_view service, std::string_view method);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_METHOD_TABLE_H_
