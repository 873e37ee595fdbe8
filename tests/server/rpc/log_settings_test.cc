#include "server/rpc/log_settings.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/inference_methods.h"
#include "tests/server/rpc/table_server.h"

namespace convoy::rpc {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;

using Setting = inference::LogSettingsRequest::SettingValue;

Setting Bool(bool value) {
  Setting setting;
  setting.set_bool_param(value);
  return setting;
}

Setting Number(uint32_t value) {
  Setting setting;
  setting.set_uint32_param(value);
  return setting;
}

Setting Text(const std::string& value) {
  Setting setting;
  setting.set_string_param(value);
  return setting;
}

inference::LogSettingsRequest With(const std::map<std::string, Setting>& settings) {
  inference::LogSettingsRequest request;
  for (const auto& [name, value] : settings) (*request.mutable_settings())[name] = value;
  return request;
}

// "level format" that come of `level` and the settings.
std::string Changed(const std::string& level, const std::map<std::string, Setting>& settings) {
  const auto options = WithSettings({.level = level}, With(settings));
  EXPECT_TRUE(options.ok()) << options.status();
  return options.ok() ? options->level + " " + options->format : "";
}

TEST(LogSettingsTest, EveryLevelIsThereAndBack) {
  for (const std::string level : {"off", "error", "warn", "info", "debug", "trace"}) {
    for (const std::string format : {"text", "json"}) {
      const inference::LogSettingsResponse shown = ToLogSettings({level, format});
      inference::LogSettingsRequest request;
      ASSERT_TRUE(request.ParseFromString(shown.SerializeAsString()));
      for (const std::string before : {"off", "trace"}) {
        const auto options = WithSettings({before, "text"}, request);
        ASSERT_TRUE(options.ok()) << options.status();
        EXPECT_EQ(options->level, level);
        EXPECT_EQ(options->format, format);
      }
    }
  }
}

TEST(LogSettingsTest, SettingsChangeWhatTheyName) {
  EXPECT_EQ(Changed("info", {{"log_info", Bool(false)}}), "warn text");
  EXPECT_EQ(Changed("warn", {{"log_info", Bool(true)}}), "info text");
  EXPECT_EQ(Changed("info", {{"log_verbose_level", Number(1)}}), "debug text");
  EXPECT_EQ(Changed("info", {{"log_verbose_level", Number(7)}}), "trace text");
  EXPECT_EQ(Changed("trace", {{"log_verbose_level", Number(0)}}), "info text");
  EXPECT_EQ(Changed("info", {{"log_format", Text("json")}}), "info json");
  EXPECT_EQ(Changed("info", {{"log_file", Text("")}}), "info text");
  EXPECT_EQ(Changed("info", {}), "info text");
}

TEST(LogSettingsTest, RefusesWhatCannotBe) {
  using Settings = std::map<std::string, Setting>;
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  for (const auto& [settings, code, says] :
       std::vector<std::tuple<Settings, absl::StatusCode, std::string>>{
           {{{"log_error", Bool(false)}}, kInvalid, "log_error: expected true with log_warning"},
           {{{"log_info", Bool(false)}, {"log_verbose_level", Number(1)}},
            kInvalid,
            "log_info: expected true with log_verbose_level"},
           {{{"log_info", Number(1)}}, kInvalid, "settings.log_info: expected a bool_param"},
           {{{"log_verbose_level", Bool(true)}}, kInvalid, "expected a uint32_param"},
           {{{"log_format", Text("default")}}, kInvalid, "got \"default\""},
           {{{"log_format", Bool(true)}}, kInvalid, "expected a string_param"},
           {{{"log_file", Text("/tmp/x")}}, absl::StatusCode::kUnimplemented, "stderr"},
           {{{"log_file", Setting()}}, kInvalid, "expected a string_param"},
           {{{"log_colour", Bool(true)}}, kInvalid, "got \"log_colour\""}}) {
    const auto options = WithSettings({}, With(settings));
    EXPECT_EQ(options.status().code(), code) << says;
    EXPECT_THAT(std::string(options.status().message()), HasSubstr(says));
  }
}

class TwoOptions final : public config::Configuration {
 public:
  Json About() const override { return {}; }
  Json ShowWithoutLayers() const override {
    return {
        {"server",
         {{"options", {{"log-level", {{"value", level}}}, {"log-format", {{"value", "text"}}}}}}}};
  }
  Json Show() const override { return ShowWithoutLayers(); }
  absl::StatusOr<Json> ShowLayer(const std::string&) const override { return Json(); }
  config::ChangeAnswer Change(const config::ChangeRequest& request) override {
    patch = request.patch;
    if (!allowed) return {absl::FailedPreconditionError("not allowed"), Json()};
    level = request.patch.at("options").value("log-level", level);
    return {};
  }

  bool allowed = true;
  std::string level = "info";
  Json patch;
};

class LogSettingsMethodTest : public TableServerTest {
 protected:
  LogSettingsMethodTest() {
    AddLogSettingsMethod(configuration_, table_);
    Start();
  }

  grpc::Status Ask(const inference::LogSettingsRequest& request,
                   inference::LogSettingsResponse& response) {
    std::string answer;
    const grpc::Status status =
        Call(MethodPath(kInferenceService, "LogSettings"), request.SerializeAsString(), &answer);
    EXPECT_TRUE(response.ParseFromString(answer));
    return status;
  }

  TwoOptions configuration_;
};

TEST_F(LogSettingsMethodTest, ShowsAndChangesTheOptions) {
  inference::LogSettingsResponse response;
  ASSERT_TRUE(Ask({}, response).ok());
  EXPECT_TRUE(response.settings().at("log_info").bool_param());
  EXPECT_TRUE(configuration_.patch.is_null());  // nothing was to be changed
  ASSERT_TRUE(Ask(With({{"log_info", Bool(false)}}), response).ok());
  EXPECT_FALSE(response.settings().at("log_info").bool_param());
  EXPECT_EQ(configuration_.patch, Json::parse(R"({"options": {"log-level": "warn"}})"));
}

TEST_F(LogSettingsMethodTest, AChangeThatIsNotAllowedIsItsStatus) {
  configuration_.allowed = false;
  inference::LogSettingsResponse response;
  ASSERT_TRUE(Ask({}, response).ok());
  EXPECT_EQ(Ask(With({{"log_info", Bool(false)}}), response).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

}  // namespace
}  // namespace convoy::rpc
