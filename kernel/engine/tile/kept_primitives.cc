#include "kernel/engine/tile/kept_primitives.h"

#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/mutex.h"

namespace convoy::engine {
namespace {

// Float32 values in the longest vector.
constexpr int64_t kVector = 16;

bool StaysBehind(const dnnl::primitive_desc& description, const ProblemSize& size) {
  static const bool never = [] {
    const dnnl_version_t* const version = dnnl_version();
    return version->major > 3 || (version->major == 3 && version->minor >= 7);
  }();
  return !never && (size.filters / size.groups) % kVector != 0 &&
         absl::StartsWith(description.impl_info_str(), "brg");
}

std::string KeyOf(const Problem& problem, const Statement& statement, const TileShape& shape) {
  const ProblemSize& size = problem.size();
  return absl::StrCat(size.groups, " ", size.channels, " ", size.filters, " ", size.kernel_size,
                      " ", size.strides, " ", size.dilation_rate, " ", problem.bias().empty(), " ",
                      shape.sequences, " ", shape.outputs, " ", ToString(statement));
}

}  // namespace

dnnl::primitive PrimitiveOf(const dnnl::primitive_desc& description, const Problem& problem,
                            const Statement& statement, const TileShape& shape) {
  if (!StaysBehind(description, problem.size())) return dnnl::primitive(description);
  struct Kept {
    Mutex mutex;
    // Stays whole when there is no memory for one more.
    std::map<std::string, dnnl::primitive> primitives ABSL_GUARDED_BY(mutex);
  };
  static Kept& kept = *new Kept;
  // Made under the lock: two at once would leave one behind.
  MutexLock lock(kept.mutex);
  dnnl::primitive& primitive = kept.primitives[KeyOf(problem, statement, shape)];
  if (!primitive) primitive = dnnl::primitive(description);
  return primitive;
}

}  // namespace convoy::engine
