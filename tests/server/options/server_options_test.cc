#include "server/options/server_options.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ServerOptionsTest : public ::testing::Test {
 protected:
  ~ServerOptionsTest() override { std::filesystem::remove(file_); }

  std::variant<ParsedOptions, OptionsExit> Parse(std::vector<const char*> flags) {
    flags.insert(flags.begin(), "convoy-server");
    return ParseServerOptions(
        static_cast<int>(flags.size()), flags.data(),
        [this](const char* name) -> const char* {
          const auto found = environment_.find(name);
          return found == environment_.end() ? nullptr : found->second.c_str();
        },
        "convoy-server 1.2.3");
  }

  ParsedOptions Accepted(const std::vector<const char*>& flags) {
    const auto parsed = Parse(flags);
    if (const auto* exit = std::get_if<OptionsExit>(&parsed)) {
      ADD_FAILURE() << exit->text;
      return {};
    }
    return std::get<ParsedOptions>(parsed);
  }

  OptionsExit Refused(const std::vector<const char*>& flags) {
    const auto parsed = Parse(flags);
    if (std::holds_alternative<ParsedOptions>(parsed)) {
      ADD_FAILURE() << "was accepted";
      return {};
    }
    return std::get<OptionsExit>(parsed);
  }

  // Returns the value for --config.
  const char* WriteFile(const std::string& text) {
    std::ofstream(file_) << text;
    return file_.c_str();
  }

  static nlohmann::ordered_json InForce(const ParsedOptions& parsed, const std::string& name) {
    return ToJson(parsed.in_force).at(name);
  }

  // "value source"
  static std::string ValueAndSource(const ParsedOptions& parsed, const std::string& name) {
    const auto option = InForce(parsed, name);
    return option.at("value").dump() + " " + option.at("source").get<std::string>();
  }

  // Reads everything again, with changes.
  ParsedOptions Changed(const ParsedOptions& parsed, const OptionChanges& changes) {
    refused_.clear();
    auto again = ParseServerOptions(parsed.inputs, changes, &refused_);
    if (const auto* exit = std::get_if<OptionsExit>(&again)) {
      ADD_FAILURE() << exit->text;
      return {};
    }
    return std::get<ParsedOptions>(std::move(again));
  }

  std::vector<RefusedChange> refused_;

  std::map<std::string, std::string> environment_;
  const std::string file_ = [] {
    std::string name = ::testing::TempDir() + "options_XXXXXX";
    close(mkstemp(name.data()));
    return name;
  }();
};

TEST_F(ServerOptionsTest, NeedsOnlyTheRepository) {
  const ParsedOptions parsed = Accepted({"--repository", "layers"});
  EXPECT_EQ(parsed.values.loading.repository, "layers");
  EXPECT_EQ(parsed.values.grpc.address, "127.0.0.1:8001");
  EXPECT_EQ(parsed.values.http_address, "127.0.0.1:8002");
  EXPECT_EQ(parsed.values.grpc.max_message_bytes, 64 << 20);
  EXPECT_EQ(parsed.values.grpc.max_response_bytes, 256 << 20);
  EXPECT_EQ(parsed.values.scheduler.max_queue_bytes, 512 << 20);
  EXPECT_EQ(parsed.values.scheduler.max_queue_seconds, 10);
  EXPECT_EQ(parsed.values.primitive_cache_bytes, 1 << 30);
}

TEST_F(ServerOptionsTest, MissesTheRepositoryWithCode2) {
  const OptionsExit exit = Refused({});
  EXPECT_EQ(exit.code, 2);
  EXPECT_THAT(exit.text, HasSubstr("--repository is required"));
}

