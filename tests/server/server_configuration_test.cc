#include "server/server_configuration.h"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <tuple>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/http/live_version_for_test.h"

namespace convoy {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ServerConfigurationTest : public ::testing::Test {
 protected:
  ServerConfigurationTest() {
    auto logger = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_));
    spdlog::set_default_logger(std::move(logger));
    Publish({"conv", "dotted.name"});
  }
  ~ServerConfigurationTest() override {
    spdlog::set_default_logger(previous_);
    std::filesystem::remove(file_);
  }

  void Publish(const std::vector<std::string>& names) {
    std::vector<registry::LiveLayer> layers;
    for (const std::string& name : names) {
      layers.push_back({.name = name});
      layers.back().versions = {
          http::LiveVersionForTest(name, 1, layer::DataFormat::kChannelsLast, 1, 2)};
    }
    registry_.Publish(std::make_shared<const registry::Snapshot>(std::move(layers)));
  }

  void WriteFile(const std::string& text) { std::ofstream(file_) << text; }

  // With the flags and, if it was written, the file.
  void Start(std::vector<const char*> flags = {"--allow-config-changes"}) {
    flags.insert(flags.begin(), {"convoy-server", "--repository=r", "--config", file_.c_str()});
    auto parsed = ParseServerOptions(
        static_cast<int>(flags.size()), flags.data(), [](const char*) { return nullptr; }, "1");
    const auto* const exit = std::get_if<OptionsExit>(&parsed);
    ASSERT_EQ(exit, nullptr) << exit->text;
    configuration_ = std::make_unique<ServerConfiguration>(
        std::get<ParsedOptions>(parsed), Json{{"version", "1"}},
        ServerConfiguration::Parts{registry_, scheduler_, primitives_, overrides_});
  }

  config::ChangeAnswer Change(const std::string& patch, std::vector<std::string> etags = {},
                              bool validate_only = false) {
    return configuration_->Change(
        {.patch = Json::parse(patch), .etags = std::move(etags), .validate_only = validate_only});
  }

  std::string EtagNow() { return configuration_->ShowWithoutLayers()["etag"]; }

  // "value source" of one of the server's options.
  std::string Option(const std::string& name) {
    const Json option = configuration_->ShowWithoutLayers()["server"]["options"][name];
    return option["value"].dump() + " " + option["source"].get<std::string>();
  }

  // The same of a layer's.
  std::string LayerOption(const std::string& layer, const std::string& name) {
    const Json option = configuration_->ShowLayer(layer).value()["versions"][0]["options"][name];
    return option["value"].dump() + " " + option["source"].get<std::string>();
  }

  batching::BatchingOptions OptionsOf(const std::string& layer) {
    return overrides_.For(layer)->Over({});
  }

  const std::string file_ = [] {
    std::string name = ::testing::TempDir() + "configuration_XXXXXX";
    close(mkstemp(name.data()));
    return name;
  }();
  const std::shared_ptr<spdlog::logger> previous_ = spdlog::default_logger();
  std::ostringstream log_;
  registry::Registry registry_;
  engine::ByteBudget primitives_;
  batching::OverridesByLayer overrides_;
  batching::Scheduler scheduler_{{.workers = 1}};
  std::unique_ptr<ServerConfiguration> configuration_;
};

TEST_F(ServerConfigurationTest, ChangesOptionsAndTakesThemBack) {
  Start();
  const config::ChangeAnswer answer =
      Change(R"({"options": {"max-queue-bytes": "1MiB", "drain-seconds": 2.5}})");
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.json["changed"],
            Json::parse(R"([{"option": "max-queue-bytes", "old": 536870912, "new": 1048576,
                             "source": "runtime"},
                            {"option": "drain-seconds", "old": 1.0, "new": 2.5,
                             "source": "runtime"}])"))
      << answer.json;
  EXPECT_EQ(answer.json["kept_across_restart"], false);
  EXPECT_EQ(Option("max-queue-bytes"), "1048576 runtime");
  EXPECT_EQ(configuration_->shutdown_times().drain_seconds, 2.5);
  EXPECT_EQ(configuration_->ShowWithoutLayers()["changes"]["options"],
            Json::parse(R"({"drain-seconds": 2.5, "max-queue-bytes": "1MiB"})"));
  ASSERT_TRUE(Change(R"({"options": {"max-queue-bytes": null}})").status.ok());
  EXPECT_EQ(Option("max-queue-bytes"), "536870912 default");
  EXPECT_EQ(Option("drain-seconds"), "2.5 runtime");
  ASSERT_TRUE(Change(R"({"options": null})").status.ok());
  EXPECT_EQ(Option("drain-seconds"), "1.0 default");
}

