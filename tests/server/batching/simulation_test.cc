// What the scheduler decides, in histories that a person could not think of.
#include "tests/server/batching/simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <vector>

#include "tests/support/scale.h"

namespace convoy::batching {
namespace {

double Quantile(std::vector<double> values, double quantile) {
  std::sort(values.begin(), values.end());
  return values.at(static_cast<size_t>(quantile * static_cast<double>(values.size() - 1)));
}

double Longest(const std::vector<double>& values) {
  return *std::max_element(values.begin(), values.end());
}

// One worker is flooded by a layer that takes longer than it says; a small layer is
// computed beside it, by the thread that submits; a third one comes late.
TEST(SimulationTest, ALayerThatComesAfterALongTimeIsServedAtOnce) {
  for (const double time : {1.0, 20.0, static_cast<double>(testing::Scaled(40, 600))}) {
    Simulation simulation(
        {.workers = 1, .small_seconds = 200e-6},
        {{.callers = 32, .small_seconds = 2e-3, .error = 10},
         {.callers = 2, .think_seconds = 300e-6, .small_seconds = 50e-6},
         {.callers = 1, .think_seconds = 5e-3, .small_seconds = 1e-3, .starts_at = time}},
        1);
    simulation.Run(time + 1);
    ASSERT_EQ(simulation.failure(), "");
    EXPECT_GT(simulation.figures(2).answered, 10);
    // A batch of the first layer takes 20 to 40 ms.
    EXPECT_LT(Longest(simulation.figures(2).latencies), 0.1) << time;
    EXPECT_LT(Longest(simulation.figures(1).latencies), 0.1) << time;
  }
}

TEST(SimulationTest, ALayerThatTakesLongerThanItSaysGetsNoLargerShare) {
  for (const double error : {0.1, 3.0, 10.0, 60.0}) {
    Simulation simulation({.workers = 2},
                          {{.callers = 20, .small_seconds = 2e-3, .error = error},
                           {.callers = 20, .small_seconds = 1e-3}},
                          2);
    simulation.Run(30);
    ASSERT_EQ(simulation.failure(), "");
    const double first = simulation.figures(0).received, second = simulation.figures(1).received;
    EXPECT_NEAR(first / (first + second), 0.5, 0.05) << error;
  }
}

TEST(SimulationTest, ALayerGetsNoLargerShareWhereASubmittersThreadComputesIt) {
  const SimulatedLoad flood{.callers = 20, .small_seconds = 2e-3};
  Simulation simulation({.workers = 1, .small_seconds = 200e-6},
                        {flood, flood, {.callers = 2, .small_seconds = 50e-6}}, 5);
  simulation.Run(10);
  ASSERT_EQ(simulation.failure(), "");
  EXPECT_NEAR(simulation.figures(2).received / simulation.figures(0).received, 1, 0.05);
  EXPECT_NEAR(simulation.figures(1).received / simulation.figures(0).received, 1, 0.05);
}

TEST(SimulationTest, SmallTasksPassTheLargeOnesOfTheirLayer) {
  // Three callers with a tenth of a second of work each, 50 parts.
  SimulatedLoad load{.callers = 3, .large_share = 1, .large_parts = 50};
  Simulation alone({.workers = 2}, {load}, 3);
  alone.Run(20);
  const double before = alone.figures(0).received;
  // Two kinds of callers of one layer are not simulated: a tenth of the tasks is small.
  load.callers = 4;
  load.large_share = 0.5;
  load.small_seconds = 100e-6;
  Simulation mixed({.workers = 2}, {load}, 3);
  mixed.Run(20);
  ASSERT_EQ(mixed.failure(), "");
  // Half of them are small: what they waited for is less than two parts.
  EXPECT_LT(Quantile(mixed.figures(0).latencies, 0.25), 2 * 2e-3);
  EXPECT_GT(mixed.figures(0).received, 0.95 * before);
}

TEST(SimulationTest, AFloodOfSmallTasksLeavesALargeOneItsShare) {
  // Nine small tasks wait beside it at any time: it gets a tenth.
  Simulation simulation(
      {.workers = 1},
      {{.callers = 10, .small_seconds = 100e-6, .large_share = 0.001, .large_parts = 10}}, 4);
  simulation.Run(20);
  ASSERT_EQ(simulation.failure(), "");
  EXPECT_LT(Longest(simulation.figures(0).latencies), 10 * 2e-3 * 11);
}

// One tenant floods three layers, the other one's callers wait for their answers.
TEST(SimulationTest, ATenantThatFloodsLeavesTheOthersTheirShares) {
  Tenant flood("flood"), modest("modest"), heavy("heavy");
  heavy.SetLimits({.weight = 2});
  const SimulatedLoad of_flood{.callers = 100, .small_seconds = 1e-3, .tenant = &flood};
  Simulation simulation({.workers = 2},
                        {of_flood,
                         of_flood,
                         of_flood,
                         {.callers = 20, .small_seconds = 1e-3, .tenant = &modest},
                         {.callers = 40, .small_seconds = 1e-3, .tenant = &heavy}},
                        6);
  simulation.Run(10);
  ASSERT_EQ(simulation.failure(), "");
  double sum = 0;
  for (size_t layer = 0; layer < 5; ++layer) sum += simulation.figures(layer).received;
  EXPECT_NEAR(simulation.figures(3).received / sum, 0.25, 0.02);
  EXPECT_NEAR(simulation.figures(4).received / sum, 0.5, 0.02);
  for (size_t layer = 0; layer < 3; ++layer) {
    EXPECT_NEAR(simulation.figures(layer).received / sum, 0.25 / 3, 0.02);
  }
}

SimulatedLoad RandomLoad(testing::Random& random) {
  const auto between = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  const auto one_of = [&](int count) { return testing::Between(random, 1, count) == 1; };
  SimulatedLoad load;
  if (one_of(6)) load.options.max_queue_delay = std::chrono::microseconds(500);
  if (one_of(4)) load.options.max_batch_requests = testing::Between(random, 1, 4);
  if (one_of(4)) load.options.max_batch_bytes = testing::Between(random, 1, 2'000'000);
  load.callers = static_cast<int>(testing::Between(random, 1, 6));
  if (one_of(2)) load.think_seconds = between(0, 5e-3);
  load.small_seconds = between(1e-6, 400e-6);
  if (one_of(2)) load.large_share = between(0, 0.5);
  load.large_parts = static_cast<int>(testing::Between(random, 2, 12));
  // Of some layers a part cannot be short.
  load.part_seconds = one_of(5) ? between(2e-3, 50e-3) : between(100e-6, 2e-3);
  load.by_priority = one_of(3);
  if (one_of(3)) load.deadline_share = between(0, 1);
  load.deadline_seconds = between(0, 50e-3);
  if (one_of(3)) load.cancel_share = between(0, 0.5);
  load.starts_at = one_of(3) ? between(0, 20e-3) : 0;
  return load;
}

// Bytes and call-backs balance, nobody waits longer or gets less than the rules say:
// Simulation tells after which step something did not hold.
TEST(SimulationTest, NothingIsLostAndNobodyStarvesInRandomHistories) {
  constexpr unsigned kSeed = 20;
  const int histories = testing::Scaled(4000, 1'000'000);
  std::cout << "seeds " << kSeed << " to " << kSeed + histories - 1 << std::endl;
  int answered = 0, late = 0, cancelled = 0, refused = 0;
  for (int i = 0; i < histories; ++i) {
    const unsigned seed = kSeed + static_cast<unsigned>(i);
    testing::Random random(seed);
    SimulatedServer server;
    server.workers = static_cast<int>(testing::Between(random, 1, 3));
    if (testing::Between(random, 0, 1) == 0) server.small_seconds = 200e-6;
    if (testing::Between(random, 0, 3) == 0)
      server.max_bytes = testing::Between(random, 1, 5'000'000);
    if (testing::Between(random, 0, 3) == 0) server.max_queue_seconds = 5e-3;
    std::vector<SimulatedLoad> loads(testing::Between(random, 1, 4));
    const bool exact = testing::Between(random, 0, 1) == 0;
    Tenant one("one"), other("other");
    other.SetLimits({.weight = std::uniform_real_distribution<double>(0.5, 2)(random)});
    Tenant* const tenants[] = {&one, &other};
    const bool several = testing::Between(random, 0, 1) == 0;
    for (SimulatedLoad& load : loads) {
      load = RandomLoad(random);
      if (several) load.tenant = tenants[testing::Between(random, 0, 1)];
      if (!exact) load.error = std::exp(std::uniform_real_distribution<double>(-2, 2)(random));
    }
    Simulation simulation(server, loads, seed);
    // Some so long that tasks are passed over for longer than they must be.
    simulation.Run(testing::Between(random, 1, 25) == 1 ? 0.4 : 0.04);
    ASSERT_EQ(simulation.failure(), "") << "seed " << seed;
    for (size_t layer = 0; layer < loads.size(); ++layer) {
      answered += simulation.figures(layer).answered;
      late += simulation.figures(layer).late;
      cancelled += simulation.figures(layer).cancelled;
      refused += simulation.figures(layer).refused;
    }
  }
  RecordProperty("answered", answered);
  RecordProperty("late", late);
  RecordProperty("cancelled", cancelled);
  RecordProperty("refused", refused);
  EXPECT_GT(answered, histories);
  for (const int count : {late, cancelled, refused}) EXPECT_GT(count, 0);
}

}  // namespace
}  // namespace convoy::batching
