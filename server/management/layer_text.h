// What a layer is, as text for its callers.
#ifndef CONVOY_SERVER_MANAGEMENT_LAYER_TEXT_H_
#define CONVOY_SERVER_MANAGEMENT_LAYER_TEXT_H_

#include <string>

#include "kernel/layer/conv1d.h"
#include "server/repository/serving_config.h"

namespace convoy::management {

// The layer as keras.layers.serialize writes it, with what it was built for: JSON that
// keras.layers.deserialize and a config.json of a repository take.
std::string KerasText(const layer::Conv1D& layer);

// "ignore", "apply" or "refuse".
std::string ConstraintsName(repository::Constraints constraints);

}  // namespace convoy::management

#endif  // CONVOY_SERVER_MANAGEMENT_LAYER_TEXT_H_
