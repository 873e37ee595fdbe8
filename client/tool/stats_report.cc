#include "client/tool/stats_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/tool/message_json.h"
#include "client/tool/table.h"

namespace convoy::tool {
namespace {

using client::CountedTime;
using client::VersionStatistics;
using Json = nlohmann::ordered_json;

CountedTime operator-(const CountedTime& a, const CountedTime& b) {
  return {a.count - b.count, a.time - b.time};
}

VersionStatistics Since(const VersionStatistics& before, VersionStatistics now) {
  // Nothing that is counted ever gets less.
  if (now.answered.count < before.answered.count || now.failed.count < before.failed.count) {
    return now;
  }
  now.answered = now.answered - before.answered;
  now.failed = now.failed - before.failed;
  now.decode -= before.decode;
  now.queue -= before.queue;
  now.compute -= before.compute;
  now.respond -= before.respond;
  now.sequences -= before.sequences;
  now.batches -= before.batches;
  return now;
}

std::string TimeText(absl::Duration time, uint64_t count) {
  if (count == 0) return "-";
  const double microseconds = absl::ToDoubleMicroseconds(time) / static_cast<double>(count);
  if (microseconds < 1e3) return absl::StrFormat("%.0f us", microseconds);
  if (microseconds < 1e6) return absl::StrFormat("%.2f ms", microseconds / 1e3);
  return absl::StrFormat("%.2f s", microseconds / 1e6);
}

std::string Ratio(uint64_t many, uint64_t few) {
  if (few == 0) return "-";
  return absl::StrFormat("%.1f", static_cast<double>(many) / static_cast<double>(few));
}

std::string LastAnswer(absl::Time time) {
  if (time == absl::InfinitePast()) return "-";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

int64_t Nanoseconds(absl::Duration time) { return absl::ToInt64Nanoseconds(time); }

Json VersionJson(const VersionStatistics& version) {
  Json sizes = Json::array();
  for (const client::BatchesOfSize& size : version.batch_sizes) {
    sizes.push_back({{"sequences", size.sequences},
                     {"batches", size.batches.count},
                     {"nanoseconds", Nanoseconds(size.batches.time)}});
  }
  Json json = {{"layer", version.layer},
               {"version", version.version},
               {"answered", version.answered.count},
               {"failed", version.failed.count},
               {"sequences", version.sequences},
               {"batches", version.batches},
               {"nanoseconds",
                {{"answered", Nanoseconds(version.answered.time)},
                 {"decode", Nanoseconds(version.decode)},
                 {"queue", Nanoseconds(version.queue)},
                 {"compute", Nanoseconds(version.compute)},
                 {"respond", Nanoseconds(version.respond)},
                 {"failed", Nanoseconds(version.failed.time)}}},
               {"batch_sizes", std::move(sizes)}};
  json["last_answer"] = version.last_answer == absl::InfinitePast()
                            ? Json(nullptr)
                            : Json(absl::FormatTime(version.last_answer, absl::UTCTimeZone()));
  return json;
}

}  // namespace

LayerStatistics Since(const LayerStatistics& before, const LayerStatistics& now) {
  LayerStatistics since;
  for (const VersionStatistics& version : now) {
    const auto known = std::find_if(before.begin(), before.end(), [&](const auto& old) {
      return old.layer == version.layer && old.version == version.version;
    });
    since.push_back(known == before.end() ? version : Since(*known, version));
  }
  return since;
}

void PrintStatistics(const LayerStatistics& statistics, absl::Duration interval,
                     std::ostream& out) {
  const bool rates = interval > absl::ZeroDuration();
  Table table;
  table.AddRow({"LAYER", "VERSION", rates ? "REQUESTS/S" : "REQUESTS", "FAILED", "SEQUENCES/BATCH",
                "TIME", "DECODE", "QUEUE", "COMPUTE", "RESPOND", "LAST ANSWER"});
  for (const VersionStatistics& version : statistics) {
    const uint64_t count = version.answered.count;
    const std::string requests =
        rates
            ? absl::StrFormat("%.1f", static_cast<double>(count) / absl::ToDoubleSeconds(interval))
            : absl::StrCat(count);
    table.AddRow({version.layer, version.version, requests, absl::StrCat(version.failed.count),
                  Ratio(version.sequences, version.batches), TimeText(version.answered.time, count),
                  TimeText(version.decode, count), TimeText(version.queue, count),
                  TimeText(version.compute, count), TimeText(version.respond, count),
                  LastAnswer(version.last_answer)});
  }
  table.Print(out);
}

void PrintStatisticsJson(const LayerStatistics& statistics, std::ostream& out) {
  Json layers = Json::array();
  for (const VersionStatistics& version : statistics) layers.push_back(VersionJson(version));
  PrintJson(layers, out);
}

}  // namespace convoy::tool
