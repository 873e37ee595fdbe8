#include "server/rpc/log_settings.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/rpc/inference_methods.h"
#include "server/rpc/quoted.h"
#include "server/rpc/unary_method.h"

namespace convoy::rpc {
namespace {

using Setting = inference::LogSettingsRequest::SettingValue;

// From what says nothing to what says all; the first three have a bool each.
constexpr std::array<const char*, 6> kLevels = {"off", "error", "warn", "info", "debug", "trace"};
constexpr std::array<const char*, 3> kBools = {"log_error", "log_warning", "log_info"};

// What is logged, as Triton asks for it.
struct Flags {
  std::array<bool, kBools.size()> logged{};
  uint32_t verbose = 0;
};

size_t IndexOf(const std::string& level) {
  const auto found = std::find(kLevels.begin(), kLevels.end(), level);
  return static_cast<size_t>(found - kLevels.begin());
}

Flags FlagsOf(const std::string& level) {
  const size_t index = IndexOf(level);
  Flags flags;
  for (size_t i = 0; i < kBools.size(); ++i) flags.logged[i] = index > i;
  flags.verbose = index > kBools.size() ? static_cast<uint32_t>(index - kBools.size()) : 0;
  return flags;
}

// The level with which just that is logged.
absl::StatusOr<std::string> LevelOf(const Flags& flags) {
  size_t level = 0;
  while (level < kBools.size() && flags.logged[level]) ++level;
  for (size_t i = level; i < kBools.size(); ++i) {
    if (flags.logged[i]) {
      return absl::InvalidArgumentError(
          absl::StrCat(kBools[level], ": expected true with ", kBools[i],
                       ", what is more severe is logged too, got false"));
    }
  }
  if (flags.verbose == 0) return std::string(kLevels[level]);
  if (level < kBools.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(kBools[level], ": expected true with log_verbose_level, got false"));
  }
  return std::string(kLevels[std::min(level + flags.verbose, kLevels.size() - 1)]);
}

absl::Status WrongType(const std::string& name, const char* expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("settings.", name, ": expected a ", expected, ", got another kind of value"));
}

absl::Status ReadFormat(const Setting& value, LogOptions& options) {
  if (!value.has_string_param()) return WrongType("log_format", "string_param");
  if (value.string_param() == "ISO8601") {
    options.format = "text";
  } else if (value.string_param() == "json") {
    options.format = "json";
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("settings.log_format: expected \"ISO8601\" or \"json\", got ",
                     Quoted(value.string_param())));
  }
  return absl::OkStatus();
}

absl::Status Read(const std::string& name, const Setting& value, Flags& flags,
                  LogOptions& options) {
  const auto flag = std::find(kBools.begin(), kBools.end(), name);
  if (flag != kBools.end()) {
    if (!value.has_bool_param()) return WrongType(name, "bool_param");
    flags.logged[static_cast<size_t>(flag - kBools.begin())] = value.bool_param();
  } else if (name == "log_verbose_level") {
    if (!value.has_uint32_param()) return WrongType(name, "uint32_param");
    flags.verbose = value.uint32_param();
  } else if (name == "log_format") {
    return ReadFormat(value, options);
  } else if (name == "log_file") {
    if (!value.has_string_param()) return WrongType(name, "string_param");
    if (!value.string_param().empty()) {
      return absl::UnimplementedError("settings.log_file: the log goes to stderr, not to a file");
    }
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("settings: expected log_file, log_info, log_warning, log_error, "
                     "log_verbose_level or log_format, got ",
                     Quoted(name)));
  }
  return absl::OkStatus();
}

LogOptions InForce(const config::Configuration& configuration) {
  const nlohmann::ordered_json shown = configuration.ShowWithoutLayers();
  const nlohmann::ordered_json& options = shown.at("server").at("options");
  return {.level = options.at("log-level").at("value").get<std::string>(),
          .format = options.at("log-format").at("value").get<std::string>()};
}

absl::Status Change(config::Configuration& configuration,
                    const inference::LogSettingsRequest& request) {
  const LogOptions before = InForce(configuration);
  CONVOY_ASSIGN_OR_RETURN(const LogOptions after, WithSettings(before, request));
  nlohmann::ordered_json options = nlohmann::ordered_json::object();
  if (after.level != before.level) options["log-level"] = after.level;
  if (after.format != before.format) options["log-format"] = after.format;
  return configuration.Change({.patch = {{"options", std::move(options)}}}).status;
}

}  // namespace

inference::LogSettingsResponse ToLogSettings(const LogOptions& options) {
  const Flags flags = FlagsOf(options.level);
  inference::LogSettingsResponse response;
  const auto setting = [&](std::string_view name) -> auto& {
    return (*response.mutable_settings())[std::string(name)];
  };
  for (size_t i = 0; i < kBools.size(); ++i) setting(kBools[i]).set_bool_param(flags.logged[i]);
  setting("log_verbose_level").set_uint32_param(flags.verbose);
  setting("log_format").set_string_param(options.format == "text" ? "ISO8601" : options.format);
  setting("log_file").set_string_param("");
  return response;
}

absl::StatusOr<LogOptions> WithSettings(const LogOptions& options,
                                        const inference::LogSettingsRequest& request) {
  LogOptions changed = options;
  Flags flags = FlagsOf(options.level);
  for (const auto& [name, value] : request.settings()) {
    CONVOY_RETURN_IF_ERROR(Read(name, value, flags, changed));
  }
  CONVOY_ASSIGN_OR_RETURN(changed.level, LevelOf(flags));
  return changed;
}

void AddLogSettingsMethod(config::Configuration& configuration, MethodTable& table) {
  AddUnary<inference::LogSettingsRequest, inference::LogSettingsResponse>(
      table, MethodPath(kInferenceService, "LogSettings"),
      [&configuration](const auto& request) -> absl::StatusOr<inference::LogSettingsResponse> {
        if (!request.settings().empty()) {
          CONVOY_RETURN_IF_ERROR(Change(configuration, request));
        }
        return ToLogSettings(InForce(configuration));
      });
}

}  // namespace convoy::rpc
