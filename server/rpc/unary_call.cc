#include "server/rpc/unary_call.h"

namespace convoy::rpc {

BytesReply::~BytesReply() {
  if (call_ != nullptr) Fail(absl::InternalError("the method gave no answer"));
}

void UnaryCall::OnNoMessage() {
  call_.Finish(absl::InvalidArgumentError("expected one request message, got none"));
}

}  // namespace convoy::rpc