TEST_F(ServerOptionsTest, ReadsEveryOptionFromFlags) {
  const ServerOptions values = Accepted({"--repository=r",
                                         "--grpc-address=unix:/tmp/s",
                                         "--http-address=[::1]:0",
                                         "--allow-config-changes",
                                         "--workers=3",
                                         "--worker-nice=4",
                                         "--pollers=2",
                                         "--tuning=off",
                                         "--tuning-file=t.json",
                                         "--repository-mode=fixed",
                                         "--keep-versions=9",
                                         "--tuning-seconds=1.5",
                                         "--max-message-bytes=1048576",
                                         "--max-response-bytes=2MiB",
                                         "--max-queue-bytes=0",
                                         "--max-queue-seconds=1.5",
                                         "--max-unread-bytes=7MiB",
                                         "--max-run-bytes=9MiB",
                                         "--primitive-cache-bytes=3MiB",
                                         "--max-upload-bytes=5MiB",
                                         "--drain-seconds=2.5",
                                         "--shutdown-seconds=0",
                                         "--log-level=debug",
                                         "--log-format=json",
                                         "--max-received-bytes=9MiB",
                                         "--max-connections=7",
                                         "--max-streams=8",
                                         "--max-header-bytes=4KiB",
                                         "--handshake-seconds=1.5",
                                         "--keepalive-seconds=3",
                                         "--keepalive-timeout-seconds=0.5",
                                         "--min-ping-seconds=4",
                                         "--max-connection-idle-seconds=5",
                                         "--max-connection-age-seconds=6",
                                         "--flood-milliseconds=9"})
                                   .values;
  EXPECT_EQ(values.loading.repository, "r");
  EXPECT_EQ(values.grpc.address, "unix:/tmp/s");
  EXPECT_EQ(values.http_address, "[::1]:0");
  EXPECT_TRUE(values.allow_config_changes);
  EXPECT_EQ(values.scheduler.workers, 3);
  EXPECT_EQ(values.scheduler.worker_nice, 4);
  EXPECT_EQ(values.grpc.pollers, 2);
  EXPECT_EQ(values.loading.tuning, "off");
  EXPECT_EQ(values.loading.tuning_file, "t.json");
  EXPECT_EQ(values.loading.mode, "fixed");
  EXPECT_EQ(values.loading.keep_versions, 9);
  EXPECT_EQ(values.max_upload_bytes, 5 << 20);
  EXPECT_EQ(values.loading.tuning_seconds, 1.5);
  EXPECT_EQ(values.grpc.max_message_bytes, 1 << 20);
  EXPECT_EQ(values.grpc.max_response_bytes, 2 << 20);
  EXPECT_EQ(values.scheduler.max_queue_bytes, 0);
  EXPECT_EQ(values.scheduler.max_queue_seconds, 1.5);
  EXPECT_EQ(values.scheduler.max_unread_bytes, 7 << 20);
  EXPECT_EQ(values.scheduler.max_run_bytes, 9 << 20);
  EXPECT_EQ(values.primitive_cache_bytes, 3 << 20);
  EXPECT_EQ(values.drain_seconds, 2.5);
  EXPECT_EQ(values.shutdown_seconds, 0);
  EXPECT_EQ(values.log.level, "debug");
  EXPECT_EQ(values.log.format, "json");
  EXPECT_EQ(values.grpc.max_received_bytes, 9 << 20);
  const rpc::ConnectionLimits& limits = values.grpc.connections;
  EXPECT_EQ(limits.max_connections, 7);
  EXPECT_EQ(limits.max_streams, 8);
  EXPECT_EQ(limits.max_header_bytes, 4 << 10);
  EXPECT_EQ(limits.handshake_seconds, 1.5);
  EXPECT_EQ(limits.keepalive_seconds, 3);
  EXPECT_EQ(limits.keepalive_timeout_seconds, 0.5);
  EXPECT_EQ(limits.min_ping_seconds, 4);
  EXPECT_EQ(limits.max_idle_seconds, 5);
  EXPECT_EQ(limits.max_age_seconds, 6);
  EXPECT_EQ(limits.flood_milliseconds, 9);
}

TEST_F(ServerOptionsTest, GrpcMayListenAtSeveralAddresses) {
  const char* const several = "--grpc-address=127.0.0.1:0,[::1]:8001,unix:/tmp/s";
  EXPECT_EQ(Accepted({"--repository=r", several}).values.grpc.address, several + 15);
}