TEST_F(ServerConfigurationTest, ChangesWhichCallsAreLogged) {
  Start({"--allow-config-changes", "--slow-request-seconds=3"});
  rpc::CallLog calls({});
  const auto wants = [&](int seconds) {
    return calls.Wants(absl::StatusCode::kOk, std::chrono::seconds(seconds));
  };
  ASSERT_TRUE(Change(R"({"options": {"slow-request-seconds": 5}})").status.ok());
  configuration_->Attach("127.0.0.1:1", calls);
  EXPECT_FALSE(wants(4));  // what was changed before counts
  EXPECT_TRUE(wants(6));
  ASSERT_TRUE(Change(R"({"options": {"access-log": "all"}})").status.ok());
  EXPECT_TRUE(wants(0));
  ASSERT_TRUE(Change(R"({"options": null})").status.ok());
  EXPECT_FALSE(wants(2));
  EXPECT_TRUE(wants(4));
}

TEST_F(ServerConfigurationTest, ChangesTheBatchesOfLayersWithVersionsToCome) {
  Start();
  const auto answer = Change(
      R"({"layers": {"conv": {"max_batch_requests": 8, "max_queue_delay_microseconds": 250}}})");
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.json["changed"][0],
            Json::parse(R"({"layer": "conv", "option": "max_batch_requests", "old": null,
                            "new": 8, "source": "runtime"})"));
  EXPECT_EQ(OptionsOf("conv").max_batch_requests, 8);
  EXPECT_EQ(OptionsOf("conv").max_queue_delay, std::chrono::microseconds(250));
  EXPECT_EQ(LayerOption("conv", "max_batch_requests"), "8 runtime");
  EXPECT_EQ(LayerOption("dotted.name", "max_batch_requests"), "null default");
  ASSERT_TRUE(Change(R"({"layers": {"conv": {"max_batch_requests": null}}})").status.ok());
  EXPECT_EQ(LayerOption("conv", "max_batch_requests"), "null default");
  EXPECT_EQ(LayerOption("conv", "max_queue_delay_microseconds"), "250 runtime");
  ASSERT_TRUE(Change(R"({"layers": {"conv": null}})").status.ok());
  EXPECT_EQ(OptionsOf("conv").max_queue_delay.count(), 0);
  EXPECT_EQ(configuration_->ShowWithoutLayers()["changes"]["layers"], Json::object());
}

TEST_F(ServerConfigurationTest, IsOffUnlessAllowed) {
  Start({});
  const auto answer = Change(R"({"options": {"drain-seconds": 2}})", {}, /*validate_only=*/true);
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(answer.status.message()), HasSubstr("--allow-config-changes"));
  EXPECT_EQ(Option("drain-seconds"), "1.0 default");
}

TEST_F(ServerConfigurationTest, ChangesAllOrNothing) {
  Start();
  const std::string etag = EtagNow();
  const auto answer = Change(R"({"options": {"drain-seconds": 2, "workers": 3, "wrokers": 4},
                                 "layers": {"conv": {"max_batch_requests": 8}}})");
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(answer.status.message()),
              AllOf(HasSubstr("workers: needs a restart"), HasSubstr("wrokers: there is no such")));
  EXPECT_EQ(answer.json["changed"], Json::array());
  EXPECT_EQ(Option("drain-seconds"), "1.0 default");
  EXPECT_EQ(LayerOption("conv", "max_batch_requests"), "null default");
  EXPECT_EQ(EtagNow(), etag);
}

