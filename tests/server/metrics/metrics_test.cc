#include "server/metrics/metrics.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::metrics {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricsTest, CountsRequestsByLayerVersionAndStatus) {
  Metrics metrics;
  const auto a = metrics.ForVersion("a", "3");
  const auto b = metrics.ForLayer("b");
  a->OnRequest({.stages = {.compute = microseconds(80)}, .input_bytes = 512, .output_bytes = 128});
  a->OnRequest({.stages = {.compute = microseconds(80)}, .input_bytes = 512, .output_bytes = 128});
  b->OnRequest({.code = absl::StatusCode::kAborted,
                .stages = {.compute = milliseconds(3)},
                .input_bytes = 1});
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr("# TYPE convoy_requests_total counter\n"));
  EXPECT_THAT(text, HasSubstr("convoy_requests_total{layer=\"a\",version=\"3\",method="
                              "\"ModelInfer\",code=\"OK\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("convoy_requests_total{layer=\"b\",version=\"\",method="
                              "\"ModelInfer\",code=\"ABORTED\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("convoy_request_input_bytes_total{layer=\"a\"} 1024\n"));
  EXPECT_THAT(text, HasSubstr("convoy_request_output_bytes_total{layer=\"a\"} 256\n"));
}

TEST(MetricsTest, ShowsTheErrorsOfAVersionAsZeroBeforeTheFirst) {
  Metrics metrics;
  const auto a = metrics.ForVersion("a", "1");
  const std::string text = metrics.Serialize();
  for (const char* const code : {"OK", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED",
                                 "DEADLINE_EXCEEDED", "CANCELLED", "UNAVAILABLE", "INTERNAL"}) {
    EXPECT_THAT(text,
                HasSubstr(absl::StrCat(
                    "convoy_requests_total{layer=\"a\",version=\"1\",method=\"ModelInfer\",code=\"",
                    code, "\"} 0\n")));
  }
  EXPECT_THAT(text, Not(HasSubstr("DATA_LOSS")));
}

TEST(MetricsTest, MeasuresDurationsInSeconds) {
  Metrics metrics;
  const auto a = metrics.ForLayer("a");
  a->OnRequest({.stages = {.compute = microseconds(2500)}});
  a->OnRequest({.stages = {.compute = std::chrono::seconds(60)}});
  a->OnRequest({.code = absl::StatusCode::kUnavailable, .stages = {.compute = microseconds(3)}});
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr("# TYPE convoy_request_duration_seconds histogram\n"));
  const std::string prefix = "convoy_request_duration_seconds";
  const std::string answered = "{layer=\"a\",outcome=\"answered\"";
  EXPECT_THAT(text, HasSubstr(prefix + "_bucket" + answered + ",le=\"5e-05\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(prefix + "_bucket" + answered + ",le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(prefix + "_bucket" + answered + ",le=\"0.0025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(prefix + "_bucket" + answered + ",le=\"10\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(prefix + "_bucket" + answered + ",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(prefix + "_count" + answered + "} 2\n"));
  EXPECT_THAT(text, HasSubstr(prefix + "_sum" + answered + "} 60.0025\n"));
  EXPECT_THAT(text, HasSubstr(prefix + "_count{layer=\"a\",outcome=\"failed\"} 1\n"));
}

TEST(MetricsTest, SplitsTheTimeOfAnswersByStage) {
  Metrics metrics;
  const auto a = metrics.ForVersion("a", "1");
  a->OnRequest({.stages = {microseconds(10), microseconds(200), milliseconds(3), microseconds(1)}});
  a->OnRequest({.code = absl::StatusCode::kUnavailable, .stages = {.decode = microseconds(3)}});
  a->OnSent(milliseconds(40));
  const std::string text = metrics.Serialize();
  for (const char* const line :
       {"_bucket{layer=\"a\",stage=\"decode\",le=\"1e-05\"} 1\n",
        "_count{layer=\"a\",stage=\"decode\"} 1\n", "_sum{layer=\"a\",stage=\"queue\"} 0.0002\n",
        "_sum{layer=\"a\",stage=\"compute\"} 0.003\n", "_sum{layer=\"a\",stage=\"respond\"} 0.04\n",
        "_bucket{layer=\"a\",stage=\"respond\",le=\"10\"} 1\n"}) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("convoy_request_stage_seconds", line)));
  }
}

