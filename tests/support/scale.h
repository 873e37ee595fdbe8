// Test counts: scaled down for the fast suite, whole for the long one.
#ifndef CONVOY_TESTS_SUPPORT_SCALE_H_
#define CONVOY_TESTS_SUPPORT_SCALE_H_

#include <cstdlib>
#include <string_view>

namespace convoy::testing {

// `full` where the environment variable CONVOY_TEST_SCALE is "full" (the long
// suite sets it), `fast` elsewhere.
inline int Scaled(int fast, int full) {
  const char* scale = std::getenv("CONVOY_TEST_SCALE");
  return scale != nullptr && std::string_view(scale) == "full" ? full : fast;
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_SUPPORT_SCALE_H_
