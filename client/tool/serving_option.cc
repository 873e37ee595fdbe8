#include "client/tool/serving_option.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace convoy::tool {
namespace {

using google::protobuf::FieldDescriptor;

std::string Keys(const google::protobuf::Descriptor& type) {
  std::vector<std::string> keys;
  for (int i = 0; i < type.field_count(); ++i) keys.push_back(type.field(i)->name());
  return absl::StrJoin(keys, ", ");
}

// Whether the field takes the value.
bool Set(const FieldDescriptor& field, const std::string& value,
         convoy::v1::ServingOptions& options) {
  const google::protobuf::Reflection& reflection = *options.GetReflection();
  int64_t number = 0;
  bool truth = false;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
      if (!absl::SimpleAtoi(value, &number)) return false;
      reflection.SetInt64(&options, &field, number);
      return true;
    case FieldDescriptor::CPPTYPE_BOOL:
      if (!absl::SimpleAtob(value, &truth)) return false;
      reflection.SetBool(&options, &field, truth);
      return true;
    default:
      reflection.SetString(&options, &field, value);
      return true;
  }
}

}  // namespace

absl::StatusOr<std::string> TakeServingOption(const std::string& text,
                                              convoy::v1::ServingOptions& options) {
  const size_t end = text.find('=');
  const std::string key = text.substr(0, end);
  const google::protobuf::Descriptor& type = *options.GetDescriptor();
  const FieldDescriptor* const field = type.FindFieldByName(key);
  if (field == nullptr || end == std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("--set: expected KEY=VALUE with a KEY of ", Keys(type), ", got ", text));
  }
  const std::string value = text.substr(end + 1);
  if (!value.empty() && !Set(*field, value, options)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--set ", key, ": expected ",
        field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL ? "true or false" : "a whole number",
        ", got ", value));
  }
  return key;
}

}  // namespace convoy::tool
