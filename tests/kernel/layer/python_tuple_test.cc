#include "kernel/layer/python_tuple.h"

#include <gtest/gtest.h>

namespace convoy::layer {
namespace {

TEST(PythonTupleTest, ShapesReadAsTuples) {
  EXPECT_EQ(PythonTuple({2, -1, 5}), "(2, None, 5)");
  EXPECT_EQ(PythonTuple({4}), "(4,)");
  EXPECT_EQ(PythonTuple({}), "()");
}

}  // namespace
}  // namespace convoy::layer
