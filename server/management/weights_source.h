// Where the weights of a version that is to be written come from.
#ifndef CONVOY_SERVER_MANAGEMENT_WEIGHTS_SOURCE_H_
#define CONVOY_SERVER_MANAGEMENT_WEIGHTS_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernel/keras/layer_json.h"
#include "kernel/layer/weights.h"
#include "server/repository/safetensors.h"
#include "server/repository/serving_config.h"

namespace convoy::management {

// The bytes of a safetensors file.
using FileBytes = std::shared_ptr<const std::string>;

struct UploadedWeights {
  std::string sha256;
};

struct InitializedWeights {
  int64_t seed = 0;
  int64_t input_channels = 0;  // 0: what the config was built for, or the layer has
};

// None; a file; tensors by name; what was uploaded; what the initializers make.
using WeightsSource = std::variant<std::monostate, FileBytes, repository::TensorMap,
                                   UploadedWeights, InitializedWeights>;

// The weights that a layer's initializers make, the slopes of a PReLU included, as a
// file. `channels` are those of the layer if it has some, or 0. A variable may take at
// most `max_bytes` while it is made.
//   INVALID_ARGUMENT    the channels are not known, or an initializer cannot make them.
//   RESOURCE_EXHAUSTED  a variable is larger.
absl::StatusOr<FileBytes> Initialize(const InitializedWeights& wanted,
                                     const keras::LayerFile& layer, int64_t channels,
                                     int64_t max_bytes);

//   RESOURCE_EXHAUSTED  a variable of this shape takes more than `max_bytes` while it is
//                       made.
absl::Status CheckMaking(std::string_view name, absl::Span<const int64_t> shape, int64_t max_bytes);

// The file with its kernel and bias projected (kApply), or a refusal if that would change
// them (kRefuse).
//   INVALID_ARGUMENT     no weights of this layer.
//   FAILED_PRECONDITION  a constraint is broken; names it.
absl::StatusOr<FileBytes> Constrain(const FileBytes& file, const keras::LayerFile& layer,
                                    repository::Constraints constraints);

// What a safetensors file has, as this layer takes it.
//   INVALID_ARGUMENT  no such file, or not of this layer.
absl::StatusOr<layer::Conv1DWeights> ReadWeights(const FileBytes& file,
                                                 const layer::Conv1DConfig& config);

FileBytes ToFile(layer::Conv1DWeights&& weights);

}  // namespace convoy::management

#endif  // CONVOY_SERVER_MANAGEMENT_WEIGHTS_SOURCE_H_
