// The engine against the plain oneDNN convolution, shape by shape.
//
//   engine_bench [--quick] [--json FILE]
//
// Prints a table: milliseconds of both, and plain over engine (above 1 the
// engine is faster). The engine's time includes the copy from the payload, the
// zeros, the plan and the activation; the plain convolution's is its execution
// alone, on data that is in place already.
#include <omp.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/bench/engine_under_test.h"
#include "tests/bench/interleaved.h"
#include "tests/bench/plain_convolution.h"
#include "tests/bench/shape_layer.h"
#include "tests/bench/shapes.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::bench {
namespace {

struct Row {
  Shape shape;
  double plain_seconds;
  double engine_seconds;
  std::string plain;
  std::string engine;
  double ratio() const { return plain_seconds / engine_seconds; }
};

Row Compare(const Shape& shape, bool quick) {
  testing::Random random(1);
  EngineUnderTest engine(LayerFor(shape, random), {.tune = true});
  engine.Add(shape.n, shape.length);
  engine.Warm();
  PlainConvolution plain(engine.layer(), shape.n, shape.length, engine.request(0).values);
  const std::vector<double> seconds = Interleave({[&] { plain.Run(); }, [&] { engine.Run(); }},
                                                 quick ? 7 : 31, quick ? 0.005 : 0.02);
  return {shape, seconds[0], seconds[1], plain.implementation(), engine.compiled().Describe()};
}

nlohmann::json ToJson(const std::vector<Row>& rows) {
  nlohmann::json json = nlohmann::json::array();
  for (const Row& row : rows) {
    json.push_back({{"name", row.shape.name},
                    {"plain_seconds", row.plain_seconds},
                    {"engine_seconds", row.engine_seconds},
                    {"ratio", row.ratio()},
                    {"plain", row.plain},
                    {"engine", row.engine}});
  }
  return {{"machine", engine::TuningMachine()}, {"rows", std::move(json)}};
}

int Main(int argc, char** argv) {
  CLI::App app("The engine against the plain oneDNN convolution");
  bool quick = false;
  std::string json_file;
  std::string only;
  app.add_flag("--quick", quick, "fewer and shorter samples");
  app.add_option("--json", json_file, "also write the rows here");
  app.add_option("--only", only, "shapes whose name contains this");
  CLI11_PARSE(app, argc, argv);

  omp_set_num_threads(1);
  std::printf("%s\n", engine::TuningMachine().c_str());
  std::printf("%-22s %10s %10s %7s  %s\n", "shape", "plain ms", "engine ms", "ratio",
              "plain is | engine is");
  std::vector<Row> rows;
  double log_sum = 0;
  for (const Shape& shape : EngineShapes()) {
    if (std::string(shape.name).find(only) == std::string::npos) continue;
    rows.push_back(Compare(shape, quick));
    const Row& row = rows.back();
    log_sum += std::log(row.ratio());
    std::printf("%-22s %10.4f %10.4f %7.2f  %s | %s\n", shape.name, row.plain_seconds * 1e3,
                row.engine_seconds * 1e3, row.ratio(), row.plain.c_str(), row.engine.c_str());
    std::fflush(stdout);
  }
  std::printf("geometric mean of %zu shapes: %.3f\n", rows.size(),
              std::exp(log_sum / static_cast<double>(rows.size())));
  if (!json_file.empty()) std::ofstream(json_file) << ToJson(rows).dump(1) << "\n";
  return 0;
}

}  // namespace
}  // namespace convoy::bench

int main(int argc, char** argv) { return convoy::bench::Main(argc, argv); }
