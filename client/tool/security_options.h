// The options of the tool about TLS and tokens.
#ifndef CONVOY_CLIENT_TOOL_SECURITY_OPTIONS_H_
#define CONVOY_CLIENT_TOOL_SECURITY_OPTIONS_H_

#include <CLI/App.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "client/channel.h"

namespace convoy::tool {

struct SecurityArguments {
  bool tls = false;
  // Paths; empty for none.
  std::string ca;
  std::string certificate;
  std::string key;
  std::string server_name;
  std::string token_file;
};

// `arguments` must outlive the parsing of `app`.
void AddSecurityOptions(CLI::App& app, SecurityArguments& arguments);

// Reads what the arguments name; without a file of a token that of CONVOY_TOKEN, if it is
// set: a token in a command line is seen by everybody on the machine.
//   INVALID_ARGUMENT  options that need --tls or each other.
//   NOT_FOUND, ...    a file cannot be read; names it.
absl::StatusOr<client::Security> ReadSecurity(const SecurityArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_SECURITY_OPTIONS_H_
