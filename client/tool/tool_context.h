// What every command of the tool is given.
#ifndef CONVOY_CLIENT_TOOL_TOOL_CONTEXT_H_
#define CONVOY_CLIENT_TOOL_TOOL_CONTEXT_H_

#include <istream>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "client/channel.h"
#include "client/client.h"

namespace convoy::tool {

struct ToolContext {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  // "host:port".
  std::string server = "127.0.0.1:8001";
  // For connecting and for each call.
  absl::Duration timeout = absl::Seconds(10);
  client::Security security = {};

  client::ClientOptions client_options() const { return {timeout, security}; }
  // Whether a person sees `err` as it comes.
  bool terminal = false;
};

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_TOOL_CONTEXT_H_
