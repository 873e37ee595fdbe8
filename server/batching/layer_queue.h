// The waiting tasks of one layer version.
#ifndef CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_
#define CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_

#include <cstdint>
#include <memory>

namespace convoy::batching {

// Opaque to the transport: it is found in the registry and handed to
// Scheduler::Submit.
class LayerQueue;

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_
