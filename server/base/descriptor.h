// A file descriptor with an owner.
#ifndef CONVOY_SERVER_BASE_DESCRIPTOR_H_
#define CONVOY_SERVER_BASE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace convoy {

// Closed when its owner ends.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(Descriptor&& other) noexcept : fd_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    Close();
    fd_ = other.Release();
    return *this;
  }

  bool ok() const { return fd_ >= 0; }
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  void Close() {
    if (fd_ >= 0) close(fd_);
  }

  int fd_;
};

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_DESCRIPTOR_H_
