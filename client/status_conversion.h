// The one place where a gRPC status becomes an Abseil one.
#ifndef CONVOY_CLIENT_STATUS_CONVERSION_H_
#define CONVOY_CLIENT_STATUS_CONVERSION_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace convoy::client {

// The same code and message: the two libraries number the codes alike.
absl::Status ToAbslStatus(const grpc::Status& status);

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_STATUS_CONVERSION_H_