TEST(MetricsTest, ThePlaceOfAVersionCountsOnWhileSomebodyHoldsIt) {
  Metrics metrics;
  const auto layer = metrics.ForLayer("a");
  auto first = metrics.ForVersion("a", "1");
  auto second = metrics.ForVersion("a", "2");
  EXPECT_EQ(metrics.ForVersion("a", "1"), first);
  first->OnRequest({});
  second->OnRequest({});
  first.reset();
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text, Not(HasSubstr("version=\"1\"")));
  EXPECT_THAT(text, HasSubstr("version=\"2\""));
  EXPECT_THAT(text,
              HasSubstr("convoy_request_stage_seconds_count{layer=\"a\",stage=\"queue\"} 2\n"))
      << "the layer's, of both";
}

TEST(MetricsTest, DescribesBatches) {
  Metrics metrics;
  const auto a = metrics.ForLayer("a");
  a->OnBatch({.parts = 6,
              .requests = 5,
              .sequences = 9,
              .duration = milliseconds(1),
              .request_durations = milliseconds(7)});
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr("convoy_batch_requests_bucket{layer=\"a\",le=\"4\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("convoy_batch_requests_bucket{layer=\"a\",le=\"8\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("convoy_batch_requests_sum{layer=\"a\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("convoy_batch_parts_total{layer=\"a\"} 6\n"));
  EXPECT_THAT(text, HasSubstr("convoy_batch_sequences_total{layer=\"a\"} 9\n"));
  EXPECT_THAT(text, HasSubstr("convoy_request_execution_seconds_total{layer=\"a\"} 0.007\n"));
  EXPECT_THAT(text, HasSubstr("convoy_batch_duration_seconds_sum{layer=\"a\"} 0.001\n"));
}

TEST(MetricsTest, ReturnsTheSameInstrumentsForTheSameLayerWhileSomebodyHoldsThem) {
  Metrics metrics;
  const std::shared_ptr<LayerMetrics> first = metrics.ForLayer("a");
  for (int i = 0; i < 100; ++i) metrics.ForLayer("layer" + std::to_string(i));
  EXPECT_EQ(metrics.ForLayer("a"), first);
}

TEST(MetricsTest, SeriesGoWithTheLastHolder) {
  Metrics metrics;
  std::shared_ptr<LayerMetrics> layer = metrics.ForLayer("a");
  layer->OnRequest({.stages = {.compute = microseconds(80)}, .input_bytes = 1, .output_bytes = 1});
  EXPECT_THAT(metrics.Serialize(), HasSubstr("layer=\"a\""));
  layer.reset();
  EXPECT_THAT(metrics.Serialize(), Not(HasSubstr("layer=\"a\"")));
  layer = metrics.ForLayer("a");
  EXPECT_THAT(metrics.Serialize(), HasSubstr("convoy_requests_total{layer=\"a\",version=\"\","
                                             "method=\"ModelInfer\",code=\"NOT_FOUND\"} 0\n"));
}

TEST(MetricsTest, CountsUnknownLayersWithoutTheirNames) {
  Metrics metrics;
  metrics.OnUnknownLayer(absl::StatusCode::kNotFound);
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr("convoy_unknown_layer_requests_total{code=\"NOT_FOUND\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("convoy_unknown_layer_requests_total{code=\"INVALID_ARGUMENT\"} 0\n"));
}

TEST(MetricsTest, AsksForGaugesAtEveryScrape) {
  Metrics metrics;
  std::atomic<int> value{1};
  metrics.AddGauge("convoy_queue_bytes", "Bytes that wait.",
                   [&value] { return static_cast<double>(value.load()); });
  EXPECT_THAT(metrics.Serialize(), HasSubstr("\nconvoy_queue_bytes 1\n"));
  value = 7;
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr("\nconvoy_queue_bytes 7\n"));
  EXPECT_THAT(text, HasSubstr("# HELP convoy_queue_bytes Bytes that wait.\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE convoy_queue_bytes gauge\n"));
}

TEST(MetricsTest, AsksForCountsAtEveryScrape) {
  Metrics metrics;
  double value = 3;
  metrics.AddCounter("convoy_things_total", "Things.", [&value] { return value; });
  EXPECT_THAT(metrics.Serialize(),
              HasSubstr("# TYPE convoy_things_total counter\nconvoy_things_total 3\n"));
  value = 4;
  EXPECT_THAT(metrics.Serialize(), HasSubstr("\nconvoy_things_total 4\n"));
}

TEST(MetricsTest, CountsOfOneNameDifferInTheirLabels) {
  Metrics metrics;
  metrics.AddCounter("convoy_loads_total", "Loads.", [] { return 1; }, {{"result", "loaded"}});
  metrics.AddCounter("convoy_loads_total", "Loads.", [] { return 2; }, {{"result", "failed"}});
  EXPECT_THAT(metrics.Serialize(), HasSubstr("# TYPE convoy_loads_total counter\n"
                                             "convoy_loads_total{result=\"loaded\"} 1\n"
                                             "convoy_loads_total{result=\"failed\"} 2\n"));
}

TEST(MetricsTest, AsksForSeriesOfAnyLabels) {
  Metrics metrics;
  metrics.AddCounters("convoy_calls_total", "Calls.", [] {
    return std::vector<Metrics::Sample>{{{{"method", "a"}, {"code", "OK"}}, 3},
                                        {{{"method", "b"}, {"code", "OK"}}, 4}};
  });
  metrics.AddGauges("convoy_nothing", "None.", [] { return std::vector<Metrics::Sample>(); });
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr("# TYPE convoy_calls_total counter\n"
                              "convoy_calls_total{method=\"a\",code=\"OK\"} 3\n"
                              "convoy_calls_total{method=\"b\",code=\"OK\"} 4\n"));
  EXPECT_THAT(text, Not(HasSubstr("convoy_nothing")));
}

