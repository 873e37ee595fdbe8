// What tasks need of memory while they run.
#ifndef CONVOY_SERVER_BATCHING_RUN_MEMORY_H_
#define CONVOY_SERVER_BATCHING_RUN_MEMORY_H_

#include <array>
#include <cstdint>

namespace convoy::batching {

// Of all tasks that wait or run, so many parts run at a time; whichever they are, they
// need no more than the largest ones. Parts are counted by size, in powers of two: what
// it tells is at most twice that.
//
// Not thread-safe.
class RunMemory {
 public:
  // `runners` is how many parts run at a time.
  explicit RunMemory(int runners) : runners_(runners) {}

  // A task of so many parts comes, or goes. Each of them needs at most `bytes`.
  void Add(int64_t bytes, int64_t parts) { Count(bytes, parts, 1); }
  void Remove(int64_t bytes, int64_t parts) { Count(bytes, parts, -1); }

  // The most that such a task and those that are here need at a time, and it alone.
  int64_t With(int64_t bytes, int64_t parts) const;
  int64_t Alone(int64_t bytes, int64_t parts) const;

 private:
  struct Parts {
    int64_t count = 0;
    int64_t bytes = 0;  // of all
  };

  void Count(int64_t bytes, int64_t parts, int64_t sign);

  const int runners_;
  std::array<Parts, 64> sizes_;  // [i]: of less than 2^i bytes
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_RUN_MEMORY_H_
