// How much work waits, by the size of the tasks.
#ifndef CONVOY_SERVER_BATCHING_WORK_SIZES_H_
#define CONVOY_SERVER_BATCHING_WORK_SIZES_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace convoy::batching {

// Counts tasks and their seconds in classes of size, a factor of two each, so that
// UpTo takes the same short time however many wait. Not thread-safe.
class WorkSizes {
 public:
  void Add(double seconds);
  // REQUIRES: as much was added.
  void Remove(double seconds);

  // What tasks that share alike receive until one of `seconds` has been done: all
  // of the smaller ones, and as much as its own of each larger one. Too much by up
  // to a factor of two for those of about its own size.
  double UpTo(double seconds) const;
  // All of it.
  double Total() const;

 private:
  // From 1 us to more than an hour.
  static constexpr size_t kClasses = 32;

  struct Class {
    int64_t tasks = 0;
    double seconds = 0;
  };

  static size_t ClassOf(double seconds);

  std::array<Class, kClasses> classes_;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_WORK_SIZES_H_
