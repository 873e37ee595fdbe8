#include "kernel/batch/pooled_buffer.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <new>
#include <utility>

namespace convoy::batch {
namespace {

constexpr size_t kAlignment = 64;
// The smallest block; anything smaller costs as much to manage.
constexpr size_t kSmallest = 4096;

// Size classes: 4096, 6144, 8192, 12288, ... Class 2i is kSmallest << i, class
// 2i + 1 half as much again, so at most a third of a block is unused.
size_t ClassBytes(int index) {
  // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): no index is negative.
  const size_t power = kSmallest << (index / 2);
  return index % 2 == 0 ? power : power + power / 2;
}

int ClassOf(size_t bytes) {
  if (bytes <= kSmallest) return 0;
  const int octave = std::bit_width((bytes - 1) / kSmallest) - 1;
  const int lower = 2 * octave;
  if (bytes <= ClassBytes(lower)) return lower;
  return bytes <= ClassBytes(lower + 1) ? lower + 1 : lower + 2;
}

std::byte* Allocate(size_t bytes) {
  return static_cast<std::byte*>(::operator new (bytes, std::align_val_t{kAlignment}));
}

}  // namespace

PooledBuffer::PooledBuffer(BufferPool& pool, size_t capacity)
    : pool_(pool), capacity_(capacity), data_(Allocate(capacity)) {}

PooledBuffer::~PooledBuffer() { ::operator delete (data_, std::align_val_t{kAlignment}); }

void PooledBuffer::Unref() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) pool_.Return(this);
}

BufferPool::BufferPool(size_t max_idle_bytes) : max_idle_bytes_(max_idle_bytes) {}

BufferPool::~BufferPool() {
  MutexLock lock(mutex_);
  for (PooledBuffer* blocks : idle_) Free(blocks);
}

int64_t BufferPool::CapacityOf(int64_t bytes) {
  const int index = ClassOf(static_cast<size_t>(bytes));
  return index < kClasses ? static_cast<int64_t>(ClassBytes(index))
                          : std::numeric_limits<int64_t>::max();
}

BufferRef BufferPool::Get(size_t bytes) {
  const int index = ClassOf(bytes);
  if (index >= kClasses) throw std::bad_alloc();
  const size_t capacity = ClassBytes(index);
  {
    MutexLock lock(mutex_);
    if (PooledBuffer* const block = idle_[index]; block != nullptr) {
      idle_[index] = block->next_;
      idle_bytes_ -= capacity;
      block->references_.store(1, std::memory_order_relaxed);
      used_bytes_.fetch_add(capacity, std::memory_order_relaxed);
      return BufferRef(block);
    }
  }
  // Owned by its references: Return deletes it or keeps it for the next Get.
  BufferRef block(new PooledBuffer(*this, capacity));
  used_bytes_.fetch_add(capacity, std::memory_order_relaxed);
  return block;
}

void BufferPool::Return(PooledBuffer* buffer) {
  const size_t capacity = buffer->capacity();
  used_bytes_.fetch_sub(capacity, std::memory_order_relaxed);
  {
    MutexLock lock(mutex_);
    if (idle_bytes_ + capacity <= max_idle_bytes_) {
      PooledBuffer*& first = idle_[ClassOf(capacity)];
      buffer->next_ = std::exchange(first, buffer);
      buffer->idle_since_ = releases_;
      idle_bytes_ += capacity;
      return;
    }
  }
  delete buffer;
}

size_t BufferPool::ReleaseIdle() {
  size_t released = 0;
  for (int index = 0; index < kClasses; ++index) {
    released += Free(TakeOld(index));
  }
  MutexLock lock(mutex_);
  ++releases_;
  return released;
}

PooledBuffer* BufferPool::TakeOld(int index) {
  MutexLock lock(mutex_);
  PooledBuffer** at = &idle_[index];
  while (*at != nullptr && (*at)->idle_since_ == releases_) at = &(*at)->next_;
  PooledBuffer* const old = std::exchange(*at, nullptr);
  for (const PooledBuffer* block = old; block != nullptr; block = block->next_) {
    idle_bytes_ -= block->capacity_;
  }
  return old;
}

size_t BufferPool::Free(PooledBuffer* blocks) {
  size_t bytes = 0;
  while (blocks != nullptr) {
    PooledBuffer* const block = std::exchange(blocks, blocks->next_);
    bytes += block->capacity_;
    delete block;
  }
  return bytes;
}

size_t BufferPool::idle_bytes() const {
  MutexLock lock(mutex_);
  return idle_bytes_;
}

}  // namespace convoy::batch
