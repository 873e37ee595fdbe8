// The stream with which a version's weights leave the server.
#ifndef CONVOY_SERVER_RPC_WEIGHTS_STREAM_H_
#define CONVOY_SERVER_RPC_WEIGHTS_STREAM_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "server/management/layer_catalog.h"
#include "server/rpc/call_handler.h"
#include "server/rpc/call_threads.h"
#include "server/rpc/method_table.h"
#include "server/rpc/table_call.h"

namespace convoy::rpc {

// Reads a piece when the one before has been sent: a slow reader holds an open file and
// no thread. The call is with a thread while that reads, and with gRPC otherwise.
class WeightsStream final : public CallHandler {
 public:
  // How many streams may read at once; each has a file open.
  static constexpr int kMaxStreams = 64;
  static constexpr int64_t kPieceBytes = int64_t{256} << 10;

  // `open_streams` counts those that there are. All must outlive the stream.
  WeightsStream(TableCall& call, const management::LayerCatalog& catalog, CallThreads& threads,
                std::atomic<int>& open_streams);
  ~WeightsStream() override;

  void OnMessage(const grpc::ByteBuffer& message) override;
  void OnNoMessage() override;
  void OnWritten() override;

 private:
  // On a thread: opens the file and sends what it is.
  void Begin(const std::string& layer, const std::string& version);
  // On a thread: sends a piece, or the checksum behind the last one.
  void Next();
  absl::Status SendPiece();
  absl::Status SendChecksum();

  TableCall& call_;
  const management::LayerCatalog& catalog_;
  CallThreads& threads_;
  std::atomic<int>& open_streams_;

  // Of whoever has the call.
  std::optional<management::WeightsFile> file_;
  int64_t left_ = 0;
};

// `catalog` and `threads` must outlive the table's calls.
void AddWeightsStream(const management::LayerCatalog& catalog, CallThreads& threads,
                      const std::string& path, MethodTable& table);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_WEIGHTS_STREAM_H_
