#include "server/repository/safetensors_header.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kernel/base/status_macros.h"

namespace convoy::repository {
namespace {

// A name from the file, made fit for one line of a log.
std::string Quoted(std::string_view name) {
  constexpr size_t kShown = 64;
  const std::string shown(name.substr(0, kShown));
  return absl::StrCat("\"", absl::Utf8SafeCEscape(shown), name.size() > kShown ? "..." : "", "\"");
}

// Of a shape or a pair of offsets: no variable of a layer has more axes.
constexpr size_t kMostNumbers = 8;

// What one tensor's object has said so far.
struct Fields {
  std::optional<std::string> dtype;
  std::optional<std::vector<int64_t>> shape;
  std::optional<std::vector<int64_t>> offsets;
};

// Receives the parser's events and follows the one form that a header may have:
//   {"name": {"dtype": "F32", "shape": [8, 2], "data_offsets": [0, 64]}, ...,
//    "__metadata__": {"key": "value", ...}}
// Every call-back returns false at the first deviation, which ends the parse;
// so nesting never goes deeper than that form.
class HeaderReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  // REQUIRES: called once, after the parse.
  absl::StatusOr<std::vector<TensorEntry>> Finish() && {
    if (!status_.ok()) return status_;
    return std::move(entries_);
  }

  bool null() override { return Unexpected("null"); }
  bool boolean(bool /*value*/) override { return Unexpected("a boolean"); }
  bool number_integer(number_integer_t value) override {
    return Unexpected(absl::StrCat("the number ", value));
  }
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    return Unexpected(absl::StrCat("the number ", text));
  }
  bool binary(binary_t& /*value*/) override { return Unexpected("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    std::vector<int64_t>* list = OpenList();
    if (list == nullptr) return Unexpected(absl::StrCat("the number ", value));
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return Refuse(absl::StrCat(Where(), ": ", value, " does not fit in 64 signed bits"));
    }
    if (list->size() == kMostNumbers) {
      return Refuse(absl::StrCat(Where(), ": expected at most ", kMostNumbers, " numbers"));
    }
    list->push_back(static_cast<int64_t>(value));
    return true;
  }

  bool string(string_t& value) override {
    if (place_ == Place::kMetadata) return true;
    if (place_ != Place::kTensor || field_ != "dtype") return Unexpected("a string");
    fields_.dtype = std::move(value);
    return true;
  }

  bool start_object(size_t /*elements*/) override {
    switch (place_) {
      case Place::kStart:
        place_ = Place::kTop;
        return true;
      case Place::kTop:
        place_ = tensor_ == "__metadata__" ? Place::kMetadata : Place::kTensor;
        inner_keys_.clear();
        fields_ = Fields();
        return true;
      default:
        return Unexpected("an object");
    }
  }

  bool key(string_t& name) override {
    const bool top = place_ == Place::kTop;
    if (!(top ? names_ : inner_keys_).insert(name).second) {
      return Refuse(absl::StrCat(top ? "header" : Quoted(tensor_), ": the key ", Quoted(name),
                                 " occurs twice"));
    }
    (top ? tensor_ : field_) = name;
    if (place_ == Place::kTensor && name != "dtype" && name != "shape" && name != "data_offsets") {
      return Refuse(absl::StrCat("tensor ", Quoted(tensor_), ": unknown key ", Quoted(name),
                                 "; expected dtype, shape and data_offsets"));
    }
    return true;
  }

  bool end_object() override {
    const Place ended = std::exchange(place_, place_ == Place::kTop ? Place::kEnd : Place::kTop);
    return ended != Place::kTensor || AddEntry();
  }

  bool start_array(size_t /*elements*/) override {
    if (place_ != Place::kTensor || field_ == "dtype") return Unexpected("an array");
    place_ = Place::kList;
    (field_ == "shape" ? fields_.shape : fields_.offsets).emplace();
    return true;
  }

  bool end_array() override {
    place_ = Place::kTensor;
    return true;
  }

  bool parse_error(size_t position, const std::string& /*last_token*/,
                   const nlohmann::json::exception& /*error*/) override {
    return Refuse(absl::StrCat("header: not JSON at byte ", position));
  }

 private:
  enum class Place { kStart, kTop, kMetadata, kTensor, kList, kEnd };

  bool Refuse(const std::string& message) {
    status_ = absl::InvalidArgumentError(message);
    return false;
  }

  std::string Where() const {
    switch (place_) {
      case Place::kStart:
      case Place::kEnd:
        return "header";
      case Place::kTop:
        return Quoted(tensor_);
      case Place::kMetadata:
        return absl::StrCat("__metadata__ ", Quoted(field_));
      case Place::kTensor:
      case Place::kList:
        break;
    }
    return absl::StrCat("tensor ", Quoted(tensor_), ": ", field_);
  }

