// What the engine does beyond one convolution: plans of ragged batches, two
// workers, copies, layers that keep their bits, and bfloat16.
//
//   batches_bench [--quick] [--json FILE] [--only TEXT]
//
// Each row is a ratio of two pieces of work that alternate in one run, and the
// bound that the project set itself.
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kernel/batch/placement_writer.h"
#include "kernel/batch/source_writer.h"
#include "kernel/engine/tile/tile_factory.h"
#include "tests/bench/engine_under_test.h"
#include "tests/bench/interleaved.h"
#include "tests/bench/plain_convolution.h"

namespace convoy::bench {
namespace {

struct Row {
  std::string name;
  double ratio;
  std::string bound;
};

struct Settings {
  int rounds;
  double sample_seconds;
};

std::shared_ptr<const layer::Conv1D> SquareLayer(
    int64_t channels, int64_t kernel_size, layer::PaddingMode padding,
    layer::DataFormat format = layer::DataFormat::kChannelsLast) {
  layer::Conv1DConfig config;
  config.filters = channels;
  config.window.kernel_size = kernel_size;
  config.window.padding.mode = padding;
  config.data_format = format;
  testing::Random random(1);
  return testing::LayerOf(config, channels, random);
}

// The same batch with primitives of exactly its own lengths: one for each
// sequence, or one for all of them and the windows between.
class HandMadePlan {
 public:
  HandMadePlan(EngineUnderTest& engine, bool packed) : engine_(engine), factory_(engine.layer()) {
    packing_.Reset(engine.layer().config().window);
    for (const batch::Input* input : engine.inputs()) packing_.Add(input->shape);
    for (const batch::Placement& placement : packing_.placements()) {
      Add(placement.first_output, packed ? packing_.outputs() : placement.frames.output);
      if (packed) break;
    }
    source_.resize((packing_.outputs() * strides() + engine.layer().config().window.extent()) *
                   channels());
    target_.resize((packing_.outputs() + 1) * engine.layer().config().filters);
  }

  void Run() {
    batch::SourceWriter writer({engine_.layer(), source_.data(), pool_}, engine_.inputs(),
                               packing_);
    for (const Step& step : steps_) {
      const int64_t first = step.position * strides();
      writer.WriteUntil(first + step.tile->source_frames());
      const absl::Status status =
          step.tile->Run(source_.data() + first * channels(),
                         target_.data() + step.position * engine_.layer().config().filters,
                         engine_.workspace().scratch());
      if (!status.ok()) throw std::runtime_error(std::string(status.message()));
    }
  }

 private:
  struct Step {
    int64_t position;
    std::shared_ptr<engine::CompiledTile> tile;
  };

  int64_t channels() const { return engine_.layer().input_channels(); }
  int64_t strides() const { return engine_.layer().config().window.strides; }

  void Add(int64_t position, int64_t outputs) {
    auto known = std::find_if(steps_.begin(), steps_.end(), [&](const Step& step) {
      return step.tile->shape().outputs == outputs;
    });
    auto tile = known != steps_.end() ? known->tile : nullptr;
    if (tile == nullptr) {
      tile = factory_.Create(engine::DefaultStatement(engine_.layer()), {1, outputs}).value();
    }
    steps_.push_back({position, std::move(tile)});
  }

