#include "client/npy_header.h"

#include <array>
#include <cctype>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/tensor.h"

namespace convoy::client {
namespace {

constexpr size_t kMaxRank = 64;

struct Kind {
  const char* code;
  DType dtype;
};

constexpr std::array<Kind, 12> kKinds = {{
    {"b1", DType::kBool},
    {"u1", DType::kUint8},
    {"u2", DType::kUint16},
    {"u4", DType::kUint32},
    {"u8", DType::kUint64},
    {"i1", DType::kInt8},
    {"i2", DType::kInt16},
    {"i4", DType::kInt32},
    {"i8", DType::kInt64},
    {"f2", DType::kFp16},
    {"f4", DType::kFp32},
    {"f8", DType::kFp64},
}};

absl::Status HeaderError(const std::string& field, const std::string& expected,
                         std::string_view got) {
  constexpr size_t kShown = 40;
  const std::string shown(got.substr(0, kShown));
  return absl::InvalidArgumentError(absl::StrCat("npy header: ", field, ": expected ", expected,
                                                 ", got \"", absl::CHexEscape(shown), "\"",
                                                 got.size() > kShown ? "..." : ""));
}

// Reads the few Python literals a header is made of, left to right.
class LiteralReader {
 public:
  explicit LiteralReader(std::string_view text) : rest_(text) { SkipSpace(); }

  std::string_view rest() const { return rest_; }

  // Steps over `token` and the space after it; false when it is not there.
  bool Take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    SkipSpace();
    return true;
  }

  absl::StatusOr<std::string> TakeString(const std::string& field) {
    const char quote = rest_.empty() ? '\0' : rest_.front();
    const size_t end =
        quote == '\'' || quote == '"' ? rest_.find(quote, 1) : std::string_view::npos;
    if (end == std::string_view::npos) return HeaderError(field, "a quoted string", rest_);
    const std::string value(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    SkipSpace();
    return value;
  }

  absl::StatusOr<bool> TakeBool(const std::string& field) {
    if (Take("True")) return true;
    if (Take("False")) return false;
    return HeaderError(field, "True or False", rest_);
  }

  absl::StatusOr<std::vector<int64_t>> TakeShape() {
    std::vector<int64_t> shape;
    if (!Take("(")) return HeaderError("shape", "a tuple", rest_);
    while (!Take(")")) {
      const absl::StatusOr<int64_t> size = TakeSize();
      if (!size.ok()) return size.status();
      shape.push_back(*size);
      if (shape.size() > kMaxRank) return HeaderError("shape", "at most 64 sizes", rest_);
      if (!Take(",") && !rest_.starts_with(")")) {
        return HeaderError("shape", "a comma or the end of the tuple", rest_);
      }
    }
    return shape;
  }

 private:
  absl::StatusOr<int64_t> TakeSize() {
    const std::string_view start = rest_;
    int64_t value = 0;
    while (!rest_.empty() && std::isdigit(static_cast<unsigned char>(rest_.front()))) {
      if (__builtin_mul_overflow(value, 10, &value) ||
          __builtin_add_overflow(value, rest_.front() - '0', &value)) {
        return HeaderError("shape", "sizes below 2^63", start);
      }
      rest_.remove_prefix(1);
    }
    if (rest_.size() == start.size()) return HeaderError("shape", "an integer", start);
    if (!Take("L")) SkipSpace();
    return value;
  }

  void SkipSpace() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front()))) {
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
};

absl::Status SetDescr(const std::string& descr, NpyHeader& header) {
  const std::string_view text = descr;
  const bool has_order =
      !text.empty() && std::string_view("<>|=").find(text[0]) != std::string_view::npos;
  const std::string_view code = has_order ? text.substr(1) : text;
  for (const Kind& kind : kKinds) {
    if (code != kind.code) continue;
    header.dtype = kind.dtype;
    header.big_endian = text[0] == '>';
    return absl::OkStatus();
  }
  return HeaderError("descr", "bool, an integer or a float of 2, 4 or 8 bytes, such as \"<f4\"",
                     descr);
}

// Which keys have been seen; each must come exactly once.
struct Seen {
  bool descr = false;
  bool fortran_order = false;
  bool shape = false;
};

absl::Status ReadEntry(LiteralReader& reader, NpyHeader& header, Seen& seen) {
  const absl::StatusOr<std::string> key = reader.TakeString("key");
  if (!key.ok()) return key.status();
  if (!reader.Take(":")) return HeaderError(*key, "a colon", reader.rest());
  if (*key == "descr" && !seen.descr) {
    seen.descr = true;
    if (reader.rest().starts_with("[")) {
      return HeaderError("descr", "one element type, not a structure", reader.rest());
    }
    const absl::StatusOr<std::string> descr = reader.TakeString("descr");
    if (!descr.ok()) return descr.status();
    return SetDescr(*descr, header);
  }
  if (*key == "fortran_order" && !seen.fortran_order) {
    seen.fortran_order = true;
    const absl::StatusOr<bool> value = reader.TakeBool("fortran_order");
    if (!value.ok()) return value.status();
    header.fortran_order = *value;
    return absl::OkStatus();
  }
  if (*key == "shape" && !seen.shape) {
    seen.shape = true;
    absl::StatusOr<std::vector<int64_t>> shape = reader.TakeShape();
    if (!shape.ok()) return shape.status();
    header.shape = *std::move(shape);
    return absl::OkStatus();
  }
  return HeaderError("key", "descr, fortran_order and shape, each once", *key);
}

}  // namespace

absl::StatusOr<NpyHeader> ParseNpyHeader(std::string_view text) {
  LiteralReader reader(text);
  NpyHeader header;
  Seen seen;
  if (!reader.Take("{")) return HeaderError("start", "a dict", reader.rest());
  while (!reader.Take("}")) {
    const absl::Status status = ReadEntry(reader, header, seen);
    if (!status.ok()) return status;
    if (!reader.Take(",") && !reader.rest().starts_with("}")) {
      return HeaderError("dict", "a comma or its end", reader.rest());
    }
  }
  if (!reader.rest().empty()) return HeaderError("end", "nothing after the dict", reader.rest());
  if (!seen.descr || !seen.fortran_order || !seen.shape) {
    return HeaderError("dict", "the keys descr, fortran_order and shape", text);
  }
  const absl::StatusOr<int64_t> bytes = ByteSize(header.dtype, header.shape);
  if (!bytes.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("npy header: ", std::string(bytes.status().message())));
  }
  return header;
}

absl::StatusOr<std::string> FormatNpyHeader(const NpyHeader& header) {
  for (const Kind& kind : kKinds) {
    if (kind.dtype != header.dtype) continue;
    const char* order = DTypeSize(header.dtype) == 1 ? "|" : header.big_endian ? ">" : "<";
    return absl::StrCat("{'descr': '", order, kind.code,
                        "', 'fortran_order': ", header.fortran_order ? "True" : "False",
                        ", 'shape': ", ShapeString(header.shape), ", }");
  }
  return absl::InvalidArgumentError(
      absl::StrCat("npy: no element type for ", DTypeName(header.dtype)));
}

}  // namespace convoy::client
