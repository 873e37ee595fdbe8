// The baseline: one oneDNN convolution over the whole problem, as its manual
// shows it. One-dimensional, float32, nwc, the first implementation offered,
// padding given to oneDNN.
#ifndef CONVOY_TESTS_BENCH_PLAIN_CONVOLUTION_H_
#define CONVOY_TESTS_BENCH_PLAIN_CONVOLUTION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/layer/conv1d.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace convoy::bench {

// Not thread-safe.
class PlainConvolution {
 public:
  // Room for (n, length, C) in and (n, outputs, F) out is its own; the input is
  // filled with `input`, which holds so many values.
  PlainConvolution(const layer::Conv1D& layer, int64_t n, int64_t length,
                   const std::vector<float>& input);

  void Run();
  const float* output() const { return static_cast<float*>(target_.get_data_handle()); }
  const std::string& implementation() const { return implementation_; }

 private:
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  dnnl::convolution_forward primitive_;
  dnnl::memory source_, weights_, bias_, target_;
  std::string implementation_;
};

}  // namespace convoy::bench

#endif  // CONVOY_TESTS_BENCH_PLAIN_CONVOLUTION_H_
