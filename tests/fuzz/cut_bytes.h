// The bytes of a fuzz target as a network may cut them.
#ifndef CONVOY_TESTS_FUZZ_CUT_BYTES_H_
#define CONVOY_TESTS_FUZZ_CUT_BYTES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "grpcpp/support/slice.h"
#include "tests/fuzz/fuzz_target.h"

namespace convoy::testing {

struct CutBytes {
  std::string_view bytes;
  std::vector<grpc::Slice> slices;
};

// The first byte says where the others are cut: its low half is the length of the
// first piece, its high half that of each further one, 0 for all that is left.
inline CutBytes Cut(const uint8_t* data, size_t size) {
  CutBytes cut;
  if (size == 0) return cut;
  cut.bytes = TextOf(data + 1, size - 1);
  const size_t first = data[0] & 15;
  const size_t each = data[0] >> 4;
  for (size_t begin = 0; begin < cut.bytes.size();) {
    const size_t wanted = begin == 0 ? first : each;
    const size_t left = cut.bytes.size() - begin;
    const size_t length = wanted == 0 ? left : std::min(wanted, left);
    cut.slices.emplace_back(cut.bytes.data() + begin, length);
    begin += length;
  }
  return cut;
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_FUZZ_CUT_BYTES_H_
