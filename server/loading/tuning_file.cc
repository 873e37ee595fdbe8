#include "server/loading/tuning_file.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace convoy::loading {
namespace {

using Json = nlohmann::ordered_json;
using engine::TunedLength;

Json ToJson(const TunedLength& tuned) {
  return {{"outputs", tuned.outputs},
          {"spatial_dimensions", tuned.statement.spatial_dimensions},
          {"implementation", tuned.statement.implementation},
          {"fold", tuned.statement.fold},
          {"bfloat16", tuned.statement.bfloat16},
          {"matmul", tuned.statement.matmul},
          {"seconds", tuned.seconds}};
}

// Throws nlohmann's exceptions where something is missing or of another type.
TunedLength FromJson(const Json& json) {
  TunedLength tuned;
  tuned.outputs = json.at("outputs").get<int64_t>();
  tuned.statement.spatial_dimensions = json.at("spatial_dimensions").get<int>();
  tuned.statement.implementation = json.at("implementation").get<int>();
  tuned.statement.fold = json.at("fold").get<int>();
  tuned.statement.bfloat16 = json.at("bfloat16").get<bool>();
  tuned.statement.matmul = json.at("matmul").get<bool>();
  tuned.seconds = json.at("seconds").get<double>();
  return tuned;
}

absl::Status CannotWrite(const std::filesystem::path& path, const std::string& reason) {
  return absl::UnavailableError(
      absl::StrCat("tuning file ", path.string(), ": cannot write: ", reason));
}

}  // namespace

TuningFile::TuningFile(std::filesystem::path path, std::string machine)
    : path_(std::move(path)), machine_(std::move(machine)) {}

absl::Status TuningFile::Load() {
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) return absl::OkStatus();
  std::ifstream file(path_, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.good() && !file.eof()) {
    return absl::UnavailableError(absl::StrCat("tuning file ", path_.string(), ": cannot read"));
  }
  Entries entries;
  try {
    const Json json = Json::parse(text);
    if (json.at("machine") != machine_) return absl::OkStatus();
    for (const auto& [key, list] : json.at("layers").items()) {
      for (const Json& tuned : list) entries[key].push_back(FromJson(tuned));
    }
  } catch (const Json::exception& exception) {
    return absl::InvalidArgumentError(absl::StrCat("tuning file ", path_.string(),
                                                   ": expected what this server wrote, got ",
                                                   exception.what()));
  }
  MutexLock lock(mutex_);
  entries_ = std::move(entries);
  return absl::OkStatus();
}

absl::Status TuningFile::Save() {
  Json json = {{"machine", machine_}, {"layers", Json::object()}};
  {
    MutexLock lock(mutex_);
    if (!changed_) return absl::OkStatus();
    for (const auto& [key, list] : entries_) {
      for (const TunedLength& tuned : list) json["layers"][key].push_back(ToJson(tuned));
    }
    changed_ = false;
  }
  std::error_code error;
  if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path(), error);
  const std::filesystem::path fresh = path_.string() + ".new";
  {
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    file << json.dump(1) << '\n';
    if (!file.flush()) return CannotWrite(fresh, "check that the folder is there and writable");
  }
  std::filesystem::rename(fresh, path_, error);
  return error ? CannotWrite(path_, error.message()) : absl::OkStatus();
}

std::optional<std::vector<TunedLength>> TuningFile::Find(const std::string& key) const {
  MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

void TuningFile::Keep(const std::string& key, const std::vector<TunedLength>& tuned) {
  MutexLock lock(mutex_);
  entries_[key] = tuned;
  changed_ = true;
}

}  // namespace convoy::loading
