#include "client/tool/shape_command.h"

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/layer_client.h"
#include "client/tensor.h"
#include "client/tool/layer_name.h"
#include "client/tool/table.h"

namespace convoy::tool {
namespace {

absl::StatusOr<std::vector<int64_t>> ParseShape(const std::string& text) {
  std::vector<int64_t> shape;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    int64_t size = -1;
    const absl::string_view word = absl::StripAsciiWhitespace(part);
    if (word != "?" && (!absl::SimpleAtoi(word, &size) || size < 0)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--input: expected sizes and ? with commas between them, got ", text));
    }
    shape.push_back(size);
  }
  return shape;
}

std::string PaddingString(const convoy::v1::ComputeOutputShapeResponse& call) {
  if (!call.has_padding_left()) return "depends on the length";
  return absl::StrCat(call.padding_left(), " before, ", call.padding_right(), " behind");
}

void Print(const std::vector<int64_t>& input, const convoy::v1::ComputeOutputShapeResponse& call,
           std::ostream& out) {
  const std::vector<int64_t> output(call.output_shape().begin(), call.output_shape().end());
  Table table;
  table.AddRow({"input", client::ShapeString(input)});
  table.AddRow({"output", absl::StrCat(call.datatype(), " ", client::ShapeString(output))});
  table.AddRow({"receptive field", absl::StrCat(call.receptive_field(), " steps")});
  table.AddRow({"padding", PaddingString(call)});
  if (call.has_estimate()) {
    const convoy::v1::RequestEstimate& estimate = call.estimate();
    table.AddRow({"work", absl::StrCat(estimate.multiply_accumulates(), " multiply-accumulates")});
    table.AddRow(
        {"time", absl::StrFormat("%.3f ms alone on one thread", estimate.seconds() * 1e3)});
    table.AddRow({"memory", absl::StrCat(estimate.output_bytes(), " bytes of answer, ",
                                         estimate.running_bytes(), " while it runs")});
  }
  table.AddRow({"version", absl::StrCat(call.version())});
  table.Print(out);
}

}  // namespace

CLI::App* AddShapeCommand(CLI::App& app, ShapeArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("shape", "Show what an input of a shape would give, and what it costs");
  command->add_option("LAYER", arguments.layer, "Layer to ask")->required()->type_name("");
  command
      ->add_option("--input,-i", arguments.input, "Sizes of the input, ? for one not known: 1,?,64")
      ->required()
      ->type_name("N,T,C");
  command->add_option("--layer-version", arguments.version, "Version to ask (default: the newest)")
      ->type_name("N");
  AddOutputOption(*command, arguments.output);
  return command;
}

Outcome RunShape(const ToolContext& context, const ShapeArguments& arguments) {
  const absl::StatusOr<std::vector<int64_t>> shape = ParseShape(arguments.input);
  if (!shape.ok()) return BadUsage(shape.status());
  const auto server = client::LayerClient::Connect(context.server, context.client_options());
  if (!server.ok()) return NotConnected(server.status());
  convoy::v1::ComputeOutputShapeRequest request;
  request.set_name(LayerName(arguments.layer, arguments.version));
  request.mutable_input_shape()->Assign(shape->begin(), shape->end());
  const auto call = (*server)->ComputeOutputShape(request);
  if (!call.ok()) return Refused(call.status());
  arguments.output.json() ? PrintJson(*call, context.out) : Print(*shape, *call, context.out);
  return {};
}

}  // namespace convoy::tool
