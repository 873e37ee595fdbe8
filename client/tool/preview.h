// A glance at a tensor.
#ifndef CONVOY_CLIENT_TOOL_PREVIEW_H_
#define CONVOY_CLIENT_TOOL_PREVIEW_H_

#include <ostream>

#include "client/tensor.h"

namespace convoy::tool {

// Prints the first values of the first rows (a row runs along the last axis),
// each row with its index, and how much was left out. Cost does not depend on
// the tensor's size.
// REQUIRES: CheckTensor(tensor) is OK.
void PrintPreview(const client::TensorView& tensor, std::ostream& out);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_PREVIEW_H_