TEST(MetricsTest, CountsRefusalsByReason) {
  Metrics metrics;
  metrics.OnRefusal(batching::RefusalReason::kDeadline);
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr("convoy_refused_requests_total{reason=\"deadline\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("convoy_refused_requests_total{reason=\"queue_bytes\"} 0\n"));
}

TEST(MetricsTest, AsksWhatWaitsOfEachLayerAtEveryScrape) {
  Metrics metrics;
  const auto a = metrics.ForVersion("a", "1");
  const auto b = metrics.ForVersion("b", "1");
  bool waits = true;
  metrics.TellBacklogsBy([&] {
    if (waits) a->OnBacklog({.requests = 2, .bytes = 80, .seconds = 0.5});
  });
  std::string text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr("convoy_layer_queue_requests{layer=\"a\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("convoy_layer_queue_bytes{layer=\"a\"} 80\n"));
  EXPECT_THAT(text, HasSubstr("convoy_layer_queue_seconds{layer=\"a\"} 0.5\n"));
  EXPECT_THAT(text, HasSubstr("convoy_layer_queue_requests{layer=\"b\"} 0\n"));
  waits = false;
  text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr("convoy_layer_queue_requests{layer=\"a\"} 0\n"));
}

// Many layers with many calls, under names that are long for a layer.
TEST(MetricsTest, AThousandLayersAreUnder20MB) {
  constexpr int kLayers = 1000;
  Metrics metrics;
  std::vector<std::shared_ptr<LayerMetrics>> layers;
  for (int i = 0; i < kLayers; ++i) {
    const std::string name = absl::StrCat("speech/front-end/layer-", 100'000 + i);
    for (const char* version : {"", "12"}) layers.push_back(metrics.ForVersion(name, version));
    for (int call = 0; call < 100; ++call) {
      const microseconds time(1 + call * call * 1000);
      layers.back()->OnRequest({.stages = {time, time, time}});
      layers.back()->OnSent(time);
      layers.back()->OnBatch({.parts = 1, .requests = 1, .sequences = 1, .duration = time});
    }
  }
  const auto begin = std::chrono::steady_clock::now();
  const std::string text = metrics.Serialize();
  const auto time = std::chrono::steady_clock::now() - begin;
  RecordProperty("bytes", absl::StrCat(text.size()));
  RecordProperty("milliseconds", absl::StrCat(time / milliseconds(1)));
  std::printf("%zu bytes in %lld ms\n", text.size(),
              static_cast<long long>(time / milliseconds(1)));
  EXPECT_LT(text.size(), 20'000'000u);
}

// A request that waited for the scrape would never be counted here.
TEST(MetricsTest, NoRequestWaitsForAScrape) {
  Metrics metrics;
  const auto layer = metrics.ForVersion("a", "1");
  metrics.AddGauge("convoy_meanwhile", "A request is counted while the scrape goes on.", [&] {
    std::thread([&] {
      layer->OnRequest({});
      layer->OnSent(microseconds(1));
      layer->OnBatch({.parts = 1});
      metrics.OnUnknownLayer(absl::StatusCode::kNotFound);
      metrics.OnRefusal(batching::RefusalReason::kSize);
    }).join();
    return 1.0;
  });
  EXPECT_THAT(metrics.Serialize(), HasSubstr("\nconvoy_meanwhile 1\n"));
}

TEST(MetricsTest, ShowsAHistogramInTheUnitOfItsName) {
  Metrics metrics;
  constexpr int64_t kBounds[] = {1000, 2000};
  ShardedHistogram milliseconds(kBounds);
  metrics.AddHistogram("convoy_load_duration_seconds", "Loads.", milliseconds, 1000);
  milliseconds.Observe(1500);
  milliseconds.Observe(3000);
  const std::string text = metrics.Serialize();
  for (const char* const line : {"_bucket{le=\"1\"} 0\n", "_bucket{le=\"2\"} 1\n",
                                 "_bucket{le=\"+Inf\"} 2\n", "_sum 4.5\n", "_count 2\n"}) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("\nconvoy_load_duration_seconds", line)));
  }
}

