// Who may do what: the content of a token file.
#ifndef CONVOY_SERVER_ACCESS_ACCESS_LIST_H_
#define CONVOY_SERVER_ACCESS_ACCESS_LIST_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/access/secret_hash.h"
#include "server/batching/tenant.h"

namespace convoy::access {

// What one caller may do.
struct Grant {
  std::string name;
  std::optional<SecretHash> secret;  // none: there is no token of this name
  std::string certificate;           // a name in the caller's certificate; empty for none
  bool infer_all = false;
  std::set<std::string, std::less<>> infer;  // layers, unless all
  bool read = false;
  bool write = false;  // and then it may read
  batching::TenantLimits limits;
  batching::Tenant* tenant = nullptr;  // whose requests are the caller's; the gate's

  bool MayInfer(std::string_view layer) const { return infer_all || infer.contains(layer); }
};

// Immutable.
class AccessList {
 public:
  AccessList(AccessList&&) = default;
  AccessList& operator=(AccessList&&) = default;

  // {"tokens": [{"name": "team-a", "sha256": "9f86...", "infer": ["smooth"], "read": true,
  //              "write": false, "certificate": "team-a.example",
  //              "weight": 2, "max_in_flight": 100, "max_waiting_bytes": 67108864}, ...]}
  // "infer" is a list of layers, ["*"] for all; what is left out is not allowed, the
  // weight 1, and not limited. An entry has a sum of its secret, a certificate's name, or
  // both.
  //   INVALID_ARGUMENT  names the entry and the field.
  static absl::StatusOr<AccessList> Parse(std::string_view json);

  // Null when there is none.
  const Grant* FindName(std::string_view name) const;
  const Grant* FindCertificate(std::string_view name) const;

  size_t size() const { return by_name_.size(); }

  // Before the list is used: says which tenant each grant is.
  void SetTenants(const std::function<batching::Tenant*(const Grant&)>& tenant_of);

 private:
  AccessList() = default;

  std::map<std::string, Grant, std::less<>> by_name_;
  std::map<std::string, const Grant*, std::less<>> by_certificate_;  // of by_name_
};

}  // namespace convoy::access

#endif  // CONVOY_SERVER_ACCESS_ACCESS_LIST_H_
