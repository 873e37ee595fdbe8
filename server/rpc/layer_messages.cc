#include "server/rpc/layer_messages.h"

#include <chrono>
#include <optional>
#include <string_view>

#include "kernel/engine/compiled_layer.h"
#include "kernel/layer/tensor_spec.h"
#include "server/base/utf8.h"
#include "server/management/layer_text.h"
#include "server/rpc/layer_resource.h"

namespace convoy::rpc {
namespace {

using convoy::v1::Layer;
using convoy::v1::VersionInfo;

std::string Message(const absl::Status& status) {
  return Printable({status.message().data(), status.message().size()});
}

void FillSpec(const layer::TensorSpec& spec, convoy::v1::TensorSpec& message) {
  message.set_datatype(std::string(layer::ProtocolName(spec.dtype)));
  message.mutable_shape()->Assign(spec.shape.begin(), spec.shape.end());
}

void FillTensors(const layer::Conv1D& layer, Layer& message) {
  FillSpec(layer::InputSpec(layer), *message.mutable_input());
  FillSpec(layer::OutputSpec(layer), *message.mutable_output());
  message.set_count_params(layer.variables().count_params);
  message.set_compute_dtype(std::string(layer::KerasName(layer.compute_dtype())));
  message.set_variable_dtype(
      std::string(layer::KerasName(layer.config().dtype_policy.variable_dtype)));
}

void FillLosses(const layer::VariableSummary& variables, Layer& message) {
  if (!variables.losses.ok()) return message.set_losses_error(Message(variables.losses.status()));
  for (const layer::WeightLoss& each : *variables.losses) {
    convoy::v1::Loss& loss = *message.add_losses();
    loss.set_variable(each.variable);
    loss.set_value(each.value);
  }
}

void FillServing(const repository::ServingConfig& serving, convoy::v1::ServingOptions& message) {
  message.set_live_versions(serving.live_versions);
  message.set_constraints(management::ConstraintsName(serving.constraints));
  message.set_deterministic(serving.deterministic);
  message.set_algorithm(serving.direct ? "direct" : "auto");
  if (const auto& delay = serving.max_queue_delay_microseconds) {
    message.set_max_queue_delay_microseconds(*delay);
  }
  if (const auto& requests = serving.max_batch_requests) message.set_max_batch_requests(*requests);
  if (const auto& bytes = serving.max_batch_bytes) message.set_max_batch_bytes(*bytes);
}

void FillExecution(const registry::LiveVersion& live, convoy::v1::Execution& message) {
  message.set_description(live.DescribeExecution());
  message.set_tuned(live.tuned);
  message.set_weight_bytes(live.weight_bytes());
  const engine::CompiledLayer& compiled = live.handle->compiled();
  message.set_engine_bytes(static_cast<int64_t>(compiled.bytes()));
  const auto forecast =
      management::ForecastRequest(compiled, management::ExampleShape(*live.layer));
  if (forecast.ok()) FillEstimate(*forecast, *message.mutable_example());
}

VersionInfo::State StateOf(management::VersionEntry::State state) {
  using State = management::VersionEntry::State;
  switch (state) {
    case State::kLive:
      return VersionInfo::LIVE;
    case State::kBroken:
      return VersionInfo::BROKEN;
    case State::kStored:
      break;
  }
  return VersionInfo::STORED;
}

}  // namespace

Layer::State StateOf(const registry::LiveLayer& layer) {
  using State = registry::LiveLayer::State;
  switch (layer.state()) {
    case State::kReady:
      return Layer::READY;
    case State::kIncomplete:
      return Layer::INCOMPLETE;
    case State::kBroken:
      break;
  }
  return Layer::BROKEN;
}

void FillSummary(const registry::LiveLayer& layer, Layer& message) {
  message.set_name(LayerResourceName(layer.name));
  message.set_state(StateOf(layer));
  message.set_given(layer.given);
  for (const auto& live : layer.versions) message.add_live_versions(live->version);
  for (const absl::Status& error : layer.errors) message.add_errors(Message(error));
  for (const absl::Status& problem : layer.incomplete) message.add_incomplete(Message(problem));
  if (layer.versions.empty()) return;
  const registry::LiveVersion& newest = *layer.versions.front();
  message.set_version(newest.version);
  message.set_checksum(newest.checksums.version);
  FillTensors(*newest.layer, message);
}

void FillVersion(const registry::LiveVersion& live, Layer& message) {
  message.set_version(live.version);
  message.set_checksum(live.checksums.version);
  message.set_config(management::KerasText(*live.layer));
  FillTensors(*live.layer, message);
  FillLosses(live.layer->variables(), message);
  FillServing(live.serving, *message.mutable_serving());
  FillExecution(live, *message.mutable_execution());
}

void FillEstimate(const management::Forecast& forecast, convoy::v1::RequestEstimate& message) {
  message.mutable_input_shape()->Assign(forecast.input_shape.begin(), forecast.input_shape.end());
  message.mutable_output_shape()->Assign(forecast.output_shape.begin(),
                                         forecast.output_shape.end());
  message.set_multiply_accumulates(forecast.multiply_accumulates);
  message.set_seconds(forecast.seconds);
  message.set_output_bytes(forecast.output_bytes);
  message.set_running_bytes(forecast.running_bytes);
}

void FillSymbolicCall(const management::SymbolicCall& call,
                      convoy::v1::ComputeOutputShapeResponse& message) {
  message.set_datatype(std::string(layer::ProtocolName(call.output_dtype)));
  message.mutable_output_shape()->Assign(call.output_shape.begin(), call.output_shape.end());
  message.set_receptive_field(call.receptive_field);
  if (call.frames.has_value()) {
    message.set_padding_left(call.frames->pad_left);
    message.set_padding_right(call.frames->pad_right);
  }
  if (call.forecast.has_value()) FillEstimate(*call.forecast, *message.mutable_estimate());
}

void FillEntry(const std::string& layer, const management::VersionEntry& entry,
               VersionInfo& message) {
  message.set_name(VersionResourceName(layer, entry.version));
  message.set_version(entry.version);
  message.set_state(StateOf(entry.state));
  message.set_written_by_server(entry.written_by_server);
  message.set_checksum(entry.checksum);
  message.set_error(Printable(entry.error));
  if (!entry.changed.has_value()) return;
  const auto since = entry.changed->time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  message.mutable_change_time()->set_seconds(seconds.count());
  message.mutable_change_time()->set_nanos(
      static_cast<int32_t>(std::chrono::nanoseconds(since - seconds).count()));
}

}  // namespace convoy::rpc
