// A window in one line.
#ifndef CONVOY_TESTS_KERNEL_SUPPORT_WINDOW_OF_H_
#define CONVOY_TESTS_KERNEL_SUPPORT_WINDOW_OF_H_

#include <cstdint>

#include "kernel/layer/window.h"

namespace convoy::testing {

inline layer::Window WindowOf(int64_t kernel_size, int64_t strides, int64_t dilation_rate = 1,
                              layer::Padding padding = {}) {
  return {.kernel_size = kernel_size,
          .strides = strides,
          .dilation_rate = dilation_rate,
          .padding = padding};
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_KERNEL_SUPPORT_WINDOW_OF_H_
