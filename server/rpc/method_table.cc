#include "server/rpc/method_table.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
namespace convoy::rpc {
namespace {

// A caller's bytes, for a message.
std::string Shown(std::string_view path) {
  constexpr size_t kMaxBytes = 128;
  const std::string shown = absl::CHexEscape({path.data(), std::min(path.size(), kMaxBytes)});
  return path.size() > kMaxBytes ? shown + "..." : shown;
}

}  // namespace

void MethodTable::Add(const std::string& path, HandlerFactory factory) {
  const bool is_new =
      methods_.emplace(path, Method{std::move(factory), "", std::make_unique<Counts>()}).second;
  assert(is_new);
  static_cast<void>(is_new);
}

void MethodTable::AddUnserved(const std::string& path, std::string reason) {
  const bool is_new = methods_.emplace(path, Method{nullptr, std::move(reason), nullptr}).second;
  assert(is_new);
  static_cast<void>(is_new);
}

absl::StatusOr<std::unique_ptr<CallHandler>> MethodTable::MakeHandler(std::string_view path,
                                                                      TableCall& call) const {
  const auto found = methods_.find(absl::string_view(path.data(), path.size()));
  if (found == methods_.end()) {
    return absl::UnimplementedError(absl::StrCat(
        "there is no method ", Shown(path), "; server reflection lists those that are served"));
  }
  const Method& method = found->second;
  if (method.factory == nullptr) return absl::UnimplementedError(method.unserved);
  return method.factory(call);
}

MethodTable::Counts& MethodTable::CountsOf(std::string_view path) const {
  const auto found = methods_.find(absl::string_view(path.data(), path.size()));
  const bool served = found != methods_.end() && found->second.counts != nullptr;
  return served ? *found->second.counts : *others_;
}

std::vector<MethodTable::Ended> MethodTable::EndedCalls() const {
  std::vector<Ended> ended;
  const auto add = [&ended](const std::string& method, const Counts& counts) {
    for (size_t i = 0; i < metrics::kStatusCodes; ++i) {
      const auto code = static_cast<absl::StatusCode>(i);
      const uint64_t calls = counts.Total(i);
      if (calls > 0 || code == absl::StatusCode::kOk) ended.push_back({method, code, calls});
    }
  };
  for (const auto& [path, method] : methods_) {
    if (method.counts != nullptr) add(path.substr(1), *method.counts);
  }
  add("other", *others_);
  std::sort(ended.begin(), ended.end(), [](const Ended& a, const Ended& b) {
    return std::tie(a.method, a.code) < std::tie(b.method, b.code);
  });
  return ended;
}

std::vector<std::string> MethodTable::Services() const {
  std::set<std::string> services;
  for (const auto& [path, method] : methods_) {
    if (method.factory != nullptr) services.insert(path.substr(1, path.rfind('/') - 1));
  }
  return {services.begin(), services.end()};
}

std::string MethodPath(std::string_view service, std::string_view method) {
  std::string path = "/";
  return path.append(service).append("/").append(method);
}

}  // namespace convoy::rpc
