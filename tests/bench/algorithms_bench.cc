// Layers with every statement against the same with direct ones alone.
//
//   algorithms_bench [--quick] [--json FILE] [--rectified]
//
// Prints a table: milliseconds of both, direct over auto (above 1 the other algorithm is
// faster), and what part of its blocks fell back. Both are CompiledLayer::Run, with all
// that it does beside the convolution.
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/bench/engine_under_test.h"
#include "tests/bench/interleaved.h"
#include "tests/bench/shape_layer.h"
#include "tests/bench/shapes.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::bench {
namespace {

std::vector<Shape> AlgorithmShapes() {
  return {{"features K=5", 1, 1000, 64, 128, 5},
          {"tcn d=16", 1, 4096, 64, 64, 3, 1, 16, 1, "causal"},
          {"whisper conv1", 1, 3000, 80, 384, 3},
          {"128 to 256", 1, 1000, 128, 256, 3},
          {"256 to 256", 1, 500, 256, 256, 3},
          {"384 to 384", 1, 3000, 384, 384, 3},
          {"512 to 512", 1, 500, 512, 512, 3},
          {"256 to 256 K=5", 1, 500, 256, 256, 5},
          {"64 to 64 K=7", 1, 2000, 64, 64, 7},
          {"wavenet d=4", 1, 4096, 64, 128, 2, 1, 4, 1, "causal"},
          {"short", 1, 100, 64, 64, 3},
          {"shorter x8", 8, 16, 64, 64, 3}};
}

struct Row {
  Shape shape;
  double direct_seconds;
  double auto_seconds;
  double fell_back;  // part of the blocks
  std::string direct;
  std::string automatic;
  double ratio() const { return direct_seconds / auto_seconds; }
};

Row Compare(const Shape& shape, bool quick, bool rectified) {
  testing::Random random(1);
  const auto layer = LayerFor(shape, random);
  EngineUnderTest direct(layer, {.tune = true, .algorithm = engine::Algorithm::kDirect});
  EngineUnderTest automatic(layer, {.tune = true});
  for (EngineUnderTest* const each : {&direct, &automatic}) {
    if (rectified) {
      each->AddRectified(shape.n, shape.length);
    } else {
      each->Add(shape.n, shape.length);
    }
    each->Warm();
  }
  const engine::BlockCounts& counts = automatic.compiled().block_counts();
  const uint64_t blocks = counts.blocks;
  const uint64_t fell_back = counts.fell_back;
  const std::vector<double> seconds = Interleave({[&] { direct.Run(); }, [&] { automatic.Run(); }},
                                                 quick ? 7 : 31, quick ? 0.005 : 0.02);
  const double begun = static_cast<double>(counts.blocks - blocks);
  return {shape,
          seconds[0],
          seconds[1],
          begun == 0 ? 0 : static_cast<double>(counts.fell_back - fell_back) / begun,
          direct.compiled().Describe(),
          automatic.compiled().Describe()};
}

nlohmann::json ToJson(const std::vector<Row>& rows) {
  nlohmann::json json = nlohmann::json::array();
  for (const Row& row : rows) {
    json.push_back({{"name", row.shape.name},
                    {"direct_seconds", row.direct_seconds},
                    {"auto_seconds", row.auto_seconds},
                    {"ratio", row.ratio()},
                    {"fell_back", row.fell_back},
                    {"direct", row.direct},
                    {"auto", row.automatic}});
  }
  return {{"machine", engine::TuningMachine()}, {"rows", std::move(json)}};
}

int Main(int argc, char** argv) {
  CLI::App app("Every statement against direct ones");
  bool quick = false;
  bool rectified = false;
  std::string json_file;
  app.add_flag("--quick", quick, "fewer and shorter samples");
  app.add_flag("--rectified", rectified, "negative values of the signals become zeros");
  app.add_option("--json", json_file, "also write the rows here");
  CLI11_PARSE(app, argc, argv);

  omp_set_num_threads(1);
  std::printf("%-16s %10s %10s %7s %6s  %s\n", "shape", "direct ms", "auto ms", "ratio", "fell",
              "auto is");
  std::vector<Row> rows;
  double log_sum = 0;
  for (const Shape& shape : AlgorithmShapes()) {
    rows.push_back(Compare(shape, quick, rectified));
    const Row& row = rows.back();
    log_sum += std::log(row.ratio());
    std::printf("%-16s %10.4f %10.4f %7.2f %6.2f  %s\n", shape.name, row.direct_seconds * 1e3,
                row.auto_seconds * 1e3, row.ratio(), row.fell_back, row.automatic.c_str());
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
