// Whom the server's addresses let in.
#ifndef CONVOY_SERVER_OPTIONS_EXPOSURE_H_
#define CONVOY_SERVER_OPTIONS_EXPOSURE_H_

#include <string>
#include <string_view>

#include "server/options/server_options.h"

namespace convoy {

// Whether one of the addresses, with commas between them, can be reached from other
// machines. A name other than localhost counts as such.
bool IsBeyondLoopback(std::string_view addresses);

// Why the server must not start as it is told to: tokens would be sent in the open; empty
// if nothing is wrong.
std::string ProblemOfExposure(const ServerOptions& options);

// What an operator must know when the server starts: it listens beyond this machine, and
// nothing keeps callers out, or from being overheard. Empty if there is nothing.
std::string WarningOfExposure(const ServerOptions& options);

}  // namespace convoy

#endif  // CONVOY_SERVER_OPTIONS_EXPOSURE_H_
