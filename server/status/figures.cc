#include "server/status/figures.h"

#include <numeric>

namespace convoy::status {

Outcome OutcomeOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return Outcome::kAnswered;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
      return Outcome::kRefused;
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return Outcome::kLate;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return Outcome::kFailed;
    default:
      return Outcome::kInvalid;
  }
}

const char* NameOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnswered:
      return "answered";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kLate:
      return "late";
    case Outcome::kInvalid:
      return "invalid";
    case Outcome::kFailed:
      return "failed";
  }
  return "";
}

const char* NameOf(Stage stage) {
  switch (stage) {
    case Stage::kDecode:
      return "decode";
    case Stage::kQueue:
      return "queue";
    case Stage::kCompute:
      return "compute";
    case Stage::kRespond:
      return "respond";
  }
  return "";
}

Figures Figures::Of(const metrics::LayerInstruments& instruments) {
  Figures figures;
  for (size_t i = 0; i < metrics::kStatusCodes; ++i) {
    const auto code = static_cast<absl::StatusCode>(i);
    figures.requests[static_cast<size_t>(OutcomeOf(code))] += instruments.Requests(code);
  }
  figures.answered_nanoseconds = Buckets(instruments.answered_nanoseconds());
  figures.stage_nanoseconds = {
      Buckets(instruments.decode_nanoseconds()), Buckets(instruments.queue_nanoseconds()),
      Buckets(instruments.compute_nanoseconds()), Buckets(instruments.respond_nanoseconds())};
  figures.batch_requests = Buckets(instruments.batch_requests());
  figures.batch_parts = instruments.BatchParts();
  figures.work_nanoseconds = instruments.batch_nanoseconds().Sum();
  return figures;
}

Figures& Figures::operator+=(const Figures& other) {
  for (size_t i = 0; i < kOutcomes; ++i) requests[i] += other.requests[i];
  answered_nanoseconds += other.answered_nanoseconds;
  for (size_t i = 0; i < kStages; ++i) stage_nanoseconds[i] += other.stage_nanoseconds[i];
  batch_requests += other.batch_requests;
  batch_parts += other.batch_parts;
  work_nanoseconds += other.work_nanoseconds;
  return *this;
}

Figures& Figures::operator-=(const Figures& earlier) {
  for (size_t i = 0; i < kOutcomes; ++i) requests[i] -= earlier.requests[i];
  answered_nanoseconds -= earlier.answered_nanoseconds;
  for (size_t i = 0; i < kStages; ++i) stage_nanoseconds[i] -= earlier.stage_nanoseconds[i];
  batch_requests -= earlier.batch_requests;
  batch_parts -= earlier.batch_parts;
  work_nanoseconds -= earlier.work_nanoseconds;
  return *this;
}

uint64_t Figures::AllRequests() const {
  return std::accumulate(requests.begin(), requests.end(), uint64_t{0});
}

}  // namespace convoy::status
