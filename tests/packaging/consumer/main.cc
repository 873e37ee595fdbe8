// A program of somebody else's: consumer ADDRESS LAYER says what the layer answers to
// four ones.
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "client/client.h"

int main(int /*argc*/, char** argv) {
  const auto client = convoy::client::Client::Connect(argv[1]);
  if (!client.ok()) return 3;
  const std::vector<int64_t> shape = {1, 4, 1};
  const std::vector<float> ones(4, 1.0f);
  convoy::client::InferRequest request;
  request.layer = argv[2];
  request.input = convoy::client::FloatView(shape, ones);
  const auto result = (*client)->Infer(request);
  if (!result.ok()) return 1;
  for (const float value : convoy::client::ToFloats(result->output.view())) {
    std::printf("%g\n", value);
  }
  return 0;
}