TEST(MetricsTest, ShowsFactsAsLabels) {
  Metrics metrics;
  metrics.AddInfo("convoy_build_info", "What runs.", {{"version", "1.2.3"}, {"onednn", "3.2"}});
  EXPECT_THAT(metrics.Serialize(),
              HasSubstr("convoy_build_info{version=\"1.2.3\",onednn=\"3.2\"} 1\n"));
}

TEST(MetricsTest, EscapesLayerNames) {
  Metrics metrics;
  const auto layer = metrics.ForLayer("a\"b\\c");
  layer->OnBatch({.parts = 1, .requests = 1, .sequences = 1});
  EXPECT_THAT(metrics.Serialize(), HasSubstr(R"(convoy_batch_sequences_total{layer="a\"b\\c"} 1)"));
}

TEST(MetricsTest, ShowsTheProcess) {
  const std::string text = Metrics().Serialize();
  for (const char* const name :
       {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_threads",
        "process_virtual_memory_bytes", "process_open_fds", "process_max_fds",
        "process_start_time_seconds", "convoy_threads{role=\"other\"}",
        "convoy_thread_cpu_seconds_total{role=\"worker\"}"}) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("\n", name, " ")));
  }
}

TEST(MetricsTest, WritesTheTextFormatLineByLine) {
  Metrics metrics;
  const auto a = metrics.ForLayer("a");
  a->OnRequest({.stages = {.compute = microseconds(80)}, .input_bytes = 512, .output_bytes = 128});
  metrics.AddGauge("convoy_layers", "Layers.", [] { return 1.0; });
  const std::regex comment("# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))");
  const std::regex sample(R"re([a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.e+-]+)re");
  std::istringstream lines(metrics.Serialize());
  std::set<std::string> seen;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(std::regex_match(line, comment) || std::regex_match(line, sample)) << line;
    EXPECT_TRUE(seen.insert(line).second) << "twice: " << line;
  }
  EXPECT_GT(seen.size(), 50u);
}

TEST(MetricsTest, CanBeScrapedWhileItCounts) {
  Metrics metrics;
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    const auto layer = metrics.ForLayer("a");
    while (!stop)
      layer->OnRequest(
          {.stages = {.compute = microseconds(80)}, .input_bytes = 1, .output_bytes = 1});
  });
  for (int i = 0; i < 50; ++i) {
    const auto layer = metrics.ForLayer(absl::StrCat("b", i));
    EXPECT_THAT(metrics.Serialize(), HasSubstr(absl::StrCat("layer=\"b", i, "\"")));
  }
  stop = true;
  writer.join();
}

TEST(MetricsTest, GivesWhatItShowsToOthers) {
  Metrics metrics;
  auto a = metrics.ForLayer("a");
  const auto b = metrics.ForLayer("b");
  a->OnRequest({.stages = {.compute = microseconds(80)}});
  auto layers = metrics.Layers();
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].first, "a");
  EXPECT_EQ(layers[0].second->Requests(absl::StatusCode::kOk), 1u);
  a = nullptr;
  layers.clear();
  EXPECT_EQ(metrics.Layers().size(), 1u);

  metrics.OnUnknownLayer(absl::StatusCode::kNotFound);
  EXPECT_EQ(metrics.UnknownLayerRequests(absl::StatusCode::kNotFound), 1u);
  EXPECT_EQ(metrics.UnknownLayerRequests(absl::StatusCode::kOk), 0u);

  metrics.AddGauge("convoy_test", "help", [] { return 2.5; });
  metrics.AddCounter("convoy_test_total", "help", [] { return 7.0; }, {{"reason", "x"}});
  EXPECT_EQ(metrics.Value("convoy_test"), 2.5);
  EXPECT_EQ(metrics.Value("convoy_test_total"), std::nullopt);
  EXPECT_EQ(metrics.Value("convoy_other"), std::nullopt);
}

}  // namespace
}  // namespace convoy::metrics
