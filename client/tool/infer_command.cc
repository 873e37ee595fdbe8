#include "client/tool/infer_command.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/client.h"
#include "client/npy.h"
#include "client/tool/preview.h"

namespace convoy::tool {
namespace {

constexpr char kExamples[] = R"(
Examples:
  convoy infer stft --input speech.npy --output spectrum.npy
  python3 make_signal.py | convoy infer stft --input - --output - | python3 plot.py
  convoy infer stft --input ints.npy --dtype FP32

The array is a .npy file as numpy.save writes it, shaped (N, T, C) or (N, C, T)
by the layer's data_format.)";

absl::StatusOr<client::Tensor> ReadInput(const ToolContext& context,
                                         const InferArguments& arguments) {
  absl::StatusOr<client::Tensor> input =
      arguments.input == "-" ? client::ReadNpy(context.in) : client::ReadNpyFile(arguments.input);
  if (!input.ok() || arguments.dtype.empty()) return input;
  const absl::StatusOr<client::DType> dtype = client::DTypeFromName(arguments.dtype);
  if (!dtype.ok()) return dtype.status();
  return client::Cast(input->view(), *dtype);
}

void PrintSummary(const client::InferResult& result, std::ostream& out) {
  out << client::DTypeName(result.output.dtype) << " " << client::ShapeString(result.output.shape)
      << absl::StrFormat(" in %.2f ms", absl::ToDoubleMilliseconds(result.round_trip));
  if (!result.version.empty()) out << ", version " << OneLine(result.version);
  out << '\n';
}

Outcome WriteOutput(const ToolContext& context, const InferArguments& arguments,
                    const client::InferResult& result) {
  const client::TensorView output = result.output.view();
  absl::Status status;
  if (arguments.output == "-") {
    status = client::WriteNpy(output, context.out);
  } else if (!arguments.output.empty()) {
    status = client::WriteNpyFile(output, arguments.output);
  }
  if (!status.ok()) return BadUsage(status);
  if (arguments.output != "-") PrintSummary(result, context.out);
  if (arguments.output.empty()) PrintPreview(output, context.out);
  return {};
}

}  // namespace

CLI::App* AddInferCommand(CLI::App& app, InferArguments& arguments) {
  CLI::App* command = app.add_subcommand("infer", "Run a layer on one array");
  command->add_option("LAYER", arguments.layer, "Layer to run")->required()->type_name("");
  command->add_option("--input,-i", arguments.input, "Array to send, - for standard input")
      ->type_name("FILE.npy")
      ->capture_default_str();
  command
      ->add_option("--output,-o", arguments.output,
                   "Where the answer goes, - for standard output; a preview is printed without")
      ->type_name("FILE.npy");
  command->add_option("--layer-version", arguments.version, "Version to run (default: the newest)")
      ->type_name("N");
  command
      ->add_option("--dtype", arguments.dtype,
                   "Convert to FP32 or FP64 before sending (default: send as it is)")
      ->type_name("TYPE");
  command->footer(kExamples);
  return command;
}

Outcome RunInfer(const ToolContext& context, const InferArguments& arguments) {
  const absl::StatusOr<client::Tensor> input = ReadInput(context, arguments);
  if (!input.ok()) return BadUsage(input.status());
  const absl::StatusOr<std::unique_ptr<client::Client>> server =
      client::Client::Connect(context.server, context.client_options());
  if (!server.ok()) return NotConnected(server.status());
  client::InferRequest request;
  request.layer = arguments.layer;
  request.version = arguments.version;
  request.input = input->view();
  const absl::StatusOr<client::InferResult> result = (*server)->Infer(request);
  if (!result.ok()) return Refused(result.status());
  return WriteOutput(context, arguments, *result);
}

}  // namespace convoy::tool
