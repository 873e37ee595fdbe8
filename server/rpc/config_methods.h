// convoy.v1.ConfigService: what the server is told.
#ifndef CONVOY_SERVER_RPC_CONFIG_METHODS_H_
#define CONVOY_SERVER_RPC_CONFIG_METHODS_H_

#include <nlohmann/json_fwd.hpp>

#include "absl/status/statusor.h"
#include "convoy/v1/config_service.pb.h"
#include "server/config/configuration.h"
#include "server/rpc/call_threads.h"
#include "server/rpc/method_table.h"

namespace convoy::rpc {

inline constexpr char kConfigService[] = "convoy.v1.ConfigService";

// What they show is JSON of all layers, so `threads` make it and no poller waits. Both must
// outlive the table.
void AddConfigMethods(config::Configuration& configuration, CallThreads& threads,
                      MethodTable& table);

// What Configuration::Show says, as the message of the same fields. Members that the
// message does not have are left out, unless `strict`: then they are an error.
absl::StatusOr<v1::ServerConfig> ToServerConfig(nlohmann::ordered_json shown, bool strict = false);

// The merge patch that the message is. Whole numbers stay whole.
nlohmann::ordered_json ToPatch(const v1::Changes& changes);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_CONFIG_METHODS_H_
