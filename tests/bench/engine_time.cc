// Processor time of the engine alone for one layer and batch, for comparison
// with a server that does the same work.
//
//   engine_time --repository DIR --layer NAME --shape N,T,C [--batch B] [--seconds S]
//
// Prints the median seconds per request, B requests of this shape at a time.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/repository/model_repository.h"
#include "tests/bench/engine_under_test.h"
#include "tests/bench/interleaved.h"

namespace convoy::bench {
namespace {

// The newest version's layer.
std::shared_ptr<const layer::Conv1D> Find(const std::string& root, const std::string& name) {
  const auto repository = repository::ModelRepository::Open(root).value();
  const repository::LayerListing listing = repository.ListVersions(name).value();
  if (listing.versions.empty()) throw std::invalid_argument("no version of layer " + name);
  return repository.ReadVersion(name, listing.versions.front()).value().layer;
}

int Main(int argc, char** argv) {
  CLI::App app("Times the engine alone");
  std::string repository, name;
  std::vector<int64_t> shape;
  int requests = 1;
  double seconds = 1;
  app.add_option("--repository", repository)->required();
  app.add_option("--layer", name)->required();
  app.add_option("--shape", shape)->required()->delimiter(',')->expected(3);
  app.add_option("--batch", requests);
  app.add_option("--seconds", seconds);
  CLI11_PARSE(app, argc, argv);

  EngineUnderTest engine(Find(repository, name), {.tune = true});
  for (int i = 0; i < requests; ++i) engine.Add(shape[0], shape[1]);
  engine.Warm();
  const double median = Interleave({[&] { engine.Run(); }}, 20, seconds / 20)[0];
  std::printf("%.9f\n", median / requests);
  return 0;
}

}  // namespace
}  // namespace convoy::bench

int main(int argc, char** argv) { return convoy::bench::Main(argc, argv); }
