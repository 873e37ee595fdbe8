#include "server/access/gate.h"

#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/access/secret_hash.h"
#include "server/base/logging.h"

namespace convoy::access {
namespace {

absl::Status Unknown() { return absl::UnauthenticatedError("the token is not valid"); }

absl::Status NoToken() {
  return absl::UnauthenticatedError(
      "expected a token, \"authorization: Bearer NAME.SECRET\", got none");
}

absl::StatusOr<AccessList> ReadList(const std::string& path, const std::string& content) {
  absl::StatusOr<AccessList> list = AccessList::Parse(content);
  if (list.ok()) return list;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", list.status().message()));
}

// The grant of "Bearer NAME.SECRET". A name that is unknown takes as long as a secret that
// is wrong.
const Grant* FindToken(const AccessList& list, std::string_view authorization) {
  constexpr absl::string_view kScheme = "Bearer ";
  if (!absl::StartsWithIgnoreCase({authorization.data(), authorization.size()}, kScheme)) {
    return nullptr;
  }
  const std::string_view token = authorization.substr(kScheme.size());
  const size_t dot = token.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const Grant* const grant = list.FindName(token.substr(0, dot));
  const SecretHash hash = HashSecret(token.substr(dot + 1));
  const bool has_secret = grant != nullptr && grant->secret.has_value();
  const SecretHash& expected = has_secret ? *grant->secret : SecretHash{};
  return IsSame(hash, expected) && has_secret ? grant : nullptr;
}

}  // namespace

Gate::Gate(const AccessOptions& options, bool needs_certificates)
    : options_(options), needs_certificates_(needs_certificates), file_({options.tokens}) {}

absl::StatusOr<std::unique_ptr<Gate>> Gate::Open(const AccessOptions& options,
                                                 bool needs_certificates) {
  std::unique_ptr<Gate> gate(new Gate(options, needs_certificates));
  if (options.tokens.empty()) return gate;
  CONVOY_ASSIGN_OR_RETURN(const SettledFiles::Contents contents, gate->file_.Read());
  CONVOY_ASSIGN_OR_RETURN(AccessList list, ReadList(options.tokens, contents.front()));
  spdlog::info("tokens read entries={}", list.size());
  const MutexLock lock(gate->mutex_);
  gate->Use(std::move(list));
  return gate;
}

void Gate::Use(AccessList list) {
  // It calls back at once.
  list.SetTenants([this](const Grant& grant) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::unique_ptr<batching::Tenant>& tenant = tenants_[grant.name];
    if (tenant == nullptr) tenant = std::make_unique<batching::Tenant>(grant.name);
    tenant->SetLimits(grant.limits);
    return tenant.get();
  });
  list_ = std::make_shared<const AccessList>(std::move(list));
}

std::vector<const batching::Tenant*> Gate::tenants() const {
  const MutexLock lock(mutex_);
  std::vector<const batching::Tenant*> tenants;
  for (const auto& [name, tenant] : tenants_) tenants.push_back(tenant.get());
  return tenants;
}

std::shared_ptr<const AccessList> Gate::list() const {
  const MutexLock lock(mutex_);
  return list_;
}

absl::StatusOr<Caller> Gate::Find(const Credentials& credentials) const {
  if (needs_certificates_ && credentials.certificate_names.empty() && !credentials.is_local) {
    return absl::UnauthenticatedError("expected a client certificate, got none");
  }
  std::shared_ptr<const AccessList> list = this->list();
  if (list == nullptr) return Caller();
  if (!credentials.authorization.empty()) {
    const Grant* const grant = FindToken(*list, credentials.authorization);
    if (grant == nullptr) return Unknown();
    return Caller(std::move(list), grant);
  }
  for (const std::string& name : credentials.certificate_names) {
    const Grant* const grant = list->FindCertificate(name);
    if (grant != nullptr) return Caller(std::move(list), grant);
  }
  return NoToken();
}

absl::StatusOr<Caller> Gate::Admit(Permission permission, const Credentials& credentials) const {
  const bool open = permission == Permission::kOpen ||
                    (permission == Permission::kMetrics && options_.open_metrics);
  if (open) return Caller();
  CONVOY_ASSIGN_OR_RETURN(Caller caller, Find(credentials));
  if (!caller.May(permission)) return Denied(permission);
  return caller;
}

void Gate::Look() {
  if (options_.tokens.empty()) return;
  const std::optional<SettledFiles::Contents> changed = file_.Look();
  if (!changed.has_value()) return;
  absl::StatusOr<AccessList> list = ReadList(options_.tokens, changed->front());
  const MutexLock lock(mutex_);
  if (list.ok()) {
    ++replaced_;
    spdlog::info("tokens replaced entries={}", list->size());
    Use(*std::move(list));
  } else {
    ++refused_;
    spdlog::error("tokens not replaced error={}", Quoted(std::string(list.status().message())));
  }
}

int64_t Gate::replaced() const {
  const MutexLock lock(mutex_);
  return replaced_;
}

int64_t Gate::refused() const {
  const MutexLock lock(mutex_);
  return refused_;
}

}  // namespace convoy::access
