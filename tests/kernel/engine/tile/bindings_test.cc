#include "kernel/engine/tile/bindings.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <cstddef>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace convoy::engine {
namespace {

using ::dnnl::memory;

// One row of two values times a 2 x 2 matrix, plus a bias.
class BindingsTest : public ::testing::Test {
 protected:
  static memory::desc Matrix(int64_t rows, int64_t columns) {
    return {{rows, columns}, memory::data_type::f32, memory::format_tag::ab};
  }

  // With a scratchpad of its own a primitive is not for several threads.
  static dnnl::primitive_attr CallersScratchpad() {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attributes;
  }

  static memory Over(const memory::desc& format, std::vector<float>& values) {
    return {format, CpuEngine(), values.data()};
  }

  std::vector<std::byte> Scratch() const {
    return std::vector<std::byte>(description_.scratchpad_desc().get_size());
  }

  std::unique_ptr<Bindings> Bind() const {
    return std::make_unique<Bindings>(
        ArgumentFormats{Matrix(1, 2), Matrix(1, 2), description_.scratchpad_desc()}, weights_,
        bias_);
  }

  std::vector<float> matrix_ = {1, 2, 3, 4};
  std::vector<float> shift_ = {10, 20};
  const memory weights_ = Over(Matrix(2, 2), matrix_);
  const memory bias_ = Over(Matrix(1, 2), shift_);
  const dnnl::matmul::primitive_desc description_{CpuEngine(),  Matrix(1, 2), Matrix(2, 2),
                                                  Matrix(1, 2), Matrix(1, 2), CallersScratchpad()};
  const dnnl::matmul primitive_{description_};
  const dnnl::stream stream_{CpuEngine()};
};

TEST_F(BindingsTest, EachExecutionTakesItsOwnSourceAndTarget) {
  const auto bindings = Bind();
  std::vector<std::byte> scratch = Scratch();
  for (const float x : {1.0f, 2.0f, 5.0f}) {
    const std::vector<float> source = {x, 1};
    std::vector<float> target(2);
    bindings->Execute(primitive_, stream_, source.data(), target.data(), scratch.data());
    EXPECT_EQ(target, (std::vector<float>{x + 3 + 10, 2 * x + 4 + 20}));
  }
}

TEST_F(BindingsTest, WhatIsGivenIsTakenAgainAndNothingFromNone) {
  SpareBindings spares;
  EXPECT_EQ(spares.Take(), nullptr);
  auto bindings = Bind();
  const Bindings* const kept = bindings.get();
  spares.Give(std::move(bindings));
  EXPECT_EQ(spares.Take().get(), kept);
  EXPECT_EQ(spares.Take(), nullptr);
}

TEST_F(BindingsTest, MoreThanAFewAreNotKept) {
  SpareBindings spares;
  for (int i = 0; i < 20; ++i) spares.Give(Bind());
  int kept = 0;
  while (spares.Take() != nullptr) ++kept;
  EXPECT_GT(kept, 0);
  EXPECT_LT(kept, 20);
}

TEST_F(BindingsTest, ThreadsNeverHoldTheSameBindings) {
  SpareBindings spares;
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      omp_set_num_threads(1);
      std::vector<std::byte> scratch = Scratch();
      for (int i = 0; i < 2000; ++i) {
        std::unique_ptr<Bindings> bindings = spares.Take();
        if (bindings == nullptr) bindings = Bind();
        const std::vector<float> source = {static_cast<float>(t), static_cast<float>(i)};
        std::vector<float> target(2);
        bindings->Execute(primitive_, stream_, source.data(), target.data(), scratch.data());
        wrong[t] += target[0] != source[0] + 3 * source[1] + 10;
        spares.Give(std::move(bindings));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace convoy::engine
