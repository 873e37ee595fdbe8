#include "server/options/memory_shares.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace convoy {
namespace {

struct Share {
  std::string_view option;
  int64_t part;  // of 1
  int64_t& (*value)(ServerOptions& values);
};

// What has been received and what runs overlap with what waits and what is not read
// yet: the shares add up to more than 1, what is held at a time does not.
constexpr std::array<Share, 8> kShares = {{
    {"max-message-bytes", 8,
     [](ServerOptions& values) -> int64_t& { return values.grpc.max_message_bytes; }},
    {"max-response-bytes", 8,
     [](ServerOptions& values) -> int64_t& { return values.grpc.max_response_bytes; }},
    {"max-received-bytes", 4,
     [](ServerOptions& values) -> int64_t& { return values.grpc.max_received_bytes; }},
    {"max-queue-bytes", 8,
     [](ServerOptions& values) -> int64_t& { return values.scheduler.max_queue_bytes; }},
    {"max-unread-bytes", 4,
     [](ServerOptions& values) -> int64_t& { return values.scheduler.max_unread_bytes; }},
    {"max-run-bytes", 4,
     [](ServerOptions& values) -> int64_t& { return values.scheduler.max_run_bytes; }},
    {"max-upload-bytes", 8,
     [](ServerOptions& values) -> int64_t& { return values.max_upload_bytes; }},
    {"primitive-cache-bytes", 4,
     [](ServerOptions& values) -> int64_t& { return values.primitive_cache_bytes; }},
}};

}  // namespace

void FitInMemory(int64_t memory_bytes, ParsedOptions& options) {
  options.memory_bytes = memory_bytes;
  for (const Share& share : kShares) {
    const auto option =
        std::find_if(options.in_force.begin(), options.in_force.end(),
                     [&share](const OptionInForce& each) { return each.name == share.option; });
    int64_t& value = share.value(options.values);
    const int64_t most = memory_bytes / share.part;
    if (option->source != OptionSource::kDefault || value <= most) continue;
    value = most;
    option->value = most;
    option->source = OptionSource::kMemoryLimit;
  }
}

}  // namespace convoy
