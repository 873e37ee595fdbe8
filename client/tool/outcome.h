// How a command of the tool ended.
#ifndef CONVOY_CLIENT_TOOL_OUTCOME_H_
#define CONVOY_CLIENT_TOOL_OUTCOME_H_

#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace convoy::tool {

enum class ExitCode {
  kOk = 0,
  // The server answered with an error, or stopped answering.
  kRefused = 1,
  // Wrong flags, or an input or output that cannot be used.
  kUsage = 2,
  kNotConnected = 3,
};

struct Outcome {
  ExitCode code = ExitCode::kOk;
  absl::Status status;
};

Outcome Refused(absl::Status status);
Outcome BadUsage(absl::Status status);
Outcome NotConnected(absl::Status status);

// Prints nothing for kOk, otherwise one line: "convoy: CODE: message", without
// the code for kUsage, where no server spoke, and with the time to wait if the
// server told one. Returns the process exit code.
int Report(const Outcome& outcome, std::ostream& err);

// `text` with every run of control characters turned into one space, so that
// what a server sends neither breaks a line nor drives the terminal.
std::string OneLine(std::string_view text);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_OUTCOME_H_
