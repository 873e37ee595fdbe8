#include "client/tool/bench_command.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/channel.h"
#include "client/client.h"
#include "client/infer_codec.h"
#include "client/retry_hint.h"
#include "client/tool/bench_report.h"
#include "client/tool/load_generator.h"

namespace convoy::tool {
namespace {

constexpr char kInferMethod[] = "/inference.GRPCInferenceService/ModelInfer";

constexpr char kExamples[] = R"(
Examples:
  convoy bench stft --shape 1,1000,64 --inflight 16 --seconds 5
  convoy bench stft --shape 1,1000,64 --lengths 250,500,1000
  convoy bench stft --shape 1,1000,64 --rate 800 --seconds 30
  convoy bench stft --shape 1,1000,64 --requests 10000 --json > result.json

Values are random between -1 and 1. Progress goes to standard error, the report
to standard output.)";

using Shape = std::vector<int64_t>;

absl::Status CheckArguments(const BenchArguments& arguments) {
  const auto is_positive = [](int64_t size) { return size > 0; };
  if (arguments.shape.size() != 3 ||
      !std::all_of(arguments.shape.begin(), arguments.shape.end(), is_positive)) {
    return absl::InvalidArgumentError("--shape: expected three sizes of at least 1, as 1,1000,64");
  }
  if (!std::all_of(arguments.lengths.begin(), arguments.lengths.end(), is_positive)) {
    return absl::InvalidArgumentError("--lengths: expected sizes of at least 1, as 250,500,1000");
  }
  if (std::isnan(arguments.rate) || std::isnan(arguments.seconds)) {
    return absl::InvalidArgumentError("--rate, --seconds: expected a number, got nan");
  }
  if (arguments.connections > Inflight(arguments)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--connections: expected at most one for each of ", Inflight(arguments),
                     " requests in flight (--inflight), got ", arguments.connections));
  }
  return absl::OkStatus();
}

// One shape a length, with the length on the layer's time axis.
absl::StatusOr<std::vector<Shape>> Shapes(const client::Client& server,
                                          const BenchArguments& arguments) {
  if (arguments.lengths.empty()) return std::vector<Shape>{arguments.shape};
  const absl::StatusOr<client::LayerInfo> info =
      server.LayerMetadata(arguments.layer, arguments.version);
  if (!info.ok()) return info.status();
  const std::vector<int64_t> input =
      info->inputs.empty() ? std::vector<int64_t>() : info->inputs[0].shape;
  const bool channels_first = input.size() == 3 && input[1] != -1;
  std::vector<Shape> shapes;
  for (const int64_t length : arguments.lengths) {
    shapes.push_back(arguments.shape);
    shapes.back()[channels_first ? 2 : 1] = length;
  }
  return shapes;
}

absl::StatusOr<client::Tensor> RandomTensor(const Shape& shape) {
  const absl::StatusOr<int64_t> bytes = client::ByteSize(client::DType::kFp32, shape);
  if (!bytes.ok()) return bytes.status();
  if (*bytes > client::kMaxPayloadBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("--shape: expected at most ", client::kMaxPayloadBytes, " bytes, got ",
                     client::ShapeString(shape), ", which is ", *bytes));
  }
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(static_cast<size_t>(*bytes) / sizeof(float));
  for (float& value : values) value = uniform(random);
  const client::TensorView view = client::FloatView(shape, values);
  return client::Tensor{view.dtype, shape, std::string(view.bytes)};
}

// Sends each input once and returns the messages that carried them. A server
// that is full and says when to come again has nothing against them.
absl::StatusOr<std::vector<std::string>> TryOut(const client::Client& server,
                                                const BenchArguments& arguments,
                                                const std::vector<client::Tensor>& inputs) {
  std::vector<std::string> messages;
  for (const client::Tensor& input : inputs) {
    client::InferRequest request;
    request.layer = arguments.layer;
    request.version = arguments.version;
    request.input = input.view();
    const absl::StatusOr<client::InferResult> result = server.Infer(request);
    if (!result.ok() && !client::RetryHint(result.status()).has_value()) return result.status();
    const absl::StatusOr<inference::ModelInferRequest> message =
        client::EncodeInferRequest(arguments.layer, arguments.version, input.view());
    if (!message.ok()) return message.status();
    messages.push_back(message->SerializeAsString());
  }
  return messages;
}

using Channels = std::vector<std::shared_ptr<grpc::Channel>>;

