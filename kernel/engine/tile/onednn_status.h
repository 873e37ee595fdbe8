// The one place where oneDNN's exceptions become statuses.
#ifndef CONVOY_KERNEL_ENGINE_TILE_ONEDNN_STATUS_H_
#define CONVOY_KERNEL_ENGINE_TILE_ONEDNN_STATUS_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/out_of_memory.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace convoy::engine {

// Runs `function`, which returns a Status or a StatusOr and may call oneDNN.
//   UNIMPLEMENTED       oneDNN has no implementation for the problem here.
//   RESOURCE_EXHAUSTED  out of memory.
//   INTERNAL            anything else: a bug, the message is oneDNN's.
template <typename Function>
auto CatchOnednn(const char* doing, Function&& function) -> decltype(function()) {
  return CatchOutOfMemory(doing, [&]() -> decltype(function()) {
    try {
      return std::forward<Function>(function)();
    } catch (const dnnl::error& error) {
      const std::string text = absl::StrCat("oneDNN: ", doing, ": ", error.what());
      if (error.status == dnnl_unimplemented) return absl::UnimplementedError(text);
      if (error.status == dnnl_out_of_memory) return absl::ResourceExhaustedError(text);
      return absl::InternalError(text);
    }
  });
}

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_ONEDNN_STATUS_H_
