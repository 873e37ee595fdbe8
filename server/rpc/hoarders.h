// Connections that hold memory and ask for nothing.
#ifndef CONVOY_SERVER_RPC_HOARDERS_H_
#define CONVOY_SERVER_RPC_HOARDERS_H_

#include <cstdint>
#include <map>
#include <vector>

#include "server/rpc/connection.h"

namespace convoy::rpc {

// Those to cut so that the process takes `excess` bytes less: who has sent most for each
// byte that was sent to them goes first, until together they have sent so much. A peer
// who lets gRPC collect headers, or messages that do not end, is sent next to nothing;
// one who calls is sent answers. Who has sent less than a megabyte is none, and neither
// is a Unix socket, of which nothing is known.
//
// By descriptor, as in `connections`. Empty when `excess` is not positive.
std::vector<const Connection*> FindHoarders(const std::map<int, Connection>& connections,
                                            int64_t excess);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_HOARDERS_H_
