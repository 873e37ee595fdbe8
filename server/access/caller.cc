#include "server/access/caller.h"

namespace convoy::access {

absl::Status Denied(Permission permission) {
  switch (permission) {
    case Permission::kInfer:
      return absl::PermissionDeniedError("the caller may not use this layer");
    case Permission::kSeeLayer:
      return absl::PermissionDeniedError("the caller may not look at this layer");
    case Permission::kWrite:
      return absl::PermissionDeniedError("the caller may not change anything");
    default:
      return absl::PermissionDeniedError("the caller may not look at this");
  }
}

bool Caller::May(Permission permission) const {
  if (grant_ == nullptr) return true;
  const bool infers = grant_->infer_all || !grant_->infer.empty();
  switch (permission) {
    case Permission::kOpen:
    case Permission::kKnown:
      return true;
    case Permission::kInfer:
      return infers;
    case Permission::kSeeLayer:
      return infers || grant_->read;
    case Permission::kMetrics:
    case Permission::kRead:
      return grant_->read;
    case Permission::kWrite:
      return grant_->write;
  }
  return false;
}

absl::Status Caller::CheckLayer(Permission permission, std::string_view layer) const {
  if (grant_ == nullptr) return absl::OkStatus();
  bool may = true;
  if (permission == Permission::kInfer) may = grant_->MayInfer(layer);
  if (permission == Permission::kSeeLayer) may = grant_->read || grant_->MayInfer(layer);
  return may ? absl::OkStatus() : Denied(permission);
}

}  // namespace convoy::access
