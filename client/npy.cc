#include "client/npy.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/npy_header.h"

namespace convoy::client {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kPreambleBytes = 8;  // magic, major, minor
constexpr size_t kAlignment = 64;
// Numpy's own limit for headers it does not trust is 10,000.
constexpr size_t kMaxHeaderBytes = 65536;
// Room is added in steps, so that a header's promise alone allocates nothing.
constexpr size_t kMaxStepBytes = size_t{16} << 20;

absl::StatusOr<std::string> ReadExactly(std::istream& in, size_t size, const char* what) {
  std::string bytes;
  while (bytes.size() < size) {
    const size_t before = bytes.size();
    const size_t step = std::min(size - before, kMaxStepBytes);
    bytes.resize(before + step);
    in.read(bytes.data() + before, static_cast<std::streamsize>(step));
    const auto came = static_cast<size_t>(in.gcount());
    if (came == step) continue;
    if (in.bad()) return absl::UnknownError(absl::StrCat("npy: reading the ", what, " failed"));
    return absl::InvalidArgumentError(absl::StrCat("npy: expected ", size, " bytes of ", what,
                                                   ", the input ends after ", before + came));
  }
  return bytes;
}

absl::StatusOr<NpyHeader> ReadHeader(std::istream& in) {
  const absl::StatusOr<std::string> preamble = ReadExactly(in, kPreambleBytes, "magic");
  if (!preamble.ok()) return preamble.status();
  if (!preamble->starts_with(kMagic)) {
    return absl::InvalidArgumentError("npy: expected the magic \\x93NUMPY, got something else");
  }
  const int major = static_cast<unsigned char>((*preamble)[kMagic.size()]);
  if (major < 1 || major > 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("npy: expected format version 1, 2 or 3, got ", major));
  }
  const absl::StatusOr<std::string> length = ReadExactly(in, major == 1 ? 2 : 4, "header length");
  if (!length.ok()) return length.status();
  size_t header_bytes = 0;
  for (size_t i = length->size(); i-- > 0;) {
    header_bytes = header_bytes << 8 | static_cast<unsigned char>((*length)[i]);
  }
  if (header_bytes > kMaxHeaderBytes) {
    return absl::InvalidArgumentError(absl::StrCat("npy: expected a header of at most ",
                                                   kMaxHeaderBytes, " bytes, got ", header_bytes));
  }
  const absl::StatusOr<std::string> text = ReadExactly(in, header_bytes, "header");
  if (!text.ok()) return text.status();
  return ParseNpyHeader(*text);
}

void SwapByteOrder(size_t element_bytes, std::string& bytes) {
  for (size_t at = 0; at < bytes.size(); at += element_bytes) {
    std::reverse(bytes.data() + at, bytes.data() + at + element_bytes);
  }
}

// Column-major in, row-major out. Walks the output in order with one counter a
// dimension and follows the input with its strides.
std::string ToRowMajor(const std::vector<int64_t>& shape, size_t element_bytes,
                       const std::string& columns) {
  std::vector<int64_t> strides(shape.size());
  auto stride = static_cast<int64_t>(element_bytes);
  for (size_t d = 0; d < shape.size(); ++d) {
    strides[d] = stride;
    stride *= shape[d];
  }
  std::string rows(columns.size(), '\0');
  std::vector<int64_t> index(shape.size(), 0);
  int64_t from = 0;
  for (size_t to = 0; to < rows.size(); to += element_bytes) {
    std::memcpy(rows.data() + to, columns.data() + from, element_bytes);
    for (size_t d = shape.size(); d-- > 0;) {
      from += strides[d];
      if (++index[d] < shape[d]) break;
      from -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
  return rows;
}

absl::Status WithPath(const std::string& path, const absl::Status& status) {
  if (status.ok()) return status;
  return {status.code(), absl::StrCat(path, ": ", std::string(status.message()))};
}

}  // namespace

absl::StatusOr<Tensor> ReadNpy(std::istream& in) {
  absl::StatusOr<NpyHeader> header = ReadHeader(in);
  if (!header.ok()) return header.status();
  const absl::StatusOr<int64_t> size = ByteSize(header->dtype, header->shape);
  if (!size.ok()) return size.status();
  absl::StatusOr<std::string> bytes = ReadExactly(in, static_cast<size_t>(*size), "data");
  if (!bytes.ok()) return bytes.status();
  const size_t element_bytes = DTypeSize(header->dtype);
  if (header->big_endian && element_bytes > 1) SwapByteOrder(element_bytes, *bytes);
  if (header->fortran_order && header->shape.size() > 1 && !bytes->empty()) {
    *bytes = ToRowMajor(header->shape, element_bytes, *bytes);
  }
  return Tensor{header->dtype, std::move(header->shape), *std::move(bytes)};
}

absl::StatusOr<Tensor> ReadNpyFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot be opened"));
  absl::StatusOr<Tensor> tensor = ReadNpy(in);
  if (!tensor.ok()) return WithPath(path, tensor.status());
  return tensor;
}

absl::Status WriteNpy(const TensorView& tensor, std::ostream& out) {
  absl::StatusOr<std::string> header =
      FormatNpyHeader({tensor.dtype, false, false, {tensor.shape.begin(), tensor.shape.end()}});
  if (!header.ok()) return header.status();
  const size_t unpadded = kPreambleBytes + 2 + header->size() + 1;
  header->append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  header->push_back('\n');
  out << kMagic << '\x01' << '\0' << static_cast<char>(header->size() & 0xff)
      << static_cast<char>(header->size() >> 8) << *header;
  out.write(tensor.bytes.data(), static_cast<std::streamsize>(tensor.bytes.size()));
  out.flush();
  if (!out) return absl::UnknownError("npy: writing failed");
  return absl::OkStatus();
}

absl::Status WriteNpyFile(const TensorView& tensor, const std::string& path) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  if (!out) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot be written"));
  const absl::Status written = WriteNpy(tensor, out);
  // Some file systems say only now that there was no room.
  out.close();
  if (written.ok() && !out) return absl::UnknownError(absl::StrCat(path, ": writing failed"));
  return WithPath(path, written);
}

}  // namespace convoy::client
