#include "server/options/option_file.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <fstream>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"

namespace convoy {
namespace {

absl::Status Add(const CLI::ConfigItem& item, OptionFile& file) {
  if (!item.parents.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("section \"", item.parents.front(), "\": expected keys without sections"));
  }
  if (item.inputs.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(item.name, ": expected one value, got ", item.inputs.size()));
  }
  const std::string& value = item.inputs.front();
  // The reader takes a '#' for a comment even between quotes.
  if (!value.empty() && (value.front() == '"' || value.front() == '\'')) {
    return absl::InvalidArgumentError(
        absl::StrCat(item.name, ": a quote is not closed; a value cannot contain #"));
  }
  if (!file.emplace(item.name, value).second) {
    return absl::InvalidArgumentError(absl::StrCat(item.name, ": is given twice"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OptionFile> ReadOptionFile(std::istream& stream) {
  std::vector<CLI::ConfigItem> items;
  try {
    CLI::ConfigTOML reader;
    reader.arrayDelimiter('\x1f');  // a value with commas is the option's to split
    items = reader.from_config(stream);
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(error.what());
  }
  OptionFile file;
  for (const CLI::ConfigItem& item : items) CONVOY_RETURN_IF_ERROR(Add(item, file));
  return file;
}

absl::StatusOr<OptionFile> ReadOptionFile(const std::filesystem::path& path) {
  std::error_code error;
  std::ifstream stream(path);
  if (!stream || std::filesystem::is_directory(path, error)) {
    return absl::NotFoundError(absl::StrCat("config ", path.string(), ": cannot be read"));
  }
  absl::StatusOr<OptionFile> file = ReadOptionFile(stream);
  if (!file.ok()) {
    return absl::Status(file.status().code(),
                        absl::StrCat("config ", path.string(), ": ", file.status().message()));
  }
  return file;
}

}  // namespace convoy