TEST_F(ServerOptionsTest, ReadsEveryOptionFromVariablesAndFromTheFile) {
  const std::map<std::string, std::string> values = {
      {"repository", "r"},
      {"grpc-address", "a:1"},
      {"http-address", "b:2"},
      {"allow-config-changes", "true"},
      {"workers", "3"},
      {"worker-nice", "19"},
      {"pollers", "2"},
      {"tuning", "background"},
      {"tuning-file", "t"},
      {"max-message-bytes", "4096"},
      {"max-response-bytes", "5"},
      {"max-queue-bytes", "6"},
      {"max-queue-seconds", "0.5"},
      {"max-unread-bytes", "8"},
      {"primitive-cache-bytes", "7"},
      {"drain-seconds", "0"},
      {"shutdown-seconds", "1"},
      {"log-level", "warn"},
      {"log-format", "json"},
      {"repository-mode", "fixed"},
      {"keep-versions", "3"},
      {"tuning-seconds", "2"},
      {"max-received-bytes", "2MiB"},
      {"max-connections", "7"},
      {"max-streams", "8"},
      {"max-header-bytes", "4096"},
      {"handshake-seconds", "1"},
      {"keepalive-seconds", "2"},
      {"keepalive-timeout-seconds", "3"},
      {"min-ping-seconds", "4"},
      {"max-connection-idle-seconds", "5"},
      {"max-connection-age-seconds", "6"},
      {"flood-milliseconds", "9"},
      {"max-run-bytes", "9"},
      {"max-upload-bytes", "9"},
      {"required-layers", "a,b"},
      {"access-log", "all"},
      {"slow-request-seconds", "3"},
      {"tls-cert", "c.pem"},
      {"tls-key", "k.pem"},
      {"tls-client-ca", "a.pem"},
      {"tokens", "t.toml"},
      {"allow-plaintext-tokens", "true"},
      {"open-metrics", "true"},
  };
  std::string text;
  for (const auto& [name, value] : values) {
    std::string variable = "CONVOY_" + name;
    for (char& c : variable) c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
    environment_[variable] = value;
    text += name;
    text += " = " + value + "\n";
  }
  const auto from_environment = ToJson(Accepted({}).in_force);
  environment_.clear();
  const auto from_file = ToJson(Accepted({"--config", WriteFile(text)}).in_force);
  ASSERT_EQ(from_environment.size(), values.size() + 1);  // and config
  for (const auto& [name, value] : values) {
    EXPECT_EQ(from_environment.at(name).at("source"), "environment") << name;
    EXPECT_EQ(from_file.at(name).at("source"), "file") << name;
    EXPECT_EQ(from_file.at(name).at("value"), from_environment.at(name).at("value")) << name;
  }
}

TEST_F(ServerOptionsTest, PrefersFlagsToVariablesToTheFileToDefaults) {
  const char* const file = WriteFile("workers = 1\npollers = 1\nlog-level = \"warn\"\n");
  environment_["CONVOY_WORKERS"] = "2";
  environment_["CONVOY_POLLERS"] = "2";
  const ParsedOptions parsed = Accepted({"--repository=r", "--config", file, "--workers=3"});
  EXPECT_EQ(ValueAndSource(parsed, "workers"), R"(3 flag)");
  EXPECT_EQ(ValueAndSource(parsed, "pollers"), R"(2 environment)");
  EXPECT_EQ(ValueAndSource(parsed, "log-level"), R"("warn" file)");
  EXPECT_EQ(ValueAndSource(parsed, "log-format"), R"("text" default)");
}

TEST_F(ServerOptionsTest, FindsTheFileThroughItsVariable) {
  environment_["CONVOY_CONFIG"] = WriteFile("repository = r\n");
  EXPECT_EQ(Accepted({}).values.loading.repository, "r");
}

TEST_F(ServerOptionsTest, TakesAnEmptyVariableForUnset) {
  environment_["CONVOY_WORKERS"] = "";
  const ParsedOptions parsed = Accepted({"--repository=r"});
  EXPECT_EQ(InForce(parsed, "workers").at("source"), "default");
}

