#include "server/repository_control.h"

#include <cstdint>
#include <utility>

#include "server/loading/given_layer.h"
#include "server/rpc/repository_methods.h"

namespace convoy {
namespace {

// One that reads a large layer from a slow disk leaves another one.
constexpr int kThreads = 2;

}  // namespace

RepositoryControl::RepositoryControl(const registry::Registry& registry,
                                     loading::LayerLoader& loader, const Options& options)
    : registry_(registry),
      loader_(loader),
      max_message_bytes_(options.max_message_bytes),
      threads_({.name = "loads",
                .threads = loader.editor() == nullptr ? 1 : kThreads,
                .max_waiting_bytes = static_cast<int64_t>(options.max_message_bytes),
                .niceness = options.niceness}) {}

void RepositoryControl::AddMethods(rpc::MethodTable& table) {
  rpc::AddRepositoryMethods(
      {loader_.editor() == nullptr ? nullptr : this, threads_, max_message_bytes_}, table);
}

absl::Status RepositoryControl::Load(const std::string& layer) {
  return loader_.editor()->Load(layer);
}

absl::Status RepositoryControl::Give(const std::string& layer,
                                     absl::btree_map<std::string, std::string_view> files) {
  return loading::GiveLayer(
      layer, std::move(files),
      {registry_, loader_.repository(), loader_.compiler(), *loader_.editor()});
}

absl::Status RepositoryControl::Unload(const std::string& layer) {
  return loader_.editor()->Unload(layer);
}

}  // namespace convoy
