// Sockets that others may end, but not so that the peer loses what it has not read.
#ifndef CONVOY_SERVER_RPC_HALF_CLOSE_H_
#define CONVOY_SERVER_RPC_HALF_CLOSE_H_

#include <atomic>

namespace convoy::rpc {

// gRPC 1.51 ends a connection when the last byte of its last answer is the kernel's, by
// shutdown(fd, SHUT_RDWR). From then on the kernel answers whatever the peer sends by a
// reset, and drops what the peer has not fetched (Linux: tcp_rcv_state_process). A peer
// that reads an answer sends window updates, so it may lose an answer that was complete.
//
// gRPC has no hook there. So this program has a `shutdown` of its own, which the dynamic
// linker finds before the C library's: as long as an object of this class stands for a
// descriptor, the first shutdown of both directions is one of sending only. The peer
// reads to the end, sees it, and closes. Every other descriptor is shut down as ever.
//
// Whoever makes one keeps another descriptor of the socket: when the last one is closed,
// what the peer sends is answered by a reset, too.
//
// Thread-safe.
class HalfClose {
 public:
  // For the next shutdown of `fd`, which is open. A later object for the same number
  // takes the place of an earlier one.
  explicit HalfClose(int fd);
  ~HalfClose();
  HalfClose(const HalfClose&) = delete;
  HalfClose& operator=(const HalfClose&) = delete;

  // Whether it has come. The descriptor may be somebody else's since.
  bool done() const { return done_.load(std::memory_order_acquire); }

  // Whether there is one for `fd`; it is done then.
  static bool Take(int fd);

 private:
  const int fd_;
  std::atomic<bool> done_{false};
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_HALF_CLOSE_H_
