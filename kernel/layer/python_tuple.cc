#include "kernel/layer/python_tuple.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace convoy::layer {

std::string PythonTuple(absl::Span<const int64_t> shape) {
  const auto dimension = [](std::string* out, int64_t size) {
    absl::StrAppend(out, size == -1 ? "None" : absl::StrCat(size));
  };
  return absl::StrCat("(", absl::StrJoin(shape, ", ", dimension), shape.size() == 1 ? ",)" : ")");
}

}  // namespace convoy::layer
