// Who calls, and what they may do.
#ifndef CONVOY_SERVER_ACCESS_CALLER_H_
#define CONVOY_SERVER_ACCESS_CALLER_H_

#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "server/access/access_list.h"
#include "server/access/permission.h"

namespace convoy::access {

// Keeps the list that it comes from: what changes of it later is for later calls.
class Caller {
 public:
  // One who may do everything.
  Caller() = default;
  // REQUIRES: `grant` is of `list`.
  Caller(std::shared_ptr<const AccessList> list, const Grant* grant)
      : list_(std::move(list)), grant_(grant) {}

  // Null where there is only one.
  batching::Tenant* tenant() const { return grant_ == nullptr ? nullptr : grant_->tenant; }

  // Whether it may be done, for some layer where it depends on one.
  bool May(Permission permission) const;

  //   PERMISSION_DENIED  it may not be done with this layer, whether there is such a layer
  //                      or not. OK for what does not depend on layers.
  absl::Status CheckLayer(Permission permission, std::string_view layer) const;

 private:
  std::shared_ptr<const AccessList> list_;
  const Grant* grant_ = nullptr;  // null: everything
};

// What all refusals say: no more than the caller knows.
absl::Status Denied(Permission permission);

}  // namespace convoy::access

#endif  // CONVOY_SERVER_ACCESS_CALLER_H_
