// Where log lines go and how they look.
#ifndef CONVOY_SERVER_BASE_LOGGING_H_
#define CONVOY_SERVER_BASE_LOGGING_H_

#include <spdlog/formatter.h>

#include <memory>
#include <string>
#include <string_view>

namespace convoy {

struct LogOptions {
  // trace, debug, info, warn, error or off.
  std::string level = "info";
  // text or json.
  std::string format = "text";
};

enum class LogFormat { kText, kJson };

// One line per message, in UTC to the millisecond:
//   text  2026-01-31T12:00:00.000Z info convoy ready grpc=127.0.0.1:8001
//   json  {"time":"2026-01-31T12:00:00.000Z","level":"info","message":"convoy ready ..."}
// A line break inside a message is written as \n, so one message stays one line.
std::unique_ptr<spdlog::formatter> MakeLogFormatter(LogFormat format);

// How much is left out: the higher, the less is logged.
int LogLevel(const LogOptions& options);

// Lets the default logger log so from now on. Any thread.
void ChangeLogging(const LogOptions& options);

// Sends spdlog's default logger to stderr, and to RecentWarnings::OfThisProcess. Call it before
// other threads log.
void SetUpLogging(const LogOptions& options);

// `text` in double quotes, for a value of key=value that may hold blanks.
std::string Quoted(std::string_view text);

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_LOGGING_H_
