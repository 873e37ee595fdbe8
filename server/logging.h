// Where log lines go and how they look.
#ifndef CONVOY_SERVER_LOGGING_H_
#define CONVOY_SERVER_LOGGING_H_

#include <spdlog/formatter.h>

#include <memory>
#include <string>
#include <string_view>

namespace convoy {

enum class LogFormat { kText, kJson };

// One line a message, in UTC to the millisecond:
//   text  2026-01-31T12:00:00.000Z info convoy ready grpc=127.0.0.1:8001
//   json  {"time":"2026-01-31T12:00:00.000Z","level":"info","message":"convoy ready ..."}
// A line break inside a message is written as \n, so one message stays one line.
std::unique_ptr<spdlog::formatter> MakeLogFormatter(LogFormat format);

// Sends spdlog's default logger to stderr. Call it before other threads log.
// REQUIRES: `level` is one of --log-level's, `format` text or json.
void SetUpLogging(const std::string& level, const std::string& format);

// `text` in double quotes, for a value of key=value that may hold blanks.
std::string Quoted(std::string_view text);

}  // namespace convoy

#endif  // CONVOY_SERVER_LOGGING_H_