TEST_F(ServerConfigurationTest, SaysWhatWouldHappenWithoutDoingIt) {
  Start();
  const std::string etag = EtagNow();
  const auto answer = Change(R"({"options": {"drain-seconds": 2, "workers": 3}})", {}, true);
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.json["validate_only"], true);
  EXPECT_EQ(answer.json["changed"].size(), 1u);
  EXPECT_EQ(answer.json["refused"][0]["option"], "workers");
  EXPECT_EQ(answer.json["refused"][0]["needs_restart"], true);
  EXPECT_EQ(Option("drain-seconds"), "1.0 default");
  EXPECT_EQ(EtagNow(), etag);
}

TEST_F(ServerConfigurationTest, RefusesWhatIsWrongWithItsReason) {
  Start();
  using Code = absl::StatusCode;
  for (const auto& [patch, code, says] : std::vector<std::tuple<std::string, Code, std::string>>{
           {"[]", Code::kInvalidArgument, "expected an object, got array"},
           {"7", Code::kInvalidArgument, "expected an object"},
           {R"({"option": {}})", Code::kInvalidArgument, "unknown member \"option\""},
           {R"({"options": []})", Code::kInvalidArgument, "options: expected an object"},
           {R"({"layers": 1})", Code::kInvalidArgument, "layers: expected an object"},
           {R"({"layers": {"conv": 1}})", Code::kInvalidArgument,
            "layers.conv: expected an object"},
           {R"({"options": {"no": null}})", Code::kInvalidArgument, "no: there is no such option"},
           {R"({"options": {"log-level": "loud"}})", Code::kInvalidArgument, "log-level"},
           {R"({"options": {"log-level": ["warn"]}})", Code::kInvalidArgument, "got array"},
           {R"({"options": {"max-queue-bytes": -1}})", Code::kInvalidArgument, "max-queue-bytes"},
           {R"({"options": {"max-queue-seconds": 1e9}})", Code::kInvalidArgument, "86400"},
           {R"({"options": {"allow-config-changes": false}})", Code::kFailedPrecondition,
            "needs a restart"},
           {R"({"layers": {"nobody": {"max_batch_requests": 1}}})", Code::kNotFound,
            "layers.nobody: there is no such layer"},
           {R"({"layers": {"conv": {"max_batch": 1}}})", Code::kInvalidArgument,
            "layers.conv.max_batch: there is no such option"},
           {R"({"layers": {"conv": {"max_batch_requests": 0}}})", Code::kInvalidArgument,
            "at least 1, or null, got 0"},
           {R"({"layers": {"conv": {"max_batch_requests": "8"}}})", Code::kInvalidArgument,
            "got \"8\""},
           {R"({"layers": {"conv": {"max_batch_requests": 1.5}}})", Code::kInvalidArgument,
            "got 1.5"},
           {R"({"layers": {"conv": {"max_batch_bytes": 18446744073709551615}}})",
            Code::kInvalidArgument, "at least 1"},
           {R"({"layers": {"conv": {"deterministic": true}}})", Code::kFailedPrecondition,
            "is not changed at run time"}}) {
    const config::ChangeAnswer answer = Change(patch);
    EXPECT_EQ(answer.status.code(), code) << patch << answer.status;
    EXPECT_THAT(std::string(answer.status.message()), HasSubstr(says)) << patch;
  }
  EXPECT_EQ(configuration_->ShowWithoutLayers()["changes"],
            Json::parse(R"({"options": {}, "layers": {}})"));
}

TEST_F(ServerConfigurationTest, AStaleEtagIsAborted) {
  Start();
  const std::string etag = EtagNow();
  const auto first = Change(R"({"options": {"drain-seconds": 2}})", {"other", etag});
  ASSERT_TRUE(first.status.ok()) << first.status;
  EXPECT_EQ(first.json["etag"], EtagNow());
  EXPECT_NE(EtagNow(), etag);
  const auto second = Change(R"({"options": {"drain-seconds": 3}})", {etag});
  EXPECT_EQ(second.status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Option("drain-seconds"), "2.0 runtime");
  // What changes nothing leaves the etag.
  const std::string now = EtagNow();
  ASSERT_TRUE(Change(R"({"options": {"drain-seconds": 2}})", {now}).status.ok());
  EXPECT_EQ(EtagNow(), now);
}

