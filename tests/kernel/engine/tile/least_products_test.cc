#include "kernel/engine/tile/least_products.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

constexpr int64_t kEntries = 64;

class LeastProductsTest : public ::testing::Test {
 protected:
  // What the table says of a signal's products with the weights.
  static double Bound(const std::vector<double>& table, const std::vector<double>& x) {
    double sum = 0;
    double squares = 0;
    for (const double value : x) {
      sum += value;
      squares += value * value;
    }
    const double part = sum * sum / squares / static_cast<double>(x.size()) * kEntries;
    const auto entry = std::min<int64_t>(static_cast<int64_t>(part * (1 - 1e-12)), kEntries - 1);
    return sum * table[entry];
  }
  static double Products(const std::vector<double>& weights, const std::vector<double>& x) {
    double products = 0;
    for (size_t c = 0; c < x.size(); ++c) products += weights[c] * x[c];
    return products;
  }
  static std::vector<double> TableOf(const std::vector<double>& weights) {
    std::vector<double> table(kEntries);
    FindLeastProducts(weights, absl::MakeSpan(table));
    return table;
  }
  std::vector<double> Magnitudes(int64_t count) {
    std::vector<double> magnitudes;
    for (const float value : testing::RandomFloats(random_, count)) {
      magnitudes.push_back(std::abs(double{value}));
    }
    return magnitudes;
  }

  testing::Random random_{1};
};

// The second half of the signals is large where the weights are least.
TEST_F(LeastProductsTest, IsNeverMoreThanWhatASignalHas) {
  for (int round = 0; round < 2000; ++round) {
    const int64_t channels = testing::Between(random_, 1, 40);
    std::vector<double> weights = Magnitudes(channels);
    if (round % 5 == 0) weights[testing::Between(random_, 0, channels - 1)] = 0;
    if (round % 7 == 0) std::fill(weights.begin(), weights.end(), 0.5);
    std::vector<double> x = Magnitudes(channels);
    if (round % 2 == 0) {
      const double level = 2 * x[0] + 0.01;
      for (int64_t c = 0; c < channels; ++c) x[c] = std::max(0.0, level - weights[c]);
    }
    if (std::all_of(x.begin(), x.end(), [](double value) { return value == 0; })) continue;
    EXPECT_LE(Bound(TableOf(weights), x), Products(weights, x) * (1 + 1e-9)) << round;
  }
}

TEST_F(LeastProductsTest, IsCloseToItForTheSignalsThatAreWorst) {
  const std::vector<double> weights = Magnitudes(200);
  const std::vector<double> table = TableOf(weights);
  for (const double level : {0.3, 0.6, 1.0, 2.0}) {
    std::vector<double> x;
    for (const double weight : weights) x.push_back(std::max(0.0, level - weight));
    EXPECT_GT(Bound(table, x), 0.9 * Products(weights, x)) << level;
  }
}

// However few weights are much larger than the others.
TEST_F(LeastProductsTest, IsCloseToItBesideALargeWeight) {
  std::vector<double> weights = Magnitudes(200);
  weights[7] = 10;
  const std::vector<double> table = TableOf(weights);
  for (const double level : {0.6, 1.0, 2.0}) {
    std::vector<double> x;
    for (const double weight : weights) x.push_back(std::max(0.0, level - weight));
    EXPECT_GT(Bound(table, x), 0.9 * Products(weights, x)) << level;
  }
}

TEST_F(LeastProductsTest, RisesWithTheSpread) {
  const std::vector<double> table = TableOf(Magnitudes(50));
  EXPECT_EQ(table[0], 0);
  EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
  EXPECT_GT(table.back(), 0.3);
}

TEST_F(LeastProductsTest, OfZerosIsZero) {
  for (const double value : TableOf(std::vector<double>(8, 0.0))) EXPECT_EQ(value, 0);
  for (const double value : TableOf(std::vector<double>(8, 1e-310))) EXPECT_LE(value, 1e-310);
}

}  // namespace
}  // namespace convoy::engine