  EngineUnderTest& engine_;
  engine::TileFactory factory_;
  batch::Packing packing_;
  std::vector<Step> steps_;
  std::vector<float> source_;
  std::vector<float> target_;
  batch::BufferPool pool_{0};
};

void BenchPlans(const Settings& settings, std::vector<Row>& rows) {
  struct Lengths {
    int64_t least, most;
  };
  std::mt19937 random(1);
  for (const int64_t channels : {64, 256, 512, 1024}) {
    for (const Lengths lengths : {Lengths{1, 8}, Lengths{5, 40}, Lengths{250, 2000}}) {
      for (const int waiting : {2, 8, 32}) {
        // Half a minute an execution shows nothing that shorter ones do not.
        if (channels * channels * lengths.most * waiting > int64_t{1} << 35) continue;
        EngineUnderTest engine(SquareLayer(channels, 3, layer::PaddingMode::kCausal),
                               {.tune = true, .tuning_seconds = 2});
        std::uniform_int_distribution<int64_t> length(lengths.least, lengths.most);
        for (int i = 0; i < waiting; ++i) engine.Add(1, length(random));
        engine.Warm();
        HandMadePlan apart(engine, false);
        HandMadePlan packed(engine, true);
        const std::vector<double> seconds =
            Interleave({[&] { engine.Run(); }, [&] { apart.Run(); }, [&] { packed.Run(); }},
                       settings.rounds, settings.sample_seconds);
        rows.push_back({absl::StrCat("plan: ", channels, " channels, ", waiting, " of ",
                                     lengths.least, "..", lengths.most, " frames"),
                        seconds[0] / std::min(seconds[1], seconds[2]), "at most 1.05"});
      }
    }
  }
}

void BenchRagged(const Settings& settings, std::vector<Row>& rows) {
  const auto layer = SquareLayer(64, 5, layer::PaddingMode::kSame);
  EngineUnderTest ragged(layer, {.tune = true});
  EngineUnderTest equal(layer, {.tune = true});
  for (int i = 0; i < 4; ++i) {
    for (const int64_t length : {250, 500, 1000, 2000}) ragged.Add(1, length);
  }
  for (int i = 0; i < 16; ++i) equal.Add(1, 15000 / 16);
  ragged.Warm();
  equal.Warm();
  const auto seconds = Interleave({[&] { ragged.Run(); }, [&] { equal.Run(); }}, settings.rounds,
                                  settings.sample_seconds);
  rows.push_back({"ragged against equal lengths, a frame", seconds[0] / seconds[1], "at most 1.1"});
}

// Wall clock: the work is spread over threads.
double WallSeconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void BenchTwoWorkers(const Settings& settings, std::vector<Row>& rows) {
  layer::Conv1DConfig config;
  config.filters = 128;
  config.window.kernel_size = 5;
  testing::Random random(1);
  const auto layer = testing::LayerOf(config, 64, random);
  EngineUnderTest first(layer, {.tune = true});
  EngineUnderTest second(layer, {.tune = true});
  for (EngineUnderTest* half : {&first, &second}) {
    half->Add(8, 1000);
    half->Warm();
  }
  EngineUnderTest whole(layer, {});
  whole.Add(16, 1000);
  omp_set_num_threads(2);
  PlainConvolution plain(*layer, 16, 1000, whole.request(0).values);
  plain.Run();
  std::barrier begin(2);
  std::barrier end(2);
  bool stop = false;
  std::thread worker([&] {
    while (true) {
      begin.arrive_and_wait();
      if (stop) return;
      second.Run();
      end.arrive_and_wait();
    }
  });
  std::vector<double> plain_seconds;
  std::vector<double> engine_seconds;
  for (int round = 0; round < 2 * settings.rounds; ++round) {
    omp_set_num_threads(2);
    for (int i = 0; i < 4; ++i) plain_seconds.push_back(WallSeconds([&] { plain.Run(); }));
    // The OpenMP team spins for a while after its work, on the core that the other
    // worker needs.
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    for (int i = 0; i < 4; ++i) {
      engine_seconds.push_back(WallSeconds([&] {
        begin.arrive_and_wait();
        first.Run();
        end.arrive_and_wait();
      }));
    }
  }
  stop = true;
  begin.arrive_and_wait();
  worker.join();
  omp_set_num_threads(1);
  rows.push_back({"two workers against two-thread oneDNN",
                  Median(std::move(plain_seconds)) / Median(std::move(engine_seconds)),
                  "at least 0.95"});
}

void BenchCopyIn(const Settings& settings, std::vector<Row>& rows) {
  for (const bool first : {false, true}) {
    for (const int64_t frames : {1000, 8000}) {
      const auto layer =
          SquareLayer(64, 1, layer::PaddingMode::kValid,
                      first ? layer::DataFormat::kChannelsFirst : layer::DataFormat::kChannelsLast);
      EngineUnderTest engine(layer, {});
      engine.Add(1, frames);
      batch::Packing packing(layer->config().window);
      packing.Add(engine.inputs()[0]->shape);
      std::vector<float> packed(frames * 64);
      batch::BufferPool pool(size_t{1} << 20);
      const auto copy_in = [&] {
        batch::PlacementWriter writer({*layer, packed.data(), pool}, *engine.inputs()[0],
                                      packing.placements()[0]);
        writer.WriteUntil(writer.end());
      };
      const auto copy = [&] {
        std::memcpy(packed.data(), engine.request(0).values.data(), packed.size() * sizeof(float));
        // So that the compiler keeps every one of them.
        asm volatile("" : : "r"(packed.data()) : "memory");
      };
      const auto seconds = Interleave({copy, copy_in}, settings.rounds, settings.sample_seconds);
      rows.push_back({absl::StrCat("memcpy against copy-in, ", frames, " x 64 floats, ",
                                   first ? "channels_first" : "channels_last"),
                      seconds[0] / seconds[1], first ? "at least 0.4" : "at least 0.8"});
    }
  }
}

void BenchDeterministic(const Settings& settings, std::vector<Row>& rows) {
  for (const int64_t channels : {1, 64, 512}) {
    for (const int64_t length : {10, 1000}) {
      const auto layer = SquareLayer(channels, 3, layer::PaddingMode::kSame);
      EngineUnderTest free(layer, {.tune = true});
      EngineUnderTest fixed(layer, {.tune = true, .deterministic = true});
      for (EngineUnderTest* engine : {&free, &fixed}) {
        engine->Add(1, length);
        engine->Warm();
      }
      const auto seconds = Interleave({[&] { free.Run(); }, [&] { fixed.Run(); }}, settings.rounds,
                                      settings.sample_seconds);
      rows.push_back(
          {absl::StrCat("deterministic against not, (1, ", length, ", ", channels, ") K=3"),
           seconds[1] / seconds[0], "reported"});
    }
  }
}

void BenchBfloat16(const Settings& settings, std::vector<Row>& rows) {
  constexpr auto kAmx = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_amx);
  if ((static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & kAmx) != kAmx) {
    std::printf("bfloat16 against float32: not measured, this processor has no AMX\n");
    return;
  }
  layer::Conv1DConfig config = SquareLayer(512, 3, layer::PaddingMode::kSame)->config();
  testing::Random random(1);
  EngineUnderTest wide(testing::LayerOf(config, 512, random), {.tune = true});
  config.dtype_policy = layer::DTypePolicyFromName("bfloat16").value();
  EngineUnderTest narrow(testing::LayerOf(config, 512, random), {.tune = true});
  for (EngineUnderTest* engine : {&wide, &narrow}) {
    engine->Add(1, 1000);
    engine->Warm();
  }
  const auto seconds = Interleave({[&] { wide.Run(); }, [&] { narrow.Run(); }}, settings.rounds,
                                  settings.sample_seconds);
  rows.push_back(
      {"float32 against bfloat16, 512->512 K=3, T=1000", seconds[0] / seconds[1], "at least 6"});
}

int Main(int argc, char** argv) {
  CLI::App app("What the engine does beyond one convolution");
  bool quick = false;
  std::string json_file;
  std::string only;
  app.add_flag("--quick", quick, "fewer and shorter samples");
  app.add_option("--json", json_file, "also write the rows here");
  app.add_option("--only", only, "plans, ragged, workers, copies, deterministic or bfloat16");
  CLI11_PARSE(app, argc, argv);
  omp_set_num_threads(1);
  std::printf("%s\n", engine::TuningMachine().c_str());
  const Settings settings = quick ? Settings{5, 0.004} : Settings{15, 0.02};
  struct Part {
    const char* name;
    void (*run)(const Settings&, std::vector<Row>&);
  };
  std::vector<Row> rows;
  for (const Part& part :
       {Part{"plans", BenchPlans}, Part{"ragged", BenchRagged}, Part{"workers", BenchTwoWorkers},
        Part{"copies", BenchCopyIn}, Part{"deterministic", BenchDeterministic},
        Part{"bfloat16", BenchBfloat16}}) {
    if (!only.empty() && only != part.name) continue;
    const size_t before = rows.size();
    part.run(settings, rows);
    for (size_t i = before; i < rows.size(); ++i) {
      std::printf("%-66s %7.3f  %s\n", rows[i].name.c_str(), rows[i].ratio, rows[i].bound.c_str());
    }
    std::fflush(stdout);
  }
  nlohmann::json json = nlohmann::json::array();
  for (const Row& row : rows) {
    json.push_back({{"name", row.name}, {"ratio", row.ratio}, {"bound", row.bound}});
  }
  json = {{"machine", engine::TuningMachine()}, {"rows", std::move(json)}};
  if (!json_file.empty()) std::ofstream(json_file) << json.dump(1) << "\n";
  return 0;
}

}  // namespace
}  // namespace convoy::bench

int main(int argc, char** argv) { return convoy::bench::Main(argc, argv); }
