#include "kernel/keras/python_repr.h"

#include <gtest/gtest.h>

namespace convoy::keras {
namespace {

using nlohmann::json;

TEST(PythonReprTest, ValuesReadAsPythonPrintsThem) {
  EXPECT_EQ(PythonRepr(json::parse(R"([1, 2.5, true, null, "a", {"k": [false]}])")),
            "[1, 2.5, True, None, 'a', {'k': [False]}]");
  EXPECT_EQ(PythonRepr(json::parse("4.0")), "4.0");
  EXPECT_EQ(PythonRepr("it's"), "\"it's\"");
  EXPECT_EQ(PythonRepr("a\nb"), "'a\\nb'");
  EXPECT_EQ(PythonRepr(json::object()), "{}");
}

TEST(PythonReprTest, StrLeavesABareStringBare) {
  EXPECT_EQ(PythonStr("full"), "full");
  EXPECT_EQ(PythonStr(json::parse(R"(["full"])")), "['full']");
}

TEST(PythonReprTest, TypeNamesArePythons) {
  EXPECT_EQ(PythonTypeName(nullptr), "NoneType");
  EXPECT_EQ(PythonTypeName(true), "bool");
  EXPECT_EQ(PythonTypeName(-1), "int");
  EXPECT_EQ(PythonTypeName(1.0), "float");
  EXPECT_EQ(PythonTypeName("a"), "str");
  EXPECT_EQ(PythonTypeName(json::array()), "list");
  EXPECT_EQ(PythonTypeName(json::object()), "dict");
}

}  // namespace
}  // namespace convoy::keras
