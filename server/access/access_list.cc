#include "server/access/access_list.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/bounded_json.h"
#include "kernel/base/status_macros.h"

namespace convoy::access {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxNameBytes = 64;

absl::Status Invalid(const std::string& where, const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", why));
}

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
         });
}

absl::Status ReadFlag(const Json& value, const std::string& where, bool& flag) {
  if (!value.is_boolean()) return Invalid(where, "expected true or false");
  flag = value.get<bool>();
  return absl::OkStatus();
}

absl::Status ReadLayers(const Json& value, const std::string& where, Grant& grant) {
  if (!value.is_array()) return Invalid(where, "expected a list of layers, [\"*\"] for all");
  for (const Json& layer : value) {
    if (!layer.is_string() || layer.get_ref<const std::string&>().empty()) {
      return Invalid(where, "expected names of layers");
    }
    const auto& name = layer.get_ref<const std::string&>();
    if (name == "*") {
      grant.infer_all = true;
    } else {
      grant.infer.insert(name);
    }
  }
  return absl::OkStatus();
}

// A whole number from 0.
absl::Status ReadLimit(const Json& value, const std::string& where, int64_t& limit) {
  if (!value.is_number_unsigned() ||
      value.get<uint64_t>() > uint64_t{std::numeric_limits<int64_t>::max()}) {
    return Invalid(where, "expected a whole number, 0 for no limit");
  }
  limit = value.get<int64_t>();
  return absl::OkStatus();
}

absl::Status ReadWeight(const Json& value, const std::string& where, double& weight) {
  constexpr double kLeast = 0.01, kMost = 100;
  if (!value.is_number() || !(value.get<double>() >= kLeast && value.get<double>() <= kMost)) {
    return Invalid(where, absl::StrCat("expected a number of ", kLeast, " to ", kMost));
  }
  weight = value.get<double>();
  return absl::OkStatus();
}

absl::Status ReadField(const std::string& key, const Json& value, const std::string& where,
                       Grant& grant) {
  if (key == "read") return ReadFlag(value, where, grant.read);
  if (key == "write") return ReadFlag(value, where, grant.write);
  if (key == "infer") return ReadLayers(value, where, grant);
  if (key == "weight") return ReadWeight(value, where, grant.limits.weight);
  if (key == "max_in_flight") return ReadLimit(value, where, grant.limits.max_in_flight);
  if (key == "max_waiting_bytes") return ReadLimit(value, where, grant.limits.max_waiting_bytes);
  if (key != "name" && key != "sha256" && key != "certificate") {
    return Invalid(where, "unknown key");
  }
  if (!value.is_string()) return Invalid(where, "expected a string");
  const auto& text = value.get_ref<const std::string&>();
  if (key == "sha256") {
    grant.secret = ParseSecretHash(text);
    return grant.secret ? absl::OkStatus() : Invalid(where, "expected 64 hexadecimal digits");
  }
  if (text.empty()) return Invalid(where, "expected a name, got none");
  (key == "name" ? grant.name : grant.certificate) = text;
  return absl::OkStatus();
}

absl::StatusOr<Grant> ReadGrant(const Json& entry, const std::string& where) {
  if (!entry.is_object()) return Invalid(where, "expected an object");
  Grant grant;
  for (const auto& [key, value] : entry.items()) {
    CONVOY_RETURN_IF_ERROR(ReadField(key, value, absl::StrCat(where, ".", key), grant));
  }
  if (!IsName(grant.name)) {
    return Invalid(absl::StrCat(where, ".name"),
                   absl::StrCat("expected 1 to ", kMaxNameBytes, " letters, digits, - and _"));
  }
  if (!grant.secret && grant.certificate.empty()) {
    return Invalid(where, "expected \"sha256\" or \"certificate\", got neither");
  }
  grant.read = grant.read || grant.write;
  return grant;
}

}  // namespace

absl::StatusOr<AccessList> AccessList::Parse(std::string_view json) {
  CONVOY_ASSIGN_OR_RETURN(const Json document, ParseBoundedJson(json));
  if (!document.is_object() || document.size() != 1 || !document.contains("tokens") ||
      !document["tokens"].is_array()) {
    return absl::InvalidArgumentError("expected {\"tokens\": [...]}");
  }
  AccessList list;
  for (size_t i = 0; i < document["tokens"].size(); ++i) {
    const std::string where = absl::StrCat("tokens[", i, "]");
    CONVOY_ASSIGN_OR_RETURN(Grant grant, ReadGrant(document["tokens"][i], where));
    const auto [added, is_new] = list.by_name_.try_emplace(grant.name, grant);
    if (!is_new) return Invalid(where, absl::StrCat("another entry is called ", grant.name));
    if (grant.certificate.empty()) continue;
    if (!list.by_certificate_.try_emplace(grant.certificate, &added->second).second) {
      return Invalid(where, absl::StrCat("another entry has the certificate ", grant.certificate));
    }
  }
  return list;
}

void AccessList::SetTenants(const std::function<batching::Tenant*(const Grant&)>& tenant_of) {
  for (auto& [name, grant] : by_name_) grant.tenant = tenant_of(grant);
}

const Grant* AccessList::FindName(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

const Grant* AccessList::FindCertificate(std::string_view name) const {
  const auto found = by_certificate_.find(name);
  return found == by_certificate_.end() ? nullptr : found->second;
}

}  // namespace convoy::access
