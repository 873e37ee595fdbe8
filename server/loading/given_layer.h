// Layers that callers bring.
#ifndef CONVOY_SERVER_LOADING_GIVEN_LAYER_H_
#define CONVOY_SERVER_LOADING_GIVEN_LAYER_H_

#include <string>
#include <string_view>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "server/loading/layer_compiler.h"
#include "server/loading/layer_editor.h"
#include "server/registry/registry.h"
#include "server/repository/model_repository.h"

namespace convoy::loading {

// What giving a layer takes. For any thread.
struct GivingParts {
  const registry::Registry& registry;
  const repository::ModelRepository& repository;  // knows the layers' sections
  const LayerCompiler& compiler;
  LayerEditor& editor;
};

// Serves a version 1 of `layer` of these files, by their names in a repository; returns when it is
// in force, or is an error and changed nothing. Nothing is written to the disk.
//   INVALID_ARGUMENT  the name is none of a layer, or the files are none; names the file.
//   and the errors of ReadVersionContent, of the engine and of LayerEditor.
absl::Status GiveLayer(const std::string& layer,
                       absl::btree_map<std::string, std::string_view> files,
                       const GivingParts& parts);

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_GIVEN_LAYER_H_
