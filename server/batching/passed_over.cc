#include "server/batching/passed_over.h"

namespace convoy::batching {

void PassedOver::Add(Entry& entry) {
  entry.passed_before = passed_;
  entry.ahead = last_;
  entry.behind = nullptr;
  (last_ == nullptr ? first_ : last_->behind) = &entry;
  last_ = &entry;
}

void PassedOver::Remove(Entry& entry) {
  (entry.ahead == nullptr ? first_ : entry.ahead->behind) = entry.behind;
  (entry.behind == nullptr ? last_ : entry.behind->ahead) = entry.ahead;
}

Entry* PassedOver::First(Clock::duration time) const {
  return first_ != nullptr && passed_ - first_->passed_before >= time ? first_ : nullptr;
}

}  // namespace convoy::batching