TEST_F(ServerOptionsTest, LeavesVariablesAloneThatItDoesNotKnow) {
  environment_["CONVOY_PORT"] = "tcp://10.0.0.1:8001";
  environment_["CONVOY_SERVICE_HOST"] = "10.0.0.1";
  EXPECT_EQ(Accepted({"--repository=r"}).values.grpc.address, "127.0.0.1:8001");
}

TEST_F(ServerOptionsTest, RefusesBadFlagsWithCode2AndTheirName) {
  for (const auto& [flag, name] : std::map<const char*, std::string>{
           {"--wrokers=1", "wrokers"},
           {"--allow-config-changes=maybe", "--allow-config-changes"},
           {"--workers=-1", "--workers"},
           {"--workers=1025", "--workers"},
           {"--workers=two", "--workers"},
           {"--workers=", "--workers"},
           {"--worker-nice=20", "--worker-nice"},
           {"--worker-nice=-1", "--worker-nice"},
           {"--pollers=1.5", "--pollers"},
           {"--grpc-address=nowhere", "--grpc-address"},
           {"--grpc-address=unix:", "--grpc-address"},
           {"--http-address=unix:", "--http-address"},
           {"--grpc-address=a:1,", "--grpc-address"},
           {"--grpc-address=a:1,b", "--grpc-address"},
           {"--max-connections=0", "--max-connections"},
           {"--max-streams=0", "--max-streams"},
           {"--max-header-bytes=1023", "--max-header-bytes"},
           {"--max-received-bytes=1", "--max-received-bytes"},
           {"--handshake-seconds=0", "--handshake-seconds"},
           {"--keepalive-timeout-seconds=0", "--keepalive-timeout-seconds"},
           {"--flood-milliseconds=-1", "--flood-milliseconds"},
           {"--http-address=a:65536", "--http-address"},
           {"--max-message-bytes=0", "--max-message-bytes"},
           {"--max-message-bytes=2GiB", "--max-message-bytes"},
           {"--max-message-bytes=1XB", "--max-message-bytes"},
           {"--max-queue-bytes=-1", "--max-queue-bytes"},
           {"--max-queue-bytes=99999999999999999999", "--max-queue-bytes"},
           {"--max-queue-bytes=16EiB", "--max-queue-bytes"},
           {"--primitive-cache-bytes=-1", "--primitive-cache-bytes"},
           {"--max-queue-seconds=-0.5", "--max-queue-seconds"},
           {"--drain-seconds=-1", "--drain-seconds"},
           {"--drain-seconds=nan", "--drain-seconds"},
           {"--shutdown-seconds=inf", "--shutdown-seconds"},
           {"--tuning=later", "--tuning"},
           {"--tuning-seconds=-1", "--tuning-seconds"},
           {"--repository-mode=follow", "--repository-mode"},
           {"--keep-versions=0", "--keep-versions"},
           {"--log-level=loud", "--log-level"},
           {"--log-format=xml", "--log-format"},
           {"positional", "positional"}}) {
    const OptionsExit exit = Refused({"--repository=r", flag});
    EXPECT_EQ(exit.code, 2) << flag;
    EXPECT_THAT(exit.text, AllOf(HasSubstr(name), Not(HasSubstr("\n")))) << flag;
  }
  EXPECT_EQ(Refused({"--repository=r", "--workers=1", "--workers=2"}).code, 2);
  EXPECT_EQ(Refused({"--repository"}).code, 2);
}

TEST_F(ServerOptionsTest, RefusesABadVariableWithCode1AndItsName) {
  environment_["CONVOY_MAX_QUEUE_BYTES"] = "lots";
  const OptionsExit exit = Refused({"--repository=r"});
  EXPECT_EQ(exit.code, 1);
  EXPECT_THAT(exit.text, StartsWith("CONVOY_MAX_QUEUE_BYTES: "));
}