absl::StatusOr<Channels> OpenChannels(const ToolContext& context, int count) {
  Channels channels;
  for (int i = 0; i < count; ++i) {
    absl::StatusOr<std::shared_ptr<grpc::Channel>> channel =
        client::OpenChannel(context.server, context.timeout, context.security);
    if (!channel.ok()) return channel.status();
    channels.push_back(*std::move(channel));
  }
  return channels;
}

LoadTally RunLoad(const ToolContext& context, const BenchArguments& arguments,
                  const Channels& channels, const std::vector<std::string>& messages) {
  LoadOptions options;
  options.method = kInferMethod;
  options.rate = arguments.rate;
  options.inflight = Inflight(arguments);
  options.duration = absl::Seconds(arguments.seconds);
  options.max_requests = arguments.requests;
  options.timeout = context.timeout;
  LoadGenerator generator(channels, messages, options);
  int64_t second = 0;
  return generator.Run(
      [&](const LoadTally& tally) { PrintProgress(++second, tally, context.err); });
}

Outcome Conclude(const LoadTally& tally) {
  if (tally.failed() == 0) return {};
  return Refused(absl::Status(
      tally.first_error.code(),
      absl::StrCat(
          tally.failed(), " of ", tally.failed() + tally.answered(),
          " requests failed, the first with: ", std::string(tally.first_error.message()))));
}

}  // namespace

int Inflight(const BenchArguments& arguments) {
  if (arguments.inflight > 0) return arguments.inflight;
  return arguments.rate > 0 ? 1024 : 16;
}

namespace {

void AddShapes(CLI::App* command, BenchArguments& arguments) {
  command->add_option("--shape", arguments.shape, "Shape of every request's input")
      ->required()
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("N,T,C");
  command
      ->add_option("--lengths", arguments.lengths, "Sequence lengths to use in turn instead of T")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("T,T,...");
}

}  // namespace

CLI::App* AddBenchCommand(CLI::App& app, BenchArguments& arguments) {
  CLI::App* command = app.add_subcommand("bench", "Measure how fast a layer answers");
  command->add_option("LAYER", arguments.layer, "Layer to run")->required()->type_name("");
  AddShapes(command, arguments);
  command
      ->add_option("--rate", arguments.rate,
                   "Requests per second, whether or not earlier ones were answered\n"
                   "(default: a new one whenever one is answered)")
      ->check(CLI::Range(0.001, 1e6))
      ->type_name("R");
  command
      ->add_option("--inflight", arguments.inflight,
                   "Requests under way at any time (default: 16), with --rate\n"
                   "at most (default: 1024; those due beyond are dropped)")
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  command
      ->add_option("--connections", arguments.connections,
                   "Connections that requests are spread over")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--seconds", arguments.seconds, "How long to go on")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("S");
  command->add_option("--requests", arguments.requests, "Stop after so many requests")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command->add_option("--layer-version", arguments.version, "Version to run (default: the newest)")
      ->type_name("N");
  command->add_flag("--json", arguments.json, "Print the report as one JSON object");
  command
      ->add_option_function<std::string>(
          "--output",
          [&arguments](const std::string& format) { arguments.json = format == "json"; },
          "text for people, json for scripts: the same as --json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
  command->footer(kExamples);
  return command;
}

Outcome RunBench(const ToolContext& context, const BenchArguments& arguments) {
  const absl::Status checked = CheckArguments(arguments);
  if (!checked.ok()) return BadUsage(checked);
  const absl::StatusOr<Channels> channels = OpenChannels(context, arguments.connections);
  if (!channels.ok()) return NotConnected(channels.status());
  const client::Client server(inference::GRPCInferenceService::NewStub(channels->front()),
                              context.client_options());
  const absl::StatusOr<std::vector<Shape>> shapes = Shapes(server, arguments);
  if (!shapes.ok()) return Refused(shapes.status());
  std::vector<client::Tensor> inputs;
  for (const Shape& shape : *shapes) {
    absl::StatusOr<client::Tensor> input = RandomTensor(shape);
    if (!input.ok()) return BadUsage(input.status());
    inputs.push_back(*std::move(input));
  }
  const absl::StatusOr<std::vector<std::string>> messages = TryOut(server, arguments, inputs);
  if (!messages.ok()) return Refused(messages.status());
  const LoadTally tally = RunLoad(context, arguments, *channels, *messages);
  if (arguments.json) {
    PrintJsonReport(arguments, tally, context.out);
  } else {
    PrintReport(arguments, tally, context.out);
  }
  return Conclude(tally);
}

}  // namespace convoy::tool
