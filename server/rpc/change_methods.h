// The methods of convoy.v1.LayerService that change layers.
#ifndef CONVOY_SERVER_RPC_CHANGE_METHODS_H_
#define CONVOY_SERVER_RPC_CHANGE_METHODS_H_

#include <cstddef>

#include "server/management/layer_changes.h"
#include "server/management/upload_store.h"
#include "server/registry/registry.h"
#include "server/rpc/call_threads.h"
#include "server/rpc/method_table.h"

namespace convoy::rpc {

// What they work with; all of it outlives the table and its calls.
struct ChangeParts {
  const registry::Registry& registry;
  const management::LayerChanges& changes;
  management::UploadStore& uploads;
  CallThreads& writers;  // of what waits for the disk
  CallThreads& readers;  // of uploads, which only fill memory
  size_t max_message_bytes = 0;
};

void AddChangeMethods(const ChangeParts& parts, MethodTable& table);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_CHANGE_METHODS_H_
