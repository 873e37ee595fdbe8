// Threads that read connections, as whoever watches over them sees them.
#ifndef CONVOY_SERVER_RPC_READER_H_
#define CONVOY_SERVER_RPC_READER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace convoy::rpc {

// A thread that reads connections. Both are thread-safe.
struct Reader {
  // The number of gRPC's call that it is in; none while it does work of ours.
  std::function<std::optional<uint64_t>()> call;
  std::function<std::chrono::nanoseconds()> cpu;  // processor time so far
};

// How long a reader has been in one call of gRPC. For one thread.
class Stay {
 public:
  // Processor time that the reader's present call of gRPC has taken since Look first saw
  // it, or since Restart; 0 when it is in none.
  std::chrono::nanoseconds Look(const Reader& reader);

  void Restart(const Reader& reader);

 private:
  std::optional<uint64_t> call_;
  std::chrono::nanoseconds since_{0};  // the reader's processor time then
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_READER_H_
