#include "server/rpc/reflection_methods.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "server/rpc/message_bytes.h"
#include "server/rpc/table_call.h"

namespace convoy::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

const DescriptorPool& Pool() { return *DescriptorPool::generated_pool(); }

// `file` and what it needs, each once, as serialized FileDescriptorProtos.
template <typename Response>
void AddFiles(const FileDescriptor& file, std::set<const FileDescriptor*>& added,
              Response& response) {
  if (!added.insert(&file).second) return;
  google::protobuf::FileDescriptorProto description;
  file.CopyTo(&description);
  description.SerializeToString(
      response.mutable_file_descriptor_response()->add_file_descriptor_proto());
  for (int i = 0; i < file.dependency_count(); ++i) AddFiles(*file.dependency(i), added, response);
}

// The two versions of the protocol have the same messages under other names.
template <typename Request, typename Response>
class Reflection {
 public:
  explicit Reflection(const MethodTable& table) : table_(table) {}

  Response Answer(const Request& request) const {
    Response response;
    response.set_valid_host(request.host());
    *response.mutable_original_request() = request;
    switch (request.message_request_case()) {
      case Request::kFileByFilename:
        AddFile(Pool().FindFileByName(request.file_by_filename()), request.file_by_filename(),
                response);
        break;
      case Request::kFileContainingSymbol:
        AddFile(Pool().FindFileContainingSymbol(request.file_containing_symbol()),
                request.file_containing_symbol(), response);
        break;
      case Request::kAllExtensionNumbersOfType:
        AddExtensionNumbers(request.all_extension_numbers_of_type(), response);
        break;
      case Request::kListServices:
        for (const std::string& service : table_.Services()) {
          response.mutable_list_services_response()->add_service()->set_name(service);
        }
        break;
      case Request::kFileContainingExtension:
        SetError(absl::NotFoundError("there are no extensions"), response);
        break;
      case Request::MESSAGE_REQUEST_NOT_SET:
        SetError(absl::InvalidArgumentError("message_request: expected a question, got none"),
                 response);
        break;
    }
    return response;
  }

 private:
  static void SetError(const absl::Status& status, Response& response) {
    response.mutable_error_response()->set_error_code(static_cast<int>(status.code()));
    response.mutable_error_response()->set_error_message(std::string(status.message()));
  }

  static void AddFile(const FileDescriptor* file, const std::string& name, Response& response) {
    if (file == nullptr) {
      return SetError(absl::NotFoundError(absl::StrCat("not found: ", name)), response);
    }
    std::set<const FileDescriptor*> added;
    AddFiles(*file, added, response);
  }

  static void AddExtensionNumbers(const std::string& type, Response& response) {
    if (Pool().FindMessageTypeByName(type) == nullptr) {
      return SetError(absl::NotFoundError(absl::StrCat("not found: ", type)), response);
    }
    response.mutable_all_extension_numbers_response()->set_base_type_name(type);
  }

  const MethodTable& table_;
};

// Reads a question, writes its answer, reads the next: never more than one of
// each at a time.
template <typename Request, typename Response>
class ReflectionStream final : public CallHandler {
 public:
  ReflectionStream(TableCall& call, const MethodTable& table) : call_(call), reflection_(table) {}

  void OnMessage(const grpc::ByteBuffer& message) override {
    Request request;
    const absl::Status parsed = ParseMessage(message, kMaxSmallRequestBytes, request);
    if (!parsed.ok()) return call_.Finish(parsed);
    call_.Write(SerializeMessage(reflection_.Answer(request)));
  }

  void OnNoMessage() override { call_.Finish(absl::OkStatus()); }

  void OnWritten() override { call_.Read(); }

  void OnServerEnds() override {
    call_.Finish(absl::UnavailableError("the server is shutting down"));
  }

 private:
  TableCall& call_;
  const Reflection<Request, Response> reflection_;
};

template <typename Request, typename Response>
void AddVersion(const char* service, MethodTable& table) {
  table.Add(MethodPath(service, "ServerReflectionInfo"), [&table](TableCall& call) {
    return std::make_unique<ReflectionStream<Request, Response>>(call, table);
  });
}

}  // namespace

void AddReflectionMethods(MethodTable& table) {
  namespace v1 = grpc::reflection::v1;
  namespace v1alpha = grpc::reflection::v1alpha;
  AddVersion<v1::ServerReflectionRequest, v1::ServerReflectionResponse>(
      "grpc.reflection.v1.ServerReflection", table);
  AddVersion<v1alpha::ServerReflectionRequest, v1alpha::ServerReflectionResponse>(
      "grpc.reflection.v1alpha.ServerReflection", table);
}

}  // namespace convoy::rpc
