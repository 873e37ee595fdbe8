#include "kernel/base/bounded_json.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace convoy {
namespace {

using nlohmann::json;

absl::Status NotJson(size_t position) {
  return absl::InvalidArgumentError(absl::StrCat("not JSON at byte ", position));
}

// Receives the parser's events, keeps nothing and says no at the first bound.
class BoundChecker final : public nlohmann::json_sax<json> {
 public:
  explicit BoundChecker(const JsonBounds& bounds) : bounds_(bounds) {}

  const absl::Status& status() const { return status_; }

  bool null() override { return Count(); }
  bool boolean(bool /*value*/) override { return Count(); }
  bool number_integer(number_integer_t /*value*/) override { return Count(); }
  bool number_unsigned(number_unsigned_t /*value*/) override { return Count(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return Count(); }
  bool string(string_t& value) override { return CountString(value); }
  bool binary(binary_t& /*value*/) override { return Count(); }
  bool key(string_t& name) override { return CountString(name); }

  bool start_object(size_t /*elements*/) override { return Open(); }
  bool start_array(size_t /*elements*/) override { return Open(); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool parse_error(size_t position, const std::string& /*last_token*/,
                   const json::exception& /*error*/) override {
    status_ = NotJson(position);
    return false;
  }

 private:
  bool Refuse(const char* what, size_t most) {
    status_ = absl::InvalidArgumentError(absl::StrCat("JSON: expected at most ", most, " ", what));
    return false;
  }

  bool Count() { return ++values_ <= bounds_.values || Refuse("values", bounds_.values); }

  bool CountString(const string_t& value) {
    if (value.size() > bounds_.string_bytes) {
      return Refuse("bytes in a string", bounds_.string_bytes);
    }
    return Count();
  }

  bool Open() { return (++depth_ <= bounds_.depth || Refuse("levels", bounds_.depth)) && Count(); }

  bool Close() {
    --depth_;
    return true;
  }

  const JsonBounds bounds_;
  size_t depth_ = 0;
  size_t values_ = 0;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<json> ParseBoundedJson(std::string_view text, const JsonBounds& bounds) {
  // The parser takes a NUL for the end of its input.
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) return NotJson(nul);
  BoundChecker checker(bounds);
  json::sax_parse(text, &checker);
  if (!checker.status().ok()) return checker.status();
  return json::parse(text, nullptr, /*allow_exceptions=*/false);
}

}  // namespace convoy
