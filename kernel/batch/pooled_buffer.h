// Reference-counted, 64-byte aligned memory that returns to a pool.
#ifndef CONVOY_KERNEL_BATCH_POOLED_BUFFER_H_
#define CONVOY_KERNEL_BATCH_POOLED_BUFFER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "kernel/base/mutex.h"

namespace convoy::batch {

class BufferPool;

// One block of memory, shared by everyone who holds a reference. Fresh blocks
// cost page faults, so a block whose last reference goes returns to its pool.
//
// Thread-safe reference counting; the bytes are the holders' own affair. The
// pool must outlive every reference.
class PooledBuffer {
 public:
  PooledBuffer(const PooledBuffer&) = delete;
  PooledBuffer& operator=(const PooledBuffer&) = delete;

  std::byte* data() { return data_; }
  size_t capacity() const { return capacity_; }

  void Ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  // Gives one reference back; the last one returns the block.
  void Unref();

 private:
  friend class BufferPool;
  PooledBuffer(BufferPool& pool, size_t capacity);
  ~PooledBuffer();

  BufferPool& pool_;
  const size_t capacity_;
  std::byte* const data_;
  std::atomic<int64_t> references_{1};

  // While it is idle; guarded by the pool's mutex.
  PooledBuffer* next_ = nullptr;  // of its size class, idle for longer
  uint64_t idle_since_ = 0;       // the pool's count of ReleaseIdle then
};

// Owns one reference of a PooledBuffer, or nothing.
class BufferRef {
 public:
  BufferRef() = default;
  // Takes over one reference.
  explicit BufferRef(PooledBuffer* buffer) : buffer_(buffer) {}
  BufferRef(BufferRef&& other) noexcept : buffer_(other.Release()) {}
  BufferRef& operator=(BufferRef&& other) noexcept {
    if (this != &other) {
      Reset();
      buffer_ = other.Release();
    }
    return *this;
  }
  BufferRef(const BufferRef&) = delete;
  BufferRef& operator=(const BufferRef&) = delete;
  ~BufferRef() { Reset(); }

  PooledBuffer* get() const { return buffer_; }
  PooledBuffer* operator->() const { return buffer_; }
  explicit operator bool() const { return buffer_ != nullptr; }

  // A second reference to the same block.
  BufferRef Share() const {
    if (buffer_ != nullptr) buffer_->Ref();
    return BufferRef(buffer_);
  }

  // Hands the reference to the caller, who must Unref.
  PooledBuffer* Release() {
    PooledBuffer* buffer = buffer_;
    buffer_ = nullptr;
    return buffer;
  }

  void Reset() {
    if (buffer_ != nullptr) Release()->Unref();
  }

 private:
  PooledBuffer* buffer_ = nullptr;
};

// Hands out blocks by size class (powers of two and their midpoints) and keeps
// up to `max_idle_bytes` of returned ones; more is freed at once. The one returned
// last is handed out first, so that those beyond need are idle for longest.
//
// Thread-safe. Must outlive every block it handed out.
class BufferPool {
 public:
  explicit BufferPool(size_t max_idle_bytes);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // At least `bytes`, uninitialised. Throws std::bad_alloc, and then nothing has
  // changed, when the machine has no memory.
  BufferRef Get(size_t bytes);

  // What a block of at least `bytes` takes. The largest number where there is no such
  // block.
  // REQUIRES: bytes >= 0.
  static int64_t CapacityOf(int64_t bytes);

  // Frees the blocks that were idle at the last call already and were not used
  // since: called every few seconds, it gives back what that long was not needed.
  // Returns the bytes freed.
  size_t ReleaseIdle();

  // Bytes that wait in the pool, and bytes handed out.
  size_t idle_bytes() const;
  size_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }

 private:
  friend class PooledBuffer;
  static constexpr int kClasses = 96;

  void Return(PooledBuffer* buffer);
  // The blocks of a class that were idle at the last ReleaseIdle already.
  PooledBuffer* TakeOld(int index);
  static size_t Free(PooledBuffer* blocks);  // a list; returns its bytes

  const size_t max_idle_bytes_;
  std::atomic<size_t> used_bytes_{0};

  mutable Mutex mutex_;
  // Lists, the block returned last first. Giving a block back happens in destructors
  // and must not allocate.
  PooledBuffer* idle_[kClasses] ABSL_GUARDED_BY(mutex_) = {};
  size_t idle_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t releases_ ABSL_GUARDED_BY(mutex_) = 0;  // calls of ReleaseIdle
};

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_POOLED_BUFFER_H_
