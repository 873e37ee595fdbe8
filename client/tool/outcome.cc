#include "client/tool/outcome.h"

#include <utility>

#include "client/retry_hint.h"

namespace convoy::tool {

Outcome Refused(absl::Status status) { return {ExitCode::kRefused, std::move(status)}; }
Outcome BadUsage(absl::Status status) { return {ExitCode::kUsage, std::move(status)}; }
Outcome NotConnected(absl::Status status) { return {ExitCode::kNotConnected, std::move(status)}; }

int Report(const Outcome& outcome, std::ostream& err) {
  if (outcome.code != ExitCode::kOk) {
    err << "convoy: ";
    if (outcome.code != ExitCode::kUsage) {
      err << absl::StatusCodeToString(outcome.status.code()) << ": ";
    }
    err << OneLine(std::string(outcome.status.message()));
    if (const auto wait = client::RetryHint(outcome.status)) {
      err << " (retry after " << absl::FormatDuration(*wait) << ")";
    }
    err << std::endl;
  }
  return static_cast<int>(outcome.code);
}

std::string OneLine(std::string_view text) {
  std::string line;
  bool in_run = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool control = byte < 0x20 || byte == 0x7f;
    if (!control) line.push_back(c);
    if (control && !in_run) line.push_back(' ');
    in_run = control;
  }
  return line;
}

}  // namespace convoy::tool
