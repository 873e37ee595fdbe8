// A file of options.
#ifndef CONVOY_SERVER_OPTIONS_OPTION_FILE_H_
#define CONVOY_SERVER_OPTIONS_OPTION_FILE_H_

#include <filesystem>
#include <istream>
#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace convoy {

struct OptionFile {
  // Values by key, as text.
  using Values = std::map<std::string, std::string>;

  Values values;                         // before the first section
  std::map<std::string, Values> layers;  // those of [layer.NAME], by NAME
};

// Reads lines of `key = value` (TOML or INI: values quoted or not, # comments), and the
// sections [layer.NAME]: NAME is all that follows the first dot, without the quotes
// around it, if there are.
//   INVALID_ARGUMENT  another section, one that is given twice, a key without or with
//                     several values, or a key given twice; names the section and the key.
absl::StatusOr<OptionFile> ReadOptionFile(std::istream& stream);

// The same for a file. The message names it.
//   NOT_FOUND  it cannot be opened.
absl::StatusOr<OptionFile> ReadOptionFile(const std::filesystem::path& path);

}  // namespace convoy

#endif  // CONVOY_SERVER_OPTIONS_OPTION_FILE_H_