TEST_F(ServerConfigurationTest, LosesNoneOfManyConcurrentUpdates) {
  Start();
  ASSERT_TRUE(Change(R"({"layers": {"conv": {"max_batch_requests": 1}}})").status.ok());
  constexpr int kUpdaters = 16;
  constexpr int kUpdates = 5;
  std::atomic<int> conflicts = 0;
  std::vector<std::thread> updaters;
  for (int i = 0; i < kUpdaters; ++i) {
    updaters.emplace_back([&] {
      for (int done = 0; done < kUpdates;) {
        const Json shown = configuration_->ShowWithoutLayers();
        const int value = shown["changes"]["layers"]["conv"]["max_batch_requests"].get<int>();
        const Json patch = {{"layers", {{"conv", {{"max_batch_requests", value + 1}}}}}};
        const auto answer =
            configuration_->Change({.patch = patch, .etags = {shown["etag"].get<std::string>()}});
        answer.status.ok() ? ++done : ++conflicts;
        if (!answer.status.ok()) {
          EXPECT_EQ(answer.status.code(), absl::StatusCode::kAborted);
        }
      }
    });
  }
  for (std::thread& updater : updaters) updater.join();
  EXPECT_EQ(OptionsOf("conv").max_batch_requests, 1 + kUpdaters * kUpdates);
}

TEST_F(ServerConfigurationTest, LogsEveryChangeWithItsOldAndNewValue) {
  Start();
  ASSERT_TRUE(Change(R"({"options": {"max-queue-bytes": 7},
                         "layers": {"conv": {"max_batch_bytes": 9}}})")
                  .status.ok());
  EXPECT_THAT(log_.str(),
              AllOf(HasSubstr("configuration changed option=max-queue-bytes old=536870912 new=7 "
                              "source=\"runtime\""),
                    HasSubstr("configuration changed layer=\"conv\" option=max_batch_bytes "
                              "old=null new=9 source=\"runtime\"")));
  // A log that is turned down tells of it first, one that is turned up afterwards.
  ASSERT_TRUE(Change(R"({"options": {"log-level": "error"}})").status.ok());
  EXPECT_THAT(log_.str(), HasSubstr("option=log-level old=\"info\" new=\"error\""));
  EXPECT_EQ(spdlog::get_level(), spdlog::level::err);
  ASSERT_TRUE(Change(R"({"options": {"log-level": "debug", "log-format": "json"}})").status.ok());
  EXPECT_THAT(log_.str(), HasSubstr(R"("message":"configuration changed option=log-level)"));
}

TEST_F(ServerConfigurationTest, SectionsLieBelowChanges) {
  WriteFile("[layer.\"dotted.name\"]\nmax_batch_requests = 4\nmax_batch_bytes = 5\n");
  Start();
  EXPECT_EQ(OptionsOf("dotted.name").max_batch_requests, 4);
  EXPECT_EQ(LayerOption("dotted.name", "max_batch_requests"), "4 file");
  ASSERT_TRUE(Change(R"({"layers": {"dotted.name": {"max_batch_requests": 9}}})").status.ok());
  EXPECT_EQ(OptionsOf("dotted.name").max_batch_requests, 9);
  EXPECT_EQ(OptionsOf("dotted.name").max_batch_bytes, 5);
  ASSERT_TRUE(Change(R"({"layers": {"dotted.name": {"max_batch_requests": null}}})").status.ok());
  EXPECT_EQ(LayerOption("dotted.name", "max_batch_requests"), "4 file");
}

TEST_F(ServerConfigurationTest, WarnsOfASectionWithoutALayer) {
  WriteFile("[layer.conv]\n[layer.gone]\nmax_batch_requests = 4\n");
  Start();
  configuration_->WarnOfUnknownLayers();
  EXPECT_THAT(log_.str(), AllOf(HasSubstr("layer=\"gone\""), Not(HasSubstr("layer=\"conv\""))));
}

