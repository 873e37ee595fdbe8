#include "server/loading/tuning_file.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/engine/tuning/tuned_json.h"

namespace convoy::loading {
namespace {

using Json = nlohmann::ordered_json;

absl::Status IsOther(const std::filesystem::path& path, const std::string& reason) {
  return absl::InvalidArgumentError(absl::StrCat(
      "tuning file ", path.string(), ": expected what this server wrote, got: ", reason));
}

absl::Status CannotWrite(const std::filesystem::path& path, const std::string& reason) {
  return absl::UnavailableError(
      absl::StrCat("tuning file ", path.string(), ": cannot write: ", reason));
}

}  // namespace

TuningFile::TuningFile(std::filesystem::path path, std::string machine)
    : path_(std::move(path)), machine_(std::move(machine)) {}

absl::Status TuningFile::Load() {
  if (path_.empty()) return absl::OkStatus();
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
      auto tuning = engine::TuningFromJson(list);
      if (!tuning.ok()) return IsOther(path_, std::string(tuning.status().message()));
      entries[key] = *std::move(tuning);
    }
  } catch (const Json::exception& exception) {
    return IsOther(path_, exception.what());
  }
  MutexLock lock(mutex_);
  entries_ = std::move(entries);
  return absl::OkStatus();
}

absl::Status TuningFile::Save() {
  if (path_.empty()) return absl::OkStatus();
  Json json = {{"machine", machine_}, {"layers", Json::object()}};
  {
    MutexLock lock(mutex_);
    if (!changed_) return absl::OkStatus();
    for (const auto& [key, list] : entries_) {
      json["layers"][key] = engine::TuningToJson(list);
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

std::optional<std::vector<engine::TimedTile>> TuningFile::Find(const std::string& key) const {
  MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

void TuningFile::Keep(const std::string& key, const std::vector<engine::TimedTile>& tuned) {
  MutexLock lock(mutex_);
  entries_[key] = tuned;
  changed_ = true;
}

}  // namespace convoy::loading
