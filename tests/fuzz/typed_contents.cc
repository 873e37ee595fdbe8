// An InferTensorContents: counted as the generated parser reads it, and the same
// elements for the datatypes whose field holds them as they are.
#include "server/rpc/typed_contents.h"

#include <cstring>

#include "server/rpc/slice_cursor.h"
#include "tests/fuzz/cut_bytes.h"
#include "tests/fuzz/fuzz_target.h"

namespace convoy::rpc {
namespace {

// `field` has the elements of `dtype`, if no other field has any.
template <typename Field>
void ExpectElements(TypedContents& contents, layer::DType dtype, const Field& field, int others) {
  const auto tensor = contents.ToTensor(dtype, field.size());
  if (others > 0) {
    testing::Require(!tensor.ok(), "elements of another field are let pass");
    return;
  }
  testing::Require(tensor.ok(), "the elements of the datatype's own field are refused");
  const size_t bytes = field.size() * sizeof(*field.data());
  testing::Require(tensor->size() == bytes, "the tensor has another size than its elements");
  testing::Require(bytes == 0 || std::memcmp(tensor->data(), field.data(), bytes) == 0,
                   "an element changes");
  testing::Require(!contents.ToTensor(dtype, field.size() + 1).ok(), "too few elements pass");
}

}  // namespace
}  // namespace convoy::rpc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using convoy::layer::DType;
  const convoy::testing::CutBytes cut = convoy::testing::Cut(data, size);
  convoy::rpc::TypedContents contents;
  const bool added = contents.Add(convoy::rpc::SliceCursor(cut.slices));
  inference::InferTensorContents parsed;
  const bool good = parsed.ParseFromArray(cut.bytes.data(), static_cast<int>(cut.bytes.size()));
  convoy::testing::Require(!added || good, "the generated parser refuses what was added");
  if (!added) return 0;
  const int all = parsed.bool_contents_size() + parsed.int_contents_size() +
                  parsed.int64_contents_size() + parsed.uint_contents_size() +
                  parsed.uint64_contents_size() + parsed.fp32_contents_size() +
                  parsed.fp64_contents_size() + parsed.bytes_contents_size();
  convoy::testing::Require(contents.empty() == (all == 0), "elements were lost or made up");
  const auto expect = [&](DType dtype, const auto& field) {
    convoy::rpc::ExpectElements(contents, dtype, field, all - field.size());
  };
  expect(DType::kInt32, parsed.int_contents());
  expect(DType::kInt64, parsed.int64_contents());
  expect(DType::kUint32, parsed.uint_contents());
  expect(DType::kUint64, parsed.uint64_contents());
  expect(DType::kFloat32, parsed.fp32_contents());
  expect(DType::kFloat64, parsed.fp64_contents());
  return 0;
}
