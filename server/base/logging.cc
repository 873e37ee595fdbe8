#include "server/base/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

#include "server/base/recent_warnings.h"

namespace convoy {
namespace {

using Json = nlohmann::json;

// As a JSON string, quotes included. Bytes that are not UTF-8 are replaced.
std::string Escaped(std::string_view text) {
  return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The message, as a JSON string or as text on one line.
class MessageFlag final : public spdlog::custom_flag_formatter {
 public:
  explicit MessageFlag(LogFormat format) : format_(format) {}

  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& line) override {
    const std::string_view text(message.payload.data(), message.payload.size());
    if (format_ == LogFormat::kJson) {
      Append(Escaped(text), line);
      return;
    }
    for (const char c : text) {
      if (c == '\n' || c == '\r') {
        Append(c == '\n' ? "\\n" : "\\r", line);
      } else {
        line.push_back(c);
      }
    }
  }

  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<MessageFlag>(format_);
  }

 private:
  static void Append(std::string_view text, spdlog::memory_buf_t& line) {
    line.append(text.data(), text.data() + text.size());
  }

  const LogFormat format_;
};

// The level as --log-level names it; the library says "warning".
class LevelFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& line) override {
    const std::string_view name = message.level == spdlog::level::warn
                                      ? std::string_view("warn")
                                      : ToView(spdlog::level::to_string_view(message.level));
    line.append(name.data(), name.data() + name.size());
  }

  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LevelFlag>();
  }

 private:
  static std::string_view ToView(spdlog::string_view_t text) { return {text.data(), text.size()}; }
};

}  // namespace

std::unique_ptr<spdlog::formatter> MakeLogFormatter(LogFormat format) {
  constexpr char kText[] = "%Y-%m-%dT%H:%M:%S.%eZ %L %*";
  constexpr char kJson[] = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%L","message":%*})";
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<MessageFlag>('*', format)
      .add_flag<LevelFlag>('L')
      .set_pattern(format == LogFormat::kJson ? kJson : kText);
  return formatter;
}

int LogLevel(const LogOptions& options) { return spdlog::level::from_str(options.level); }

void ChangeLogging(const LogOptions& options) {
  const std::shared_ptr<spdlog::logger> logger = spdlog::default_logger();
  logger->set_formatter(
      MakeLogFormatter(options.format == "json" ? LogFormat::kJson : LogFormat::kText));
  logger->set_level(spdlog::level::from_str(options.level));
}

void SetUpLogging(const LogOptions& options) {
  auto logger = std::make_shared<spdlog::logger>(
      "convoy", spdlog::sinks_init_list{std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                        RecentWarnings::OfThisProcess()});
  spdlog::set_default_logger(std::move(logger));
  ChangeLogging(options);
}

std::string Quoted(std::string_view text) { return Escaped(text); }

}  // namespace convoy
