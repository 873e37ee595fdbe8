#include "server/batching/work_sizes.h"

#include <algorithm>
#include <cmath>

namespace convoy::batching {

size_t WorkSizes::ClassOf(double seconds) {
  const double microseconds = std::max(seconds * 1e6, 1.0);
  return std::min(static_cast<size_t>(std::ilogb(microseconds)), kClasses - 1);
}

void WorkSizes::Add(double seconds) {
  Class& of_size = classes_[ClassOf(seconds)];
  ++of_size.tasks;
  of_size.seconds += seconds;
}

void WorkSizes::Remove(double seconds) {
  Class& of_size = classes_[ClassOf(seconds)];
  --of_size.tasks;
  // Sums of many different numbers do not come back to zero by themselves.
  of_size.seconds = of_size.tasks == 0 ? 0 : of_size.seconds - seconds;
}

double WorkSizes::UpTo(double seconds) const {
  double sum = 0;
  for (const Class& of_size : classes_) {
    sum += std::min(of_size.seconds, static_cast<double>(of_size.tasks) * seconds);
  }
  return sum;
}

double WorkSizes::Total() const {
  double sum = 0;
  for (const Class& of_size : classes_) sum += of_size.seconds;
  return sum;
}

}  // namespace convoy::batching
