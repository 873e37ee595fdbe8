#include "server/rpc/change_methods.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "convoy/v1/layer_service.pb.h"
#include "kernel/base/status_macros.h"
#include "server/base/utf8.h"
#include "server/management/layer_catalog.h"
#include "server/rpc/change_requests.h"
#include "server/rpc/layer_messages.h"
#include "server/rpc/layer_methods.h"
#include "server/rpc/layer_resource.h"
#include "server/rpc/threaded_unary.h"
#include "server/rpc/upload_call.h"

namespace convoy::rpc {
namespace {

using convoy::v1::Layer;
using management::LayerEdit;
using management::Written;

// The layer as it is now, or would be.
Layer Answer(const ChangeParts& parts, const std::string& name, const Written& written,
             bool validate_only) {
  Layer message;
  const std::shared_ptr<const registry::Snapshot> snapshot = parts.registry.snapshot();
  if (const registry::LiveLayer* const layer = snapshot->FindLayer(name)) {
    FillSummary(*layer, message);
  }
  message.set_name(LayerResourceName(name));
  message.set_version(written.version);
  if (written.live != nullptr) {
    message.set_state(Layer::READY);
    FillVersion(*written.live, message);
  }
  // Of this version, not of one that somebody wrote since.
  if (!validate_only) {
    message.set_etag(management::EtagOf(written.version, written.live.get()));
  }
  for (const std::string& warning : written.warnings) message.add_warnings(Printable(warning));
  return message;
}

absl::StatusOr<Layer> CreateLayer(const ChangeParts& parts,
                                  convoy::v1::CreateLayerRequest& request) {
  const std::string name = request.layer_id();
  CONVOY_ASSIGN_OR_RETURN(const LayerEdit edit, TakeEdit(request));
  CONVOY_ASSIGN_OR_RETURN(const Written written,
                          parts.changes.Create(name, edit, request.validate_only()));
  return Answer(parts, name, written, request.validate_only());
}

absl::StatusOr<Layer> UpdateLayer(const ChangeParts& parts,
                                  convoy::v1::UpdateLayerRequest& request) {
  CONVOY_ASSIGN_OR_RETURN(const std::string name, ParseLayer("layer.name", request.layer().name()));
  const management::WriteOptions options{request.layer().etag(), request.validate_only()};
  CONVOY_ASSIGN_OR_RETURN(const LayerEdit edit, TakeEdit(request));
  CONVOY_ASSIGN_OR_RETURN(const Written written, parts.changes.Update(name, edit, options));
  return Answer(parts, name, written, request.validate_only());
}

absl::StatusOr<Layer> SetWeights(const ChangeParts& parts, convoy::v1::SetWeightsRequest& request) {
  CONVOY_ASSIGN_OR_RETURN(const std::string name, ParseLayer("name", request.name()));
  CONVOY_ASSIGN_OR_RETURN(const LayerEdit edit, TakeEdit(request));
  CONVOY_ASSIGN_OR_RETURN(
      const Written written,
      parts.changes.Update(name, edit, {request.etag(), request.validate_only()}));
  return Answer(parts, name, written, request.validate_only());
}

absl::StatusOr<Layer> RollbackLayer(const ChangeParts& parts,
                                    convoy::v1::RollbackLayerRequest& request) {
  CONVOY_ASSIGN_OR_RETURN(const std::string name, ParseLayer("name", request.name()));
  CONVOY_ASSIGN_OR_RETURN(
      const Written written,
      parts.changes.Rollback(name, request.version(), {request.etag(), request.validate_only()}));
  return Answer(parts, name, written, request.validate_only());
}

absl::StatusOr<convoy::v1::DeleteLayerResponse> DeleteLayer(
    const ChangeParts& parts, convoy::v1::DeleteLayerRequest& request) {
  CONVOY_ASSIGN_OR_RETURN(const std::string name, ParseLayer("name", request.name()));
  CONVOY_ASSIGN_OR_RETURN(const std::vector<int64_t> versions,
                          parts.changes.Delete(name, request.delete_foreign(),
                                               {request.etag(), request.validate_only()}));
  convoy::v1::DeleteLayerResponse response;
  for (const int64_t version : versions) response.add_versions(VersionResourceName(name, version));
  return response;
}

template <typename Request, typename Response>
void AddWriting(const ChangeParts& parts, const char* method,
                absl::StatusOr<Response> (*answer)(const ChangeParts&, Request&),
                MethodTable& table) {
  AddThreadedUnary<Request, Response>(
      table, MethodPath(kLayerService, method), parts.writers,
      [parts, answer](Request& request) { return answer(parts, request); },
      parts.max_message_bytes);
}

}  // namespace

void AddChangeMethods(const ChangeParts& parts, MethodTable& table) {
  AddWriting(parts, "CreateLayer", CreateLayer, table);
  AddWriting(parts, "UpdateLayer", UpdateLayer, table);
  AddWriting(parts, "SetWeights", SetWeights, table);
  AddWriting(parts, "RollbackLayer", RollbackLayer, table);
  AddWriting(parts, "DeleteLayer", DeleteLayer, table);
  AddUploads({parts.changes, parts.uploads, parts.readers},
             MethodPath(kLayerService, "UploadWeights"), table);
}

}  // namespace convoy::rpc
