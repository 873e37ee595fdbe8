// Triton's LogSettings: what is logged.
#ifndef CONVOY_SERVER_RPC_LOG_SETTINGS_H_
#define CONVOY_SERVER_RPC_LOG_SETTINGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "inference/grpc_predict_v2.pb.h"
#include "server/base/logging.h"
#include "server/config/configuration.h"
#include "server/rpc/method_table.h"

namespace convoy::rpc {

// Adds the method of inference.GRPCInferenceService. `configuration`, whose options
// log-level and log-format it shows and changes, must outlive the table.
void AddLogSettingsMethod(config::Configuration& configuration, MethodTable& table);

// The options as the settings: "info" is log_error, log_warning and log_info.
inference::LogSettingsResponse ToLogSettings(const LogOptions& options);

// What `options` become with the settings: each bool says whether its level is logged.
//   INVALID_ARGUMENT  a setting is unknown, of another type or out of its range; or a level
//                     is to be logged and a more severe one not.
//   UNIMPLEMENTED     log_file names a file.
absl::StatusOr<LogOptions> WithSettings(const LogOptions& options,
                                        const inference::LogSettingsRequest& request);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_LOG_SETTINGS_H_
