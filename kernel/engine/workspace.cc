#include "kernel/engine/workspace.h"

namespace convoy::engine {
namespace {

constexpr size_t kManyRequests = 4096;

// Empties the list, and gives its memory back.
template <typename List>
void Drop(List& list) {
  List().swap(list);
}

}  // namespace

void BatchLists::Shrink() {
  if (inputs.capacity() > kManyRequests) Drop(inputs);
  if (outputs.capacity() > kManyRequests) Drop(outputs);
  if (tiles.capacity() > kManyRequests) Drop(tiles);
  if (packing.placements().size() > kManyRequests) packing = batch::Packing();
  plan.Shrink();
}

}  // namespace convoy::engine
