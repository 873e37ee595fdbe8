// Shapes in the words of Keras' messages, which are Python's.
#ifndef CONVOY_KERNEL_LAYER_PYTHON_TUPLE_H_
#define CONVOY_KERNEL_LAYER_PYTHON_TUPLE_H_

#include <cstdint>
#include <string>

#include "absl/types/span.h"

namespace convoy::layer {

// A shape as Python prints a tuple, "(2, 5)"; -1 stands for None.
std::string PythonTuple(absl::Span<const int64_t> shape);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_PYTHON_TUPLE_H_