  bool Unexpected(std::string_view got) {
    std::string_view expected = "an object";
    if (place_ == Place::kMetadata) expected = "a string";
    if (place_ == Place::kTensor) expected = field_ == "dtype" ? "a string" : "an array";
    if (place_ == Place::kList) expected = "a whole number that is not negative";
    return Refuse(
        absl::StrCat(Where(), ": expected ", std::string(expected), ", got ", std::string(got)));
  }

  std::vector<int64_t>* OpenList() {
    if (place_ != Place::kList) return nullptr;
    return &*(field_ == "shape" ? fields_.shape : fields_.offsets);
  }

  bool AddEntry() {
    absl::StatusOr<TensorEntry> entry = MakeEntry();
    if (!entry.ok()) {
      return Refuse(
          absl::StrCat("tensor ", Quoted(tensor_), ": ", std::string(entry.status().message())));
    }
    entries_.push_back(*std::move(entry));
    return true;
  }

  absl::StatusOr<TensorEntry> MakeEntry();

  Place place_ = Place::kStart;
  std::string tensor_;  // the open top-level key
  std::string field_;   // the open key inside it
  Fields fields_;
  absl::flat_hash_set<std::string> names_;
  absl::flat_hash_set<std::string> inner_keys_;
  std::vector<TensorEntry> entries_;
  absl::Status status_;
};

absl::StatusOr<int64_t> ByteSize(const std::vector<int64_t>& shape, layer::DType dtype) {
  int64_t bytes = layer::SizeOf(dtype);
  for (const int64_t dimension : shape) {
    if (__builtin_mul_overflow(bytes, dimension, &bytes)) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape [", absl::StrJoin(shape, ", "), "] does not fit in 64 bits"));
    }
  }
  return bytes;
}

absl::StatusOr<TensorEntry> HeaderReader::MakeEntry() {
  if (!fields_.dtype) return absl::InvalidArgumentError("dtype is missing");
  if (!fields_.shape) return absl::InvalidArgumentError("shape is missing");
  if (!fields_.offsets) return absl::InvalidArgumentError("data_offsets is missing");
  const std::optional<layer::DType> dtype = layer::FromSafetensorsName(*fields_.dtype);
  if (!dtype) {
    return absl::InvalidArgumentError(
        absl::StrCat("dtype ", Quoted(*fields_.dtype), " is not supported"));
  }
  if (fields_.offsets->size() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("data_offsets: expected 2 numbers, got ", fields_.offsets->size()));
  }
  CONVOY_ASSIGN_OR_RETURN(const int64_t bytes, ByteSize(*fields_.shape, *dtype));
  const int64_t begin = (*fields_.offsets)[0];
  const int64_t end = (*fields_.offsets)[1];
  // Neither is negative, so the difference cannot overflow.
  if (end - begin != bytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "data_offsets [", begin, ", ", end, "] span ", end - begin, " bytes, but ", *fields_.dtype,
        " of shape [", absl::StrJoin(*fields_.shape, ", "), "] takes ", bytes));
  }
  return TensorEntry{tensor_, *dtype, *std::move(fields_.shape), begin, end};
}

// `entries` must be sorted by their bytes.
absl::Status CheckCoverage(const std::vector<TensorEntry>& entries, int64_t data_bytes) {
  int64_t covered = 0;
  for (const TensorEntry& entry : entries) {
    if (entry.begin != covered) {
      return absl::InvalidArgumentError(absl::StrCat(
          "tensor ", Quoted(entry.name), " begins at byte ", entry.begin, " of the data, ",
          entry.begin < covered ? "inside another tensor" : "behind a hole", "; expected ",
          covered));
    }
    covered = entry.end;
  }
  if (covered != data_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("the tensors take ", covered, " bytes, but ",
                                                   data_bytes, " follow the header: the file is ",
                                                   data_bytes < covered ? "cut off" : "too long"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<TensorEntry>> ParseSafetensorsHeader(std::string_view header,
                                                                int64_t data_bytes) {
  if (header.empty() || header.front() != '{') {
    return absl::InvalidArgumentError("header: expected it to begin with '{'");
  }
  // The JSON parser takes a NUL for the end of its input.
  if (const size_t nul = header.find('\0'); nul != std::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("header: not JSON at byte ", nul));
  }
  HeaderReader reader;
  nlohmann::json::sax_parse(header, &reader);
  CONVOY_ASSIGN_OR_RETURN(std::vector<TensorEntry> entries, std::move(reader).Finish());
  // An empty tensor shares its offset with the tensor behind it and goes first.
  std::sort(entries.begin(), entries.end(), [](const TensorEntry& a, const TensorEntry& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  CONVOY_RETURN_IF_ERROR(CheckCoverage(entries, data_bytes));
  return entries;
}

}  // namespace convoy::repository
