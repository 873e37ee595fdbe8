// What a fuzz target is made of.
#ifndef CONVOY_TESTS_FUZZ_FUZZ_TARGET_H_
#define CONVOY_TESTS_FUZZ_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

// Reads `size` bytes of `data` as what the target is named after, and ends the process
// where the reader breaks its word. Returns 0. libFuzzer calls it with whatever reaches
// new code; the replay (replay.cc) with the files of the corpus.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace convoy::testing {

inline std::string_view TextOf(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the process with a sentence unless `holds`.
inline void Require(bool holds, std::string_view sentence) {
  if (holds) return;
  std::fprintf(stderr, "broken: %.*s\n", static_cast<int>(sentence.size()), sentence.data());
  std::abort();
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_FUZZ_FUZZ_TARGET_H_
