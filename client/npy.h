// Numpy's .npy format, versions 1 to 3, from and to files and streams.
#ifndef CONVOY_CLIENT_NPY_H_
#define CONVOY_CLIENT_NPY_H_

#include <istream>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/tensor.h"

namespace convoy::client {

// Reads one array and leaves the stream behind its last byte, as numpy.load
// does, so that arrays may follow each other in a pipe. Fortran order and big
// endian are converted. INVALID_ARGUMENT when the bytes are not a .npy array
// of numbers or end early; memory grows with what arrives, not with what the
// header promises.
absl::StatusOr<Tensor> ReadNpy(std::istream& in);

// The same; NOT_FOUND or PERMISSION_DENIED when the file cannot be opened.
// Every message begins with the path.
absl::StatusOr<Tensor> ReadNpyFile(const std::string& path);

// Writes version 1.0, row-major, little-endian. INVALID_ARGUMENT for BF16,
// which the format does not have; UNKNOWN when the stream takes no more.
// REQUIRES: CheckTensor(tensor) is OK.
absl::Status WriteNpy(const TensorView& tensor, std::ostream& out);

// The same into a file, which is replaced if it exists.
absl::Status WriteNpyFile(const TensorView& tensor, const std::string& path);

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_NPY_H_
