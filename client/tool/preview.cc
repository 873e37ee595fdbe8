#include "client/tool/preview.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace convoy::tool {
namespace {

constexpr int64_t kMaxRows = 6;
constexpr int64_t kMaxColumns = 6;

std::string FormatValue(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return absl::StrFormat("%.6g", value);
}

// "[0, 17]": where in the leading axes the row lies.
std::string RowIndex(absl::Span<const int64_t> leading, int64_t row) {
  std::string index;
  for (size_t axis = leading.size(); axis-- > 0;) {
    const int64_t at = row % leading[axis];
    row /= leading[axis];
    index = index.empty() ? absl::StrCat(at) : absl::StrCat(at, ", ", index);
  }
  return absl::StrCat("[", index, "]");
}

}  // namespace

void PrintPreview(const client::TensorView& tensor, std::ostream& out) {
  const int64_t count = client::ElementCount(tensor);
  if (count == 0) {
    out << "(no elements)\n";
    return;
  }
  const int64_t columns = tensor.shape.empty() ? 1 : tensor.shape.back();
  const int64_t rows = count / columns;
  const absl::Span<const int64_t> leading =
      tensor.shape.subspan(0, tensor.shape.empty() ? 0 : tensor.shape.size() - 1);
  for (int64_t row = 0; row < std::min(rows, kMaxRows); ++row) {
    out << absl::StrFormat("%-10s", RowIndex(leading, row));
    for (int64_t column = 0; column < std::min(columns, kMaxColumns); ++column) {
      const double value = client::ElementAt(tensor, row * columns + column);
      out << absl::StrFormat(" %12s", FormatValue(value));
    }
    out << (columns > kMaxColumns ? "  ...\n" : "\n");
  }
  if (rows > kMaxRows) out << "... " << rows - kMaxRows << " more rows\n";
}

}  // namespace convoy::tool