TEST_F(ServerOptionsTest, RefusesABadFileWithCode1AndItsName) {
  for (const auto& [text, part] :
       std::map<std::string, std::string>{{"worker = 1\n", "unknown key \"worker\""},
                                          {"config = other\n", "unknown key \"config\""},
                                          {"just some words\n", "unknown key"},
                                          {"workers = many\n", "workers"},
                                          {"workers = [1, 2]\n", "workers"},
                                          {"[layer.a]\nmax_batch = 1\n", "section \"layer.a\""},
                                          {"[layer.a]\nmax_batch_bytes = 0\n", "got 0"},
                                          {"[layer.a]\ndeterministic = 1\n", "true or false"},
                                          {"[server]\nworkers = 1\n", "section \"server\""}}) {
    const OptionsExit exit = Refused({"--repository=r", "--config", WriteFile(text)});
    EXPECT_EQ(exit.code, 1) << text;
    EXPECT_THAT(exit.text, AllOf(StartsWith("config " + file_), HasSubstr(part))) << text;
  }
  EXPECT_EQ(Refused({"--repository=r", "--config=/nowhere"}).code, 1);
}

TEST_F(ServerOptionsTest, ExplainsItselfInGroupsWithUnitsAndDefaults) {
  const OptionsExit exit = Refused({"--help"});
  EXPECT_EQ(exit.code, 0);
  for (const char* const part :
       {"Serving:", "Threads:", "Limits:", "Health:", "Shutdown:", "Logging:", "SECONDS",
        "CONVOY_MAX_MESSAGE_BYTES", "127.0.0.1:8001"}) {
    EXPECT_THAT(exit.text, HasSubstr(part));
  }
  // CLI11 2.4 writes defaults into brackets.
  for (const std::string size : {"64MiB", "1GiB"}) {
    EXPECT_THAT(exit.text, AnyOf(HasSubstr("BYTES=" + size), HasSubstr("BYTES [" + size + "]")));
  }
}

TEST_F(ServerOptionsTest, DescribesEveryOption) {
  const ParsedOptions parsed = Accepted({"--repository=r"});
  EXPECT_EQ(InForce(parsed, "max-queue-bytes").dump(),
            R"({"value":536870912,"source":"default","unit":"bytes","minimum":0,)"
            R"("changeable":true})");
  EXPECT_EQ(InForce(parsed, "workers").dump(),
            R"({"value":0,"source":"default","unit":"threads","minimum":0,"maximum":1024,)"
            R"("changeable":false})");
  EXPECT_EQ(InForce(parsed, "drain-seconds").dump(),
            R"({"value":1.0,"source":"default","unit":"seconds","minimum":0.0,)"
            R"("maximum":86400.0,"changeable":true})");
  EXPECT_EQ(InForce(parsed, "log-format").at("choices").dump(), R"(["text","json"])");
  for (const OptionInForce& option : parsed.in_force) {
    EXPECT_EQ(option.value.is_number(), !option.least.is_null()) << option.name;
    const bool has_unit = option.name.ends_with("bytes") || option.name.ends_with("seconds");
    EXPECT_TRUE(!has_unit || option.name.ends_with(option.unit)) << option.name;
    EXPECT_EQ(option.unit.empty() && has_unit, false) << option.name;
  }
}

TEST_F(ServerOptionsTest, TellsWhatMayBeChangedWhileItRuns) {
  std::vector<std::string> changeable;
  for (const OptionInForce& option : Accepted({"--repository=r"}).in_force) {
    if (option.changeable) changeable.push_back(option.name);
  }
  EXPECT_THAT(changeable,
              ::testing::UnorderedElementsAre(
                  "worker-nice", "max-queue-bytes", "max-unread-bytes", "max-run-bytes",
                  "primitive-cache-bytes", "max-queue-seconds", "drain-seconds", "shutdown-seconds",
                  "log-level", "log-format", "access-log", "slow-request-seconds"));
}

