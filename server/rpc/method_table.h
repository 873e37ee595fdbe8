// Which handler answers which method.
#ifndef CONVOY_SERVER_RPC_METHOD_TABLE_H_
#define CONVOY_SERVER_RPC_METHOD_TABLE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "server/access/gate.h"
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
  };

  absl::flat_hash_map<std::string, Method> methods_;
  const access::Gate* gate_ = nullptr;
};

// "/package.Service/Method"
std::string MethodPath(std::string_view service, std::string_view method);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_METHOD_TABLE_H_