TEST_F(ServerConfigurationTest, ReadsTheFileAgain) {
  WriteFile("max-queue-bytes = 5\nworkers = 1\n[layer.conv]\nmax_batch_requests = 4\n");
  Start();
  ASSERT_TRUE(Change(R"({"options": {"drain-seconds": 2}})").status.ok());
  WriteFile(
      "max-queue-bytes = 6\nworkers = 2\nshutdown-seconds = 3\ndrain-seconds = 7\n"
      "[layer.conv]\nmax_batch_bytes = 9\ndeterministic = true\n");
  configuration_->Reload();
  EXPECT_EQ(Option("max-queue-bytes"), "6 file");
  EXPECT_EQ(Option("shutdown-seconds"), "3.0 file");
  EXPECT_EQ(Option("drain-seconds"), "2.0 runtime");
  EXPECT_EQ(Option("workers"), "1 file");
  EXPECT_EQ(LayerOption("conv", "max_batch_requests"), "null default");
  EXPECT_EQ(LayerOption("conv", "max_batch_bytes"), "9 file");
  EXPECT_THAT(configuration_->ShowWithoutLayers()["needs_restart"].get<std::vector<std::string>>(),
              ElementsAre("layer.conv.deterministic", "workers"));
  EXPECT_THAT(log_.str(),
              AllOf(HasSubstr("option=max-queue-bytes old=5 new=6 source=\"file\""),
                    HasSubstr("needs a restart to change option=\"workers\""),
                    HasSubstr("needs a restart to change option=\"layer.conv.deterministic\"")));
  // A change does not read it.
  WriteFile("max-queue-bytes = 8\n");
  ASSERT_TRUE(Change(R"({"options": {"drain-seconds": 3}})").status.ok());
  EXPECT_EQ(Option("max-queue-bytes"), "6 file");
  EXPECT_EQ(configuration_->ShowWithoutLayers()["needs_restart"].size(), 2u);
  configuration_->Reload();
  EXPECT_EQ(Option("max-queue-bytes"), "8 file");
  EXPECT_THAT(configuration_->ShowWithoutLayers()["needs_restart"].get<std::vector<std::string>>(),
              ElementsAre("workers"));
}

TEST_F(ServerConfigurationTest, AWrongFileChangesNothing) {
  WriteFile("max-queue-bytes = 5\n");
  Start();
  const Json before = configuration_->ShowWithoutLayers();
  for (const char* const text :
       {"max-queue-bytes = 6\nlog-level = loud\n", "max-queue-bytes = 6\nno-option = 1\n",
        "max-queue-bytes = 6\n[layer.conv]\nmax_batch = 1\n", "[server]\n"}) {
    WriteFile(text);
    configuration_->Reload();
    EXPECT_EQ(configuration_->ShowWithoutLayers(), before) << text;
  }
  std::filesystem::remove(file_);
  configuration_->Reload();
  EXPECT_EQ(configuration_->ShowWithoutLayers(), before);
  EXPECT_THAT(log_.str(), HasSubstr("the option file is not taken, nothing is changed"));
}

TEST_F(ServerConfigurationTest, NicenessGoesDownOnlyWhereTheSystemLetsIt) {
  Start();
  ASSERT_TRUE(Change(R"({"options": {"worker-nice": 5}})").status.ok());
  EXPECT_EQ(Option("worker-nice"), "5 runtime");
  const bool may = scheduler_.MayBeNice(4);
  const auto answer = Change(R"({"options": {"worker-nice": 4}})");
  EXPECT_EQ(answer.status.ok(), may) << answer.status;
  EXPECT_EQ(Option("worker-nice"), may ? "4 runtime" : "5 runtime");
  if (!may) {
    EXPECT_EQ(answer.status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(answer.status.message()), HasSubstr("CAP_SYS_NICE"));
  }
}

}  // namespace
}  // namespace convoy
