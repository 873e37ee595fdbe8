#include "client/tool/bench_report.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/tool/message_json.h"
#include "client/tool/table.h"

namespace convoy::tool {
namespace {

double Milliseconds(const LoadTally& tally, double q) {
  return absl::ToDoubleMilliseconds(tally.latency.Quantile(q));
}

double MegabytesPerSecond(int64_t bytes, const LoadTally& tally) {
  return static_cast<double>(bytes) / 1e6 / absl::ToDoubleSeconds(tally.elapsed);
}

std::string ErrorsByCode(const LoadTally& tally) {
  if (tally.errors.empty()) return "none";
  return absl::StrJoin(tally.errors, ", ", [](std::string* out, const auto& error) {
    absl::StrAppend(out, absl::StatusCodeToString(error.first), " ", error.second);
  });
}

// "16 in flight", or "800 due a second, 3 dropped with 1024 in flight".
std::string LoadString(const BenchArguments& arguments, const LoadTally& tally) {
  std::string inflight = absl::StrCat(Inflight(arguments), " in flight");
  if (arguments.connections > 1) {
    absl::StrAppend(&inflight, " over ", arguments.connections, " connections");
  }
  if (arguments.rate == 0) return inflight;
  return absl::StrFormat("%g due a second, %d dropped with %s", arguments.rate, tally.dropped,
                         inflight);
}

}  // namespace

void PrintProgress(int64_t second, const LoadTally& tally, std::ostream& out) {
  out << absl::StrFormat("%4d s  %9.1f requests/s  p50 %.3f ms  p99 %.3f ms", second,
                         tally.RequestsPerSecond(), Milliseconds(tally, 0.5),
                         Milliseconds(tally, 0.99));
  if (tally.failed() > 0) out << "  errors: " << ErrorsByCode(tally);
  if (tally.dropped > 0) out << "  dropped: " << tally.dropped;
  out << std::endl;
}

void PrintReport(const BenchArguments& arguments, const LoadTally& tally, std::ostream& out) {
  Table table;
  table.AddRow(
      {"requests",
       absl::StrFormat("%d answered, %d failed in %.2f s, %s", tally.answered(), tally.failed(),
                       absl::ToDoubleSeconds(tally.elapsed), LoadString(arguments, tally))});
  table.AddRow({"rate", absl::StrFormat("%.1f requests/s, %.1f MB/s sent, %.1f MB/s received",
                                        tally.RequestsPerSecond(),
                                        MegabytesPerSecond(tally.sent_bytes, tally),
                                        MegabytesPerSecond(tally.received_bytes, tally))});
  if (tally.answered() > 0) {
    table.AddRow({"latency", absl::StrFormat("p50 %.3f ms, p90 %.3f ms, p99 %.3f ms, max %.3f ms",
                                             Milliseconds(tally, 0.5), Milliseconds(tally, 0.9),
                                             Milliseconds(tally, 0.99),
                                             absl::ToDoubleMilliseconds(tally.latency.Max()))});
  }
  table.AddRow({"errors", ErrorsByCode(tally)});
  table.Print(out);
}

void PrintJsonReport(const BenchArguments& arguments, const LoadTally& tally, std::ostream& out) {
  nlohmann::ordered_json report;
  report["layer"] = arguments.layer;
  report["shape"] = arguments.shape;
  report["lengths"] = arguments.lengths;
  report["inflight"] = Inflight(arguments);
  report["connections"] = arguments.connections;
  report["rate"] = arguments.rate > 0 ? nlohmann::ordered_json(arguments.rate) : nullptr;
  report["seconds"] = absl::ToDoubleSeconds(tally.elapsed);
  report["answered"] = tally.answered();
  report["failed"] = tally.failed();
  report["dropped"] = tally.dropped;
  report["requests_per_second"] = tally.RequestsPerSecond();
  report["sent_bytes"] = tally.sent_bytes;
  report["received_bytes"] = tally.received_bytes;
  nlohmann::ordered_json latency;
  if (tally.answered() > 0) {
    latency["mean"] = absl::ToDoubleMilliseconds(tally.latency.Mean());
    latency["p50"] = Milliseconds(tally, 0.5);
    latency["p90"] = Milliseconds(tally, 0.9);
    latency["p99"] = Milliseconds(tally, 0.99);
    latency["max"] = absl::ToDoubleMilliseconds(tally.latency.Max());
  }
  report["latency_ms"] = latency;
  report["errors"] = nlohmann::ordered_json::object();
  for (const auto& [code, count] : tally.errors) {
    report["errors"][absl::StatusCodeToString(code)] = count;
  }
  PrintJson(report, out);
}

}  // namespace convoy::tool
