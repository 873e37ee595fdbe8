#include "kernel/keras/constraint_json.h"

#include <gtest/gtest.h>

namespace convoy::keras {
namespace {

using nlohmann::json;

TEST(ConstraintJsonTest, NamesWithoutUnderscoreAreThoseOfKeras2) {
  for (const char* name : {"maxnorm", "nonneg", "unitnorm"}) {
    EXPECT_FALSE(ParseConstraint(name).ok()) << name;
    EXPECT_TRUE(ParseConstraint(name, /*keras_major=*/2).ok()) << name;
  }
}

TEST(ConstraintJsonTest, UnknownNamesAreRefusedInKerasWords) {
  EXPECT_EQ(ParseConstraint("nope").status().message(),
            "Could not interpret constraint identifier: nope");
}

}  // namespace
}  // namespace convoy::keras
