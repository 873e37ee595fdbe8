// The text header of a .npy file: a Python dict literal with the keys
// "descr", "fortran_order" and "shape".
#ifndef CONVOY_CLIENT_NPY_HEADER_H_
#define CONVOY_CLIENT_NPY_HEADER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/dtype.h"

namespace convoy::client {

struct NpyHeader {
  DType dtype = DType::kFp32;
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

// Accepts the keys in any order, both kinds of quotes and the long integers of
// Python 2. INVALID_ARGUMENT for anything else than the dict and white space,
// for element types other than bool, integers and f2, f4, f8, and for shapes
// whose bytes overflow.
absl::StatusOr<NpyHeader> ParseNpyHeader(std::string_view text);

// The header as numpy writes it, without the padding. INVALID_ARGUMENT for
// BF16, which the format does not have.
absl::StatusOr<std::string> FormatNpyHeader(const NpyHeader& header);

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_NPY_HEADER_H_
