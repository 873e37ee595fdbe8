#include "server/options/option_file.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"

namespace convoy {
namespace {

std::string_view Stripped(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

absl::Status Add(const CLI::ConfigItem& item, OptionFile::Values& values) {
  if (!item.parents.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "section \"", item.parents.front(), "\": expected keys without dots, or [layer.NAME]"));
  }
  if (item.inputs.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(item.name, ": expected one value, got ", item.inputs.size()));
  }
  const std::string& value = item.inputs.front();
  // To CLI11 2.3 a '#' between quotes begins a comment, to 2.4 it does not.
  const bool cut_off = !value.empty() && (value.front() == '"' || value.front() == '\'');
  if (cut_off || value.find('#') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(item.name, ": expected a value without # and every quote closed"));
  }
  if (!values.emplace(item.name, value).second) {
    return absl::InvalidArgumentError(absl::StrCat(item.name, ": is given twice"));
  }
  return absl::OkStatus();
}

// Lines without a section's head.
absl::StatusOr<OptionFile::Values> ReadValues(const std::string& text) {
  std::vector<CLI::ConfigItem> items;
  try {
    std::istringstream stream(text);
    CLI::ConfigTOML reader;
    reader.arrayDelimiter('\x1f');  // a value with commas is the option's to split
    items = reader.from_config(stream);
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(error.what());
  }
  OptionFile::Values values;
  for (const CLI::ConfigItem& item : items) CONVOY_RETURN_IF_ERROR(Add(item, values));
  return values;
}

// What stands between the brackets of a line that begins a section. The library would
// split a layer's name at its dots.
absl::StatusOr<std::string> HeadOf(std::string_view line) {
  // A name may hold brackets, and a comment may follow.
  const size_t quote = line.find_first_of("\"'");
  const size_t end_of_name =
      quote == std::string_view::npos ? 0 : line.find(line[quote], quote + 1);
  const size_t end =
      end_of_name == std::string_view::npos ? end_of_name : line.find(']', end_of_name);
  const std::string_view rest =
      end == std::string_view::npos ? std::string_view() : Stripped(line.substr(end + 1));
  if (end == std::string_view::npos || (!rest.empty() && rest.front() != '#')) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a section [layer.NAME], got ", std::string(line)));
  }
  return std::string(Stripped(line.substr(1, end - 1)));
}

std::string_view Unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                      (text.front() == '"' || text.front() == '\'');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

absl::StatusOr<std::string> LayerOf(std::string_view head) {
  constexpr std::string_view kPrefix = "layer.";
  std::string_view name;
  if (head.substr(0, kPrefix.size()) == kPrefix) {
    name = Unquoted(Stripped(head.substr(kPrefix.size())));
  }
  if (name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("section \"", std::string(head), "\": expected [layer.NAME]"));
  }
  return std::string(name);
}

struct Block {
  std::optional<std::string> head;  // none before the first section
  std::string text;
};

absl::StatusOr<std::vector<Block>> SplitAtSections(std::istream& stream) {
  std::vector<Block> blocks(1);
  std::string line;
  while (std::getline(stream, line)) {
    const std::string_view stripped = Stripped(line);
    if (stripped.empty() || stripped.front() != '[') {
      blocks.back().text.append(line).append("\n");
      continue;
    }
    CONVOY_ASSIGN_OR_RETURN(std::string head, HeadOf(stripped));
    blocks.push_back({std::move(head), ""});
  }
  return blocks;
}

absl::Status AddSection(const Block& block, OptionFile& file) {
  CONVOY_ASSIGN_OR_RETURN(const std::string layer, LayerOf(*block.head));
  absl::StatusOr<OptionFile::Values> values = ReadValues(block.text);
  if (!values.ok()) {
    return absl::Status(values.status().code(),
                        absl::StrCat("section \"", *block.head, "\": ", values.status().message()));
  }
  if (!file.layers.emplace(layer, *std::move(values)).second) {
    return absl::InvalidArgumentError(
        absl::StrCat("section \"", *block.head, "\": is given twice"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OptionFile> ReadOptionFile(std::istream& stream) {
  CONVOY_ASSIGN_OR_RETURN(const std::vector<Block> blocks, SplitAtSections(stream));
  OptionFile file;
  CONVOY_ASSIGN_OR_RETURN(file.values, ReadValues(blocks.front().text));
  for (size_t i = 1; i < blocks.size(); ++i) CONVOY_RETURN_IF_ERROR(AddSection(blocks[i], file));
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
