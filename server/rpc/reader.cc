#include "server/rpc/reader.h"

namespace convoy::rpc {

std::chrono::nanoseconds Stay::Look(const Reader& reader) {
  const std::optional<uint64_t> call = reader.call();
  const std::chrono::nanoseconds cpu = reader.cpu();
  if (!call.has_value() || call != call_) {
    call_ = call;
    since_ = cpu;
  }
  return cpu - since_;
}

void Stay::Restart(const Reader& reader) {
  call_ = reader.call();
  since_ = reader.cpu();
}

}  // namespace convoy::rpc
