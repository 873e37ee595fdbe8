#include "server/access/permission.h"

#include <algorithm>
#include <array>

namespace convoy::access {
namespace {

using enum Permission;

struct Method {
  std::string_view service;
  std::string_view method;
  Permission permission;
};

constexpr std::string_view kInference = "inference.GRPCInferenceService";
constexpr std::string_view kHealth = "grpc.health.v1.Health";
constexpr std::string_view kLayers = "convoy.v1.LayerService";
constexpr std::string_view kConfig = "convoy.v1.ConfigService";

constexpr auto kMethods = std::to_array<Method>({
    {kHealth, "Check", kOpen},
    {kHealth, "List", kOpen},
    {kHealth, "Watch", kOpen},
    {kInference, "ServerLive", kOpen},
    {kInference, "ServerReady", kOpen},
    {kInference, "ModelReady", kOpen},
    {kInference, "ServerMetadata", kKnown},
    {kInference, "ModelMetadata", kSeeLayer},
    {kInference, "ModelConfig", kSeeLayer},
    {kInference, "ModelInfer", kInfer},
    {kInference, "RepositoryIndex", kRead},
    {kInference, "ModelStatistics", kRead},
    {kInference, "RepositoryModelLoad", kWrite},
    {kInference, "RepositoryModelUnload", kWrite},
    {kInference, "LogSettings", kWrite},
    {kLayers, "GetLayer", kRead},
    {kLayers, "ListLayers", kRead},
    {kLayers, "ListLayerVersions", kRead},
    {kLayers, "ComputeOutputShape", kRead},
    {kLayers, "GetWeights", kRead},
    {kLayers, "CreateLayer", kWrite},
    {kLayers, "UpdateLayer", kWrite},
    {kLayers, "DeleteLayer", kWrite},
    {kLayers, "RollbackLayer", kWrite},
    {kLayers, "SetWeights", kWrite},
    {kLayers, "UploadWeights", kWrite},
    {kConfig, "GetServerConfig", kRead},
    {kConfig, "UpdateServerConfig", kWrite},
    {"grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo", kKnown},
    {"grpc.reflection.v1.ServerReflection", "ServerReflectionInfo", kKnown},
});

struct Page {
  std::string_view method;
  std::string_view pattern;
  Permission permission;
};

constexpr auto kPages = std::to_array<Page>({
    // A page without figures; what it shows it asks for under the others.
    {"GET", "/", kOpen},
    {"GET", "/status", kRead},
    {"GET", "/metrics", kMetrics},
    {"GET", "/config", kRead},
    {"GET", "/config/layers/{name}", kRead},
    {"PATCH", "/config", kWrite},
    {"GET", "/v2", kKnown},
    {"GET", "/v2/health/live", kOpen},
    {"GET", "/v2/health/ready", kOpen},
    {"GET", "/v2/models/{name}", kSeeLayer},
    {"GET", "/v2/models/{name}/versions/{version}", kSeeLayer},
    {"GET", "/v2/models/{name}/ready", kOpen},
    {"GET", "/v2/models/{name}/versions/{version}/ready", kOpen},
    // They only say where inference is served.
    {"POST", "/v2/models/{name}/infer", kKnown},
    {"POST", "/v2/models/{name}/versions/{version}/infer", kKnown},
});

}  // namespace

std::optional<Permission> PermissionOfMethod(std::string_view path) {
  const auto found = std::find_if(kMethods.begin(), kMethods.end(), [path](const Method& one) {
    const size_t middle = one.service.size() + 1;
    return path.size() == middle + 1 + one.method.size() && path.front() == '/' &&
           path[middle] == '/' && path.substr(1, one.service.size()) == one.service &&
           path.substr(middle + 1) == one.method;
  });
  if (found == kMethods.end()) return std::nullopt;
  return found->permission;
}

std::optional<Permission> PermissionOfPage(std::string_view method, std::string_view pattern) {
  const auto found = std::find_if(kPages.begin(), kPages.end(), [&](const Page& one) {
    return one.method == method && one.pattern == pattern;
  });
  if (found == kPages.end()) return std::nullopt;
  return found->permission;
}

}  // namespace convoy::access
