// What a request would give and cost, without running it.
#ifndef CONVOY_SERVER_MANAGEMENT_FORECAST_H_
#define CONVOY_SERVER_MANAGEMENT_FORECAST_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernel/engine/compiled_layer.h"
#include "kernel/layer/conv1d.h"
#include "kernel/layer/dtype.h"

namespace convoy::management {

// Of a request whose shape is known.
struct Forecast {
  std::vector<int64_t> input_shape;
  std::vector<int64_t> output_shape;
  int64_t multiply_accumulates = 0;
  double seconds = 0;         // alone on one thread
  int64_t output_bytes = 0;   // of the answer
  int64_t running_bytes = 0;  // memory while it runs, beside its payload
};

// What Keras' symbolic_call tells, and more.
struct SymbolicCall {
  layer::DType output_dtype = layer::DType::kFloat32;
  std::vector<int64_t> output_shape;  // -1: not known
  int64_t receptive_field = 1;        // input frames that an output frame sees
  // Zero frames before and behind a sequence; nothing where they depend on its length.
  std::optional<layer::Frames> frames;
  std::optional<Forecast> forecast;  // when all dimensions are known
};

//   INVALID_ARGUMENT  no request of this shape is taken, or a number is beyond 64 bits.
absl::StatusOr<Forecast> ForecastRequest(const engine::CompiledLayer& compiled,
                                         absl::Span<const int64_t> shape);

// `shape` is (N, T, C), or (N, C, T) for channels_first; -1 is a dimension not known yet.
//   INVALID_ARGUMENT  no such input is taken, in Keras' words.
absl::StatusOr<SymbolicCall> CallSymbolically(const engine::CompiledLayer& compiled,
                                              absl::Span<const int64_t> shape);

// The shape of one sequence of 1,000 frames, or of the shortest that gives an answer if
// that is longer.
std::vector<int64_t> ExampleShape(const layer::Conv1D& layer);

}  // namespace convoy::management

#endif  // CONVOY_SERVER_MANAGEMENT_FORECAST_H_
