#include "client/tool/config_command.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "convoy/v1/config_service.grpc.pb.h"
#include "tests/client/tool/run_convoy.h"

namespace convoy::tool {
namespace {

using ::testing::HasSubstr;

// Two options and a layer, and one change that is made.
class FakeConfigService final : public v1::ConfigService::Service {
 public:
  FakeConfigService() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  grpc::Status GetServerConfig(grpc::ServerContext*, const v1::GetServerConfigRequest* request,
                               v1::ServerConfig* config) override {
    if (request->layer() == "nobody") return {grpc::StatusCode::NOT_FOUND, "no such layer"};
    const auto parsed = google::protobuf::util::JsonStringToMessage(R"({
      "etag": "one",
      "server": {"options": {
        "max-queue-bytes": {"value": 1048576, "source": "flag", "unit": "bytes",
                            "changeable": true},
        "required-layers": {"value": ["a", "b"], "source": "default"}}},
      "layers": [{"name": "conv", "versions": [{"options": {
        "max_batch_bytes": {"value": null, "source": "default", "changeable": true}}}]}]})",
                                                                    config);
    return parsed.ok() ? grpc::Status() : grpc::Status(grpc::StatusCode::INTERNAL, "bad test");
  }

  grpc::Status UpdateServerConfig(grpc::ServerContext*,
                                  const v1::UpdateServerConfigRequest* request,
                                  v1::UpdateServerConfigResponse* response) override {
    if (request->etag() == "stale") return {grpc::StatusCode::ABORTED, "etag: another one"};
    response->set_etag("two");
    response->set_validate_only(request->validate_only());
    v1::Change& change = *response->add_changed();
    change.set_option("drain-seconds");
    change.mutable_old()->set_number_value(1);
    change.mutable_new_()->set_number_value(2.5);
    if (request->validate_only()) {
      v1::Refusal& refusal = *response->add_refused();
      refusal.set_option("workers");
      refusal.set_reason("needs a restart");
    }
    return {};
  }

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST(ConfigCommand, ShowsOptionsOneARow) {
  FakeConfigService server;
  const Ran ran = RunConvoy({"config", "get", "--server", server.address()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "OPTION           VALUE    UNIT   SOURCE   CHANGEABLE\n"
            "max-queue-bytes  1048576  bytes  flag     yes\n"
            "required-layers  a,b      -      default  restart\n");
}

TEST(ConfigCommand, ShowsTheNamedOptionsAndThoseOfALayer) {
  FakeConfigService server;
  Ran ran = RunConvoy({"config", "get", "required-layers", "--server", server.address()});
  EXPECT_EQ(ran.out,
            "OPTION           VALUE  UNIT  SOURCE   CHANGEABLE\n"
            "required-layers  a,b    -     default  restart\n");
  ran = RunConvoy({"config", "get", "--layer", "conv", "--server", server.address()});
  EXPECT_EQ(ran.out,
            "OPTION           VALUE  UNIT  SOURCE   CHANGEABLE\n"
            "max_batch_bytes  -      -     default  yes\n");
}

TEST(ConfigCommand, PrintsJsonForScripts) {
  FakeConfigService server;
  Ran ran = RunConvoy(
      {"config", "get", "max-queue-bytes", "--output", "json", "--server", server.address()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  v1::ServerConfig config;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(ran.out, &config).ok()) << ran.out;
  EXPECT_EQ(config.server().options_size(), 1);
  ran = RunConvoy(
      {"config", "set", "drain-seconds=2.5", "--output", "json", "--server", server.address()});
  v1::UpdateServerConfigResponse answer;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(ran.out, &answer).ok()) << ran.out;
  EXPECT_EQ(answer.etag(), "two");
}

TEST(ConfigCommand, ShowsWhatHasChanged) {
  FakeConfigService server;
  const Ran ran = RunConvoy({"config", "set", "drain-seconds=2.5", "--server", server.address()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "changed  -  drain-seconds  1  ->  2.5\n"
            "etag two; not kept across a restart\n");
}

TEST(ConfigCommand, ShowsWhatWouldHappen) {
  FakeConfigService server;
  const Ran ran = RunConvoy({"config", "set", "drain-seconds=2.5", "workers=3", "--validate-only",
                             "--server", server.address()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("would change"));
  EXPECT_THAT(ran.out, HasSubstr("would be refused  -  workers"));
}

TEST(ConfigCommand, TellsTheServersRefusals) {
  FakeConfigService server;
  Ran ran = RunConvoy({"config", "set", "a=1", "--etag", "stale", "--server", server.address()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "convoy: ABORTED: etag: another one\n");
  ran = RunConvoy({"config", "get", "--layer", "nobody", "--server", server.address()});
  EXPECT_EQ(ran.code, 1);
  ran = RunConvoy({"config", "get", "nothing", "--server", server.address()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "convoy: NOT_FOUND: there is no option 'nothing'\n");
}

TEST(ConfigCommand, RefusesWhatItCannotRead) {
  FakeConfigService server;
  for (const std::string word : {"drain-seconds", "=1", ""}) {
    EXPECT_EQ(RunConvoy({"config", "set", word, "--server", server.address()}).code, 2) << word;
  }
  EXPECT_EQ(RunConvoy({"config", "set", "--server", server.address()}).code, 2);
  EXPECT_EQ(RunConvoy({"config", "set", "a=1", "a=2", "--server", server.address()}).code, 2);
  EXPECT_EQ(RunConvoy({"config", "set", "a=1", "--unset", "a", "--server", server.address()}).code,
            2);
  EXPECT_EQ(RunConvoy({"config", "--server", server.address()}).code, 2);
}

TEST(ConfigCommand, ValuesAreNumbersSwitchesOrText) {
  const auto request = UpdateRequest({.assignments = {"a=1048576", "b=64MiB", "c=true", "d=x=y",
                                                      "e=0.5", "f=", "g=9007199254740995"},
                                      .unset = {"h"},
                                      .etag = "one",
                                      .validate_only = true});
  ASSERT_TRUE(request.ok()) << request.status();
  const auto& options = request->changes().options();
  EXPECT_EQ(options.at("a").number_value(), 1048576);
  EXPECT_EQ(options.at("b").string_value(), "64MiB");
  EXPECT_TRUE(options.at("c").bool_value());
  EXPECT_EQ(options.at("d").string_value(), "x=y");
  EXPECT_EQ(options.at("e").number_value(), 0.5);
  EXPECT_EQ(options.at("f").kind_case(), google::protobuf::Value::kStringValue);
  EXPECT_EQ(options.at("g").string_value(), "9007199254740995");
  EXPECT_EQ(options.at("h").kind_case(), google::protobuf::Value::kNullValue);
  EXPECT_EQ(request->etag(), "one");
  EXPECT_TRUE(request->validate_only());
  const auto of_layer = UpdateRequest({.assignments = {"max_batch_bytes=7"}, .layer = "conv"});
  ASSERT_TRUE(of_layer.ok());
  EXPECT_EQ(of_layer->changes().layers().at("conv").fields().at("max_batch_bytes").number_value(),
            7);
  EXPECT_EQ(of_layer->changes().options_size(), 0);
}

}  // namespace
}  // namespace convoy::tool
