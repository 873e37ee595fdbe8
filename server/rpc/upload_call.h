// The stream with which weights come to the server.
#ifndef CONVOY_SERVER_RPC_UPLOAD_CALL_H_
#define CONVOY_SERVER_RPC_UPLOAD_CALL_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "kernel/base/mutex.h"
#include "server/management/layer_changes.h"
#include "server/management/upload_store.h"
#include "server/rpc/call_handler.h"
#include "server/rpc/call_threads.h"
#include "server/rpc/method_table.h"
#include "server/rpc/table_call.h"

namespace convoy::rpc {

// What uploads work with; all of it outlives the table's calls.
struct UploadParts {
  const management::LayerChanges& changes;
  management::UploadStore& uploads;
  CallThreads& threads;
};

// Reads a piece when the one before has been taken: a slow sender holds its place in the
// store and no thread. A piece is taken by a thread, which has the call meanwhile.
class UploadCall final : public CallHandler {
 public:
  // How many there may be at once.
  static constexpr int kMaxCalls = 64;
  static constexpr size_t kMaxPieceBytes = size_t{4} << 20;

  // `open_calls` counts those that there are. All must outlive the call.
  UploadCall(TableCall& call, const UploadParts& parts, std::atomic<int>& open_calls);
  ~UploadCall() override;

  void OnMessage(const grpc::ByteBuffer& message) override;
  // The last piece has come.
  void OnNoMessage() override;
  // Ends with UNAVAILABLE: whoever comes too late is not waited for.
  void OnServerEnds() override;

 private:
  // On a thread: takes a message and asks for the next one, or ends the call.
  void Take(const grpc::ByteBuffer& message);
  absl::Status TakeMessage(const grpc::ByteBuffer& message);
  // On a thread: ends the call.
  void End();

  TableCall& call_;
  const UploadParts parts_;
  std::atomic<int>& open_calls_;

  // Of the thread that has the call.
  std::unique_ptr<management::Upload> upload_;  // null until its size is known
  std::string expected_sha256_;

  // Orders what a thread does with the call and the end of the server.
  Mutex mutex_;
  bool with_thread_ ABSL_GUARDED_BY(mutex_) = false;
  bool server_ends_ ABSL_GUARDED_BY(mutex_) = false;
};

void AddUploads(const UploadParts& parts, const std::string& path, MethodTable& table);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_UPLOAD_CALL_H_