TEST_F(ServerOptionsTest, AChangeBeatsEverythingUntilItIsTakenBack) {
  environment_["CONVOY_MAX_QUEUE_BYTES"] = "1MiB";
  const char* const file = WriteFile("log-level = warn\n");
  const ParsedOptions parsed = Accepted({"--repository=r", "--config", file, "--drain-seconds=3"});
  environment_.clear();  // what was set when the server started counts
  const ParsedOptions changed = Changed(
      parsed, {{"max-queue-bytes", "2MiB"}, {"log-level", "error"}, {"drain-seconds", 4.5}});
  EXPECT_TRUE(refused_.empty());
  EXPECT_EQ(ValueAndSource(changed, "max-queue-bytes"), "2097152 runtime");
  EXPECT_EQ(changed.values.scheduler.max_queue_bytes, 2 << 20);
  EXPECT_EQ(ValueAndSource(changed, "log-level"), "\"error\" runtime");
  EXPECT_EQ(changed.values.drain_seconds, 4.5);
  EXPECT_EQ(ToJson(Changed(changed, {}).in_force), ToJson(parsed.in_force));
}

TEST_F(ServerOptionsTest, RefusesChangesWithTheirReasonAndTakesTheOthers) {
  const ParsedOptions parsed = Accepted({"--repository=r"});
  const ParsedOptions changed = Changed(parsed, {{"workers", 3},
                                                 {"wrokers", 3},
                                                 {"max-queue-bytes", -1},
                                                 {"max-queue-seconds", true},
                                                 {"max-unread-bytes", 1.5},
                                                 {"log-format", "xml"},
                                                 {"log-level", nlohmann::ordered_json::array()},
                                                 {"drain-seconds", ""},
                                                 {"shutdown-seconds", 7}});
  std::map<std::string, absl::StatusCode> codes;
  for (const RefusedChange& change : refused_) codes[change.name] = change.why.code();
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(codes, (std::map<std::string, absl::StatusCode>{
                       {"workers", absl::StatusCode::kFailedPrecondition},
                       {"wrokers", kInvalid},
                       {"max-queue-bytes", kInvalid},
                       {"max-queue-seconds", kInvalid},
                       {"max-unread-bytes", kInvalid},
                       {"log-format", kInvalid},
                       {"log-level", kInvalid},
                       {"drain-seconds", kInvalid}}));
  EXPECT_EQ(changed.values.shutdown_seconds, 7);
  EXPECT_EQ(changed.values.drain_seconds, 1);
}

TEST_F(ServerOptionsTest, ReadsSectionsOfLayers) {
  const ParsedOptions parsed = Accepted(
      {"--repository=r", "--config",
       WriteFile("workers = 1\n[layer.\"a.b\"]\nmax_batch_requests = 8\nconstraints = apply\n")});
  const repository::ServingSections expected = {
      {"a.b", {{"max_batch_requests", "8"}, {"constraints", "apply"}}}};
  EXPECT_EQ(parsed.values.loading.sections, expected);
}

TEST_F(ServerOptionsTest, ReadsRequiredLayersWithCommasBetweenThem) {
  const std::vector<std::string> both = {"a", "b"};
  EXPECT_EQ(Accepted({"--repository=r", "--required-layers=a,b"}).values.required_layers, both);
  EXPECT_EQ(Accepted({"--required-layers", "a,b", "--repository=r"}).values.required_layers, both);
  EXPECT_EQ(Accepted({"--repository=r"}).values.required_layers, std::vector<std::string>());
  EXPECT_EQ(Refused({"--repository=r", "--required-layers="}).code, 2);
  environment_["CONVOY_REQUIRED_LAYERS"] = "a,b";
  const ParsedOptions parsed = Accepted({"--repository=r"});
  EXPECT_EQ(parsed.values.required_layers, both);
  EXPECT_EQ(InForce(parsed, "required-layers").at("value"), nlohmann::ordered_json(both));
}

TEST_F(ServerOptionsTest, BothPortsMayBeUnixSockets) {
  const ServerOptions values =
      Accepted({"--repository=r", "--grpc-address=unix:/tmp/s", "--http-address=unix:/tmp/h"})
          .values;
  EXPECT_EQ(values.grpc.address, "unix:/tmp/s");
  EXPECT_EQ(values.http_address, "unix:/tmp/h");
}

TEST_F(ServerOptionsTest, TellsItsVersion) {
  const OptionsExit exit = Refused({"--version"});
  EXPECT_EQ(exit.code, 0);
  EXPECT_THAT(exit.text, StartsWith("convoy-server "));
}

}  // namespace
}  // namespace convoy
